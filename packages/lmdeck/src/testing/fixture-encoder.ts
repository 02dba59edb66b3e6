import type { Node } from 'yaml';
import { canonicalJson, chainHashes, type JsonValue, type Message, messageHash, type Part, type Sample } from '../core/index.ts';
import type { AttachmentFiles } from './attachment-files.ts';
import { type Fixture, type FixtureCall, FIXTURE_VERSION } from './fixture-call.ts';
import { FixtureNodes, type Yaml } from './fixture-nodes.ts';

const COMMENT = ` Calls of language models as they were recorded; tests replay them (lmdeck/testing). Made by a program, meant to be read and
 reviewed, and answers may be edited. To record the calls anew, run the test with LMDECK_RECORD=all.`;

type Entry = readonly [key: string, value: Node];

/**
 * A fixture as text. The same calls always give the same text.
 * @param files gets the data of large attachments, which are kept beside the file.
 */
export function encodeFixture(yaml: Yaml, { title, calls }: Fixture, files: AttachmentFiles): string {
  const encoder = new FixtureEncoder(yaml, files);
  const document = new yaml.Document();
  document.commentBefore = COMMENT;
  document.contents = encoder.encode(title, calls);
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

class FixtureEncoder {
  readonly #nodes: FixtureNodes;
  readonly #files: AttachmentFiles;

  constructor(yaml: Yaml, files: AttachmentFiles) {
    this.#nodes = new FixtureNodes(yaml);
    this.#files = files;
  }

  encode(title: string | undefined, calls: readonly FixtureCall[]): Node {
    const histories = continuations(calls);
    for (const [i, { request }] of calls.entries()) {
      for (const message of histories[i]?.messages ?? []) this.#nodes.announce(plainText(message) ?? '');
      for (const value of [request.tools, request.schema]) if (value !== undefined) this.#nodes.announce(canonicalJson(value));
    }
    const items = calls.map((call, i) => this.#call(call, histories[i] ?? { messages: call.request.messages }));
    for (const item of items.slice(1)) item.spaceBefore = true;
    return this.#nodes.map([
      ['lmdeck', this.#nodes.value(FIXTURE_VERSION)],
      ...(title === undefined ? [] : [['test', this.#nodes.text(title)] as const]),
      ['calls', this.#nodes.list(items)],
    ]);
  }

  #call(call: FixtureCall, { back, messages }: History): Node {
    const { model, endpoint, revision, request, status, samples, error, usage, resolvedModel, chunks, durationMs } = call;
    const { options, tools, toolChoice, schema, samples: count, sample, continuation } = request;
    return this.#nodes.map([
      ...this.#plain({ model, endpoint, revision, options: Object.keys(options).length === 0 ? undefined : options }),
      ...this.#sharedValue('tools', tools),
      ...this.#plain({ toolChoice }),
      ...this.#sharedValue('schema', schema),
      ...this.#plain({ samples: count, sample, continues: back }),
      ...(messages.length === 0 && back !== undefined
        ? []
        : [['messages', this.#nodes.list(messages.map((each) => this.#message(each)))] as const]),
      ...this.#plain({ continuation }),
      ...(samples.length === 1 ? samples.flatMap((each) => this.#sample(each)) : []),
      ...(samples.length > 1 || (samples.length === 0 && status === 'ok')
        ? [['answers', this.#nodes.list(samples.map((each) => this.#nodes.map(this.#sample(each))))] as const]
        : []),
      ...this.#plain({ error, left: status === 'aborted' ? true : undefined, usage, resolvedModel, chunks, durationMs }),
    ]);
  }

  #message({ role, parts, ...rest }: Message): Node {
    const text = plainText({ role, parts });
    const content = text === undefined ? this.#parts(parts) : this.#nodes.shared(role, text, () => this.#nodes.text(text));
    return this.#nodes.map([[role, content], ...this.#plain(rest)]);
  }

  #sample({ message: { parts, role, ...rest }, finish, logprobs }: Sample): Entry[] {
    const text = plainText({ role, parts });
    return [
      ['answer', text === undefined ? this.#parts(parts) : this.#nodes.text(text)],
      ...this.#plain({ ...rest, finish: finish?.reason === 'stop' && finish.raw === 'stop' ? 'stop' : finish, logprobs }),
    ];
  }

  #parts(parts: readonly Part[]): Node {
    return this.#nodes.list(parts.map((part) => this.#nodes.value(json(this.#withFiles(part)))));
  }

  /** Large data goes into files of their own. */
  #withFiles(part: Part): object {
    if (part.type === 'attachment') return this.#files.put(part);
    return part.type === 'tool-result' && part.attachments !== undefined
      ? { ...part, attachments: part.attachments.map((each) => this.#files.put(each)) }
      : part;
  }

  #sharedValue(name: string, value: unknown): Entry[] {
    return value === undefined ? [] : [[name, this.#nodes.shared(name, canonicalJson(value), () => this.#nodes.value(json(value)))]];
  }

  #plain(fields: Readonly<Record<string, unknown>>): Entry[] {
    return Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [[key, this.#nodes.value(json(value))] as const]));
  }
}

interface History {
  /** How many calls before this one is the call that it continues. */
  readonly back?: number;
  /** What is new. */
  readonly messages: readonly Message[];
}

/** For each call the nearest one before it whose messages and answer its own begin with. */
function continuations(calls: readonly FixtureCall[]): History[] {
  const ends = new Map<string, number>();
  return calls.map(({ request: { messages }, samples }, i) => {
    const hashes = chainHashes(messages);
    const [first] = samples;
    const at = hashes.findLastIndex((hash) => ends.has(hash));
    const base = ends.get(hashes[at] ?? '');
    if (first !== undefined) ends.set(messageHash(first.message, hashes.at(-1)), i);
    return base === undefined ? { messages } : { back: base - i, messages: messages.slice(at + 1) };
  });
}

/** The text of a message that is nothing but one text. */
function plainText({ parts }: Pick<Message, 'parts' | 'role'>): string | undefined {
  const [part] = parts;
  return parts.length === 1 && part?.type === 'text' && part.providerMetadata === undefined ? part.text : undefined;
}

function json(value: unknown): JsonValue {
  const copy: JsonValue = JSON.parse(JSON.stringify(value));
  return copy;
}
