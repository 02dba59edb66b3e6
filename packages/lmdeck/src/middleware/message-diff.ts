import { isJsonObject, type JsonValue, type Message, type Part, sha256 } from '../core/index.ts';
import { alignMessages, type MessagePair, type MessagePlace } from './align-messages.ts';
import { jsonDiff } from './json-diff.ts';
import { type DiffStyle, textDiff } from './text-diff.ts';

/**
 * Where two histories differ, message by message; empty when they do not. Messages are told by their number in the asked one, or in the
 * recorded one where only that has them.
 */
export function messagesDiff(recorded: readonly Message[], asked: readonly Message[], style: DiffStyle, maxChars: number): string[] {
  const blocks: string[] = [];
  let length = 0;
  let same = 0;
  for (const pair of alignMessages(recorded, asked)) {
    const block = pairDiff(pair, style, maxChars);
    if (block === undefined) {
      same++;
      continue;
    }
    if (length < maxChars) blocks.push(block);
    else if (blocks.at(-1) !== MORE) blocks.push(MORE);
    length += block.length;
  }
  if (blocks.length > 0 && same > 0)
    blocks.push(same === 1 ? 'The other message is the same.' : `The other ${same} messages are the same.`);
  return blocks;
}

const MORE = '… (more messages differ)';

/** `undefined` for equal messages. */
function pairDiff({ before, after }: MessagePair, style: DiffStyle, maxChars: number): string | undefined {
  const [was, is] = [readable(before?.message), readable(after?.message)];
  if (after === undefined) return `${named(before)} was recorded and not asked: ${textDiff(was, '', style)}`;
  if (before === undefined) return `${named(after)} is asked and not recorded: ${textDiff('', is, style)}`;
  const rest = jsonDiff(withoutText(before.message), withoutText(after.message), style);
  if (was === is && rest.length === 0) return undefined;
  const text = was === is ? 'the text is the same.' : textDiff(was, is, style, maxChars);
  return [`${named(after)}: ${text}`, ...rest.map((line) => `  ${line}`)].join('\n');
}

function named(place: MessagePlace | undefined): string {
  return place === undefined ? '' : `message ${place.number} (${place.message.role})`;
}

/** A message as people read it: what each part says, one below the other. */
function readable(message: Message | undefined): string {
  return (message?.parts ?? []).map(partText).join('\n');
}

function partText(part: Part): string {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return part.text;
    case 'reasoning':
      return `(reasoning) ${part.text}`;
    case 'tool-call':
      return `${part.name}(${part.arguments})`;
    case 'tool-result':
      return part.output;
    case 'tokens':
      return part.ids.join(' ');
    default:
      return `[${part.mediaType}${part.name === undefined ? '' : ` ${part.name}`}]`;
  }
}

/** Everything of a message that {@link readable} does not show, in a form in which differences can be told: data by its digest. */
function withoutText(message: Message): JsonValue {
  const { parts, ...rest } = message;
  return asJson({
    ...rest,
    parts: parts.map((part) => {
      switch (part.type) {
        case 'text':
        case 'refusal':
        case 'reasoning':
          return { ...part, text: undefined };
        case 'tool-call':
          return { ...part, name: undefined, arguments: undefined };
        case 'tool-result':
          return { ...part, output: undefined };
        case 'tokens':
          return { ...part, ids: undefined };
        default:
          return part;
      }
    }),
  });
}

function asJson(value: unknown): JsonValue {
  const copy: JsonValue = JSON.parse(JSON.stringify(value));
  return digested(copy);
}

function digested(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(digested);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each = null]) => [
      key,
      key === 'data' && typeof each === 'string' ? `sha256 ${sha256(each).slice(0, 12)}` : digested(each),
    ]),
  );
}
