import { rmSync } from 'node:fs';
import {
  atExit,
  type CallEnd,
  type CallFeed,
  type CallStart,
  type CallStore,
  type ClosestCalls,
  type ClosestOptions,
  chainHashes,
  decodeChunks,
  encodeChunks,
  type EndedCall,
  messageText,
  type ModelRequest,
  type RecordedAnswer,
  requestKey,
  type StoredCall,
} from '../core/index.ts';
import { closestCalls } from '../tape/index.ts';
import type { FixtureCall } from './fixture-call.ts';
import { readFixture, writeFixture } from './fixture-file.ts';
import type { Yaml } from './fixture-nodes.ts';
import { inOrderOf } from './fixture-order.ts';
import { type Scrubber, scrubbed, scrubber, secretsIn, withoutNamedSecrets } from './secrets.ts';

export interface FixtureOptions {
  /** Whose calls they are; written into the file for its readers. */
  readonly title?: string | undefined;
  /** False begins anew: what the file has is not found, and is replaced when the calls are written. Default: true. */
  readonly keep?: boolean | undefined;
  /** Keeps how long answers took, so that they can be replayed with their timing. Default: false, because it differs at each recording. */
  readonly timing?: boolean | undefined;
  /** Values that must not get into the file, besides those of environment variables named like `…_KEY`, `…_TOKEN`, `…_SECRET`. */
  readonly secrets?: Iterable<string> | undefined;
}

/** A call of a fixture that nobody asked for. */
export interface UnusedCall {
  /** `#3` for the third one. */
  readonly id: string;
  readonly model: string;
  /** The beginning of its last message. */
  readonly prompt: string;
}

/** Calls in a YAML file that people can read, review and change. */
export interface FixtureStore extends CallStore, AsyncDisposable {
  readonly path: string;
  /** How many calls it has. */
  readonly size: number;
  /** Calls that were in the file and that nobody asked for since it was opened. */
  unused(): readonly UnusedCall[];
  /** Takes out of a request what is not written into the file: to be given to `replay` as its `normalize`. */
  normalize(this: void, request: ModelRequest): ModelRequest;
  /** Writes the file, when calls were recorded since it was read; at the end of the process it is written by itself. @throws LmdeckError `config` */
  flush(): Promise<void>;
  /** Gives up what was recorded since the file was read: the file stays as it is. */
  discard(): void;
  /** Writes the file as `flush` does. */
  close(): Promise<void>;
}

/**
 * A store of calls in a YAML file: readable, the same text for the same calls, without times, ids and secrets, so that it can live in git.
 * Kept of a call is what was asked and what was answered: messages, options, tools, all samples, reasoning, tool calls, log-probabilities,
 * pieces, errors, attachments (large ones in files beside it). Read when it is opened, written as a whole by `flush`, `close`, or the end of
 * the process. One process writes one file.
 *
 * @throws LmdeckError `config` for a file that is no fixture, with the line and what is expected there.
 *
 * @example
 * ```ts
 * import { mkdtempSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { languageModel, mock, replay } from 'lmdeck';
 * import { fixtureStore } from 'lmdeck/testing';
 *
 * const path = join(mkdtempSync(join(tmpdir(), 'fixture-')), 'capitals.yaml');
 * const ask = async (model = mock({ outputs: ['Paris'] })) => {
 *   await using store = await fixtureStore(path);
 *   return await languageModel(model, replay(store, { on: 'record' })).prompt('Capital of France?').text();
 * };
 * console.log(await ask()); // Paris
 * console.log(await ask(mock({ outputs: [] }))); // Paris
 * ```
 */
export async function fixtureStore(path: string, options: FixtureOptions = {}): Promise<FixtureStore> {
  return new FileStore(await import('yaml'), path, options);
}

/** A call in the store. */
interface Entry {
  readonly seq: number;
  readonly call: FixtureCall;
  readonly requestKey: string;
  readonly promptHash: string | undefined;
  /** False for a call that was recorded since the file was read. */
  readonly isOld: boolean;
  isUsed: boolean;
}

class FileStore implements FixtureStore {
  readonly path: string;
  readonly #yaml: Yaml;
  readonly #options: FixtureOptions;
  readonly #scrub: Scrubber;
  /** Request keys in the order of the file. */
  readonly #order: readonly string[];
  /** By number, in the order in which the calls started. */
  readonly #entries = new Map<number, Entry>();
  /** In the order in which they ended. */
  readonly #ended: Entry[] = [];
  /** Those that ended well, by request key. */
  readonly #ok = new Map<string, Entry[]>();
  readonly #open = new Map<string, { readonly seq: number; readonly start: CallStart }>();
  #lastSeq = 0;
  #isChanged = false;
  #isDiscarded = false;
  #forgetExit: (() => void) | undefined;

  constructor(yaml: Yaml, path: string, options: FixtureOptions) {
    this.path = path;
    this.#yaml = yaml;
    this.#options = options;
    this.#scrub = scrubber([...secretsIn(process.env), ...(options.secrets ?? [])]);
    const calls = readFixture(yaml, path)?.calls ?? [];
    this.#order = calls.map(keyOf);
    if (options.keep !== false) for (const call of calls) this.#add(++this.#lastSeq, call, true);
  }

  get size(): number {
    return this.#entries.size;
  }

