import type { JsonValue, Message, ModelRequest } from '../../core/index.ts';
import { CHAT_OPTIONS } from './chat-options.ts';
import type { EncodingTarget } from './encode-chat-request.ts';

/** What is the same in all requests to one model. */
interface Frame {
  readonly head: string;
  readonly tail: string;
  readonly streamTail: string;
  /** The beginning of an option's field in the body, by the option's name. */
  readonly fields: ReadonlyMap<string, string>;
}

/** Options with an influence on other fields, or that need others. */
const special: ReadonlySet<string> = new Set(['extraBody', 'parallelToolCalls', 'suffix', 'topLogprobs']);

const frames = new WeakMap<EncodingTarget, Frame>();

/**
 * The body of the most frequent kind of request, nothing but texts and simple options, written down without an object in between;
 * `undefined` for any other, and for one that the endpoint does not take. The same text as `JSON.stringify` would make.
 */
export function encodePlainRequest(request: ModelRequest, target: EncodingTarget, stream: boolean): string | undefined {
  if (request.tools !== undefined || request.schema !== undefined || request.samples !== undefined || target.extraBody !== undefined)
    return undefined;
  let frame = frames.get(target);
  if (frame === undefined) frames.set(target, (frame = frameOf(target)));
  let body = frame.head;
  for (let i = 0; i < request.messages.length; i++) {
    const text = plainText(request.messages[i]);
    if (text === undefined) return undefined;
    body += `${i === 0 ? '' : ','}{"role":"${request.messages[i]?.role}","content":${JSON.stringify(text)}}`;
  }
  body += ']';
  for (const name in request.options) {
    const value = request.options[name];
    if (value === undefined) continue;
    const field = frame.fields.get(name);
    if (field === undefined) return undefined;
    body += field + jsonText(value);
  }
  return body + (stream ? frame.streamTail : frame.tail);
}

/** The text of a message that has one text and nothing else. */
function plainText(message: Message | undefined): string | undefined {
  if (message === undefined || message.parts.length !== 1 || message.name !== undefined || message.providerMetadata !== undefined)
    return undefined;
  const { role } = message;
  if (role !== 'user' && role !== 'system' && role !== 'assistant') return undefined;
  const part = message.parts[0];
  return part?.type === 'text' && part.providerMetadata === undefined ? part.text : undefined;
}

function jsonText(value: JsonValue): string {
  return typeof value === 'number' && Number.isFinite(value) ? `${value}` : JSON.stringify(value);
}

function frameOf({ model, refuses = [], maxTokensField }: EncodingTarget): Frame {
  const fields = new Map<string, string>();
  for (const [name, { wire }] of Object.entries(CHAT_OPTIONS)) {
    if (special.has(name) || refuses.includes(wire)) continue;
    fields.set(name, `,"${name === 'maxTokens' ? (maxTokensField ?? wire) : wire}":`);
  }
  const usage = refuses.includes('stream_options') ? '' : ',"stream_options":{"include_usage":true}';
  return { head: `{"model":${JSON.stringify(model)},"messages":[`, tail: '}', streamTail: `${usage},"stream":true}`, fields };
}