  readonly normalize = (request: ModelRequest): ModelRequest => {
    const options = withoutNamedSecrets(request.options);
    return scrubbed(options === request.options ? request : { ...request, options }, this.#scrub);
  };

  start(start: CallStart): void {
    this.#open.set(start.id, { seq: ++this.#lastSeq, start });
  }

  /** What a crash leaves of an answer is no fixture. */
  checkpoint(): void {}

  finish(id: string, end: CallEnd): void {
    const open = this.#open.get(id);
    if (open === undefined) return;
    this.#open.delete(id);
    this.#add(open.seq, this.#callOf(open.start, end), false);
    this.#isChanged = true;
    if (!this.#isDiscarded) this.#forgetExit ??= atExit(() => this.#write());
  }

  find(key: string, which: 'newest' | 'oldest' = 'newest'): RecordedAnswer | undefined {
    const entries = this.#ok.get(key)?.sort(bySeq);
    const entry = which === 'oldest' ? entries?.[0] : entries?.at(-1);
    return entry === undefined ? undefined : this.#use(entry);
  }

  closest(request: ModelRequest, options?: ClosestOptions): ClosestCalls {
    const newestFirst = [...this.#entries.values()].sort(bySeq).toReversed();
    return closestCalls(newestFirst.map(storedCall), this.normalize(request), options);
  }

  /** All calls of a fixture belong to one run. */
  feed(): CallFeed {
    let next = 0;
    const ended = this.#ended;
    return {
      *read() {
        while (next < ended.length) {
          const entry = ended[next++];
          if (entry !== undefined) yield endedCall(entry);
        }
      },
      call: (seq) => {
        const entry = this.#entries.get(seq);
        return entry === undefined ? undefined : this.#use(entry);
      },
    };
  }

  unused(): UnusedCall[] {
    return [...this.#entries.values()].flatMap(({ seq, call, isOld, isUsed }) => {
      if (!isOld || isUsed) return [];
      const last = call.request.messages.at(-1);
      return [{ id: idOf(seq), model: call.model, prompt: last === undefined ? '' : messageText(last).slice(0, 80).toWellFormed() }];
    });
  }

  async flush(): Promise<void> {
    this.#write();
  }

  discard(): void {
    this.#isDiscarded = true;
    this.#forgetExit?.();
  }

  async close(): Promise<void> {
    this.#write();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #add(seq: number, call: FixtureCall, isOld: boolean): void {
    const promptHash = chainHashes(call.request.messages).at(-1);
    const entry = { seq, call, requestKey: keyOf(call), promptHash, isOld, isUsed: false };
    this.#entries.set(seq, entry);
    this.#ended.push(entry);
    if (call.status !== 'ok') return;
    const equal = this.#ok.get(entry.requestKey);
    if (equal === undefined) this.#ok.set(entry.requestKey, [entry]);
    else equal.push(entry);
  }

  #use(entry: Entry): StoredCall {
    entry.isUsed = true;
    return storedCall(entry);
  }

  #callOf(start: CallStart, end: CallEnd): FixtureCall {
    const { endpoint, revision } = start;
    const { status, samples, error, usage, resolvedModel, chunks, durationMs } = end;
    const timing = this.#options.timing === true;
    const call: FixtureCall = {
      model: start.model,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(revision === undefined ? {} : { revision }),
      request: this.normalize(start.request),
      status,
      samples: scrubbed(samples, this.#scrub),
      ...(error === undefined || status === 'aborted' ? {} : { error: scrubbed(error, this.#scrub) }),
      ...(usage === undefined ? {} : { usage }),
      ...(resolvedModel === undefined ? {} : { resolvedModel }),
      ...(chunks === undefined ? {} : { chunks: timing ? chunks : withoutWaits(chunks) }),
      ...(timing && durationMs !== undefined ? { durationMs } : {}),
    };
    return call;
  }

  #write(): void {
    this.#forgetExit?.();
    this.#forgetExit = undefined;
    if (this.#isDiscarded) return;
    const begunAnew = this.#options.keep === false && this.#order.length > 0;
    if (!this.#isChanged && !begunAnew) return;
    const entries = inOrderOf([...this.#entries.values()].sort(bySeq), this.#order, (entry) => entry.requestKey);
    if (entries.length === 0) rmSync(this.path, { force: true });
    else writeFixture(this.#yaml, this.path, { title: this.#options.title, calls: entries.map(({ call }) => call) });
    this.#isChanged = false;
  }
}

function keyOf({ model, endpoint, revision, request }: FixtureCall): string {
  return requestKey(
    { id: model, ...(endpoint === undefined ? {} : { endpoint }), ...(revision === undefined ? {} : { revision }) },
    request,
  );
}

function bySeq(a: Entry, b: Entry): number {
  return a.seq - b.seq;
}

function idOf(seq: number): string {
  return `#${seq}`;
}

function storedCall({ seq, call, requestKey: key }: Entry): StoredCall {
  return { ...call, id: idOf(seq), startedAt: 0, requestKey: key, stream: call.chunks !== undefined };
}

function endedCall({ seq, call, requestKey: key, promptHash }: Entry): EndedCall {
  return { ...call, seq, requestKey: key, promptHash };
}

/** How an answer was cut is a matter of the provider; how long each piece took is another one each time. */
function withoutWaits(chunks: string): string {
  return encodeChunks((decodeChunks(chunks) ?? []).map((chunk) => ({ ...chunk, waitMs: 0 })));
}
