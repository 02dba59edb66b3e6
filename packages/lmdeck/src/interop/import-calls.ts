import { setImmediate } from 'node:timers/promises';
import { chainHashes, LmdeckError, requestKey, type CallStart, type Model } from '../core/index.ts';
import type { Tape } from '../tape/index.ts';
import type { CallFormat, ForeignCall, ReadOptions } from './call-format.ts';
import { callFormats, formatNamed } from './call-formats.ts';
import { openSource, type ImportSource } from './import-source.ts';

/** How to import. */
export interface ImportOptions {
  /** Name of the format. Default: told from the file's content. */
  readonly format?: string | undefined;
  /** Further formats, looked at before the built-in ones. */
  readonly formats?: readonly CallFormat[] | undefined;
  /** Reads and counts, but writes nothing; a row that the file has twice is counted twice. */
  readonly dryRun?: boolean | undefined;
  /** Zone of times that name none: an IANA name or an offset. Default: UTC. */
  readonly timeZone?: string | undefined;
  /** Model of calls that do not say which one answered. Default: `unknown`. */
  readonly model?: string | undefined;
  /** Puts the calls into one run. */
  readonly runId?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called for every row that could not be imported. */
  readonly onFailure?: ((failure: ImportFailure) => void) | undefined;
  /** Called now and then. */
  readonly onProgress?: ((progress: ImportProgress) => void) | undefined;
}

/** A row that is no call. */
export interface ImportFailure {
  /** `line 12`, `LLMCalls row 7`. */
  readonly where: string;
  readonly reason: string;
}

/** How far an import has come. */
export interface ImportProgress {
  /** Rows read. */
  readonly rows: number;
  /** The share of the file that was read, 0 to 1, where it can be told. */
  readonly fraction?: number;
}

/** What an import did. Sums are those of the calls that are new. */
export interface ImportReport {
  /** Name of the format. */
  readonly format: string;
  /** Calls that are new on the tape. */
  readonly calls: number;
  /** Calls that were on the tape already. */
  readonly skipped: number;
  /** Rows that are no calls: the first hundred; `onFailure` hears of all. */
  readonly failed: readonly ImportFailure[];
  readonly failedCount: number;
  /** What else the file holds and is no call. */
  readonly ignored: readonly { readonly what: string; readonly count: number }[];
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Of the new calls whose cost is known; absent when it is known of none. */
  readonly costUsd?: number;
}

/** Rows that are looked up and committed together. */
const BATCH = 400;

const MAX_FAILURES = 100;

/**
 * Puts the calls of a file onto a tape: of TapeAgents, of another tape, or of lmdeck's own JSONL; gzip or not. A call keeps its time, model,
 * tokens and cost. Importing a file again adds only what is new in it. Rows go one after the other, so any file takes the same memory; a row
 * that is no call is left out and reported.
 *
 * @throws LmdeckError `usage` when no format knows the file; `config` when it cannot be read; `tape` when the tape cannot be written;
 * `aborted`. What came before stays on the tape.
 *
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs';
 * import { importCalls } from 'lmdeck/interop';
 * import { openTape } from 'lmdeck/tape';
 *
 * const call = {
 *   lmdeck: 1,
 *   id: '01jf0000000000000000000000',
 *   startedAt: Date.UTC(2024, 11, 12),
 *   status: 'ok',
 *   model: 'gpt-4o',
 *   request: { messages: [{ role: 'user', parts: [{ type: 'text', text: 'Capital of France?' }] }], options: {} },
 *   samples: [{ message: { role: 'assistant', parts: [{ type: 'text', text: 'Paris' }] }, finish: { reason: 'stop' } }],
 * };
 * writeFileSync('calls.jsonl', `${JSON.stringify(call)}\n`);
 *
 * await using tape = openTape(':memory:');
 * const { calls, skipped } = await importCalls(tape, 'calls.jsonl');
 * console.log(calls, skipped, tape.calls()[0]?.model); // 1 0 gpt-4o
 * ```
 */
export async function importCalls(tape: Tape, path: string, options: ImportOptions = {}): Promise<ImportReport> {
  using source = await openSource(path, options.signal);
  const formats = [...(options.formats ?? []), ...callFormats];
  const format = options.format === undefined ? sniffed(source, formats) : formatNamed(options.format, formats, 'read');
  // Awaited here: the source is closed when this function is left.
  return await new Import(tape, source, format, options).run();
}

function sniffed(source: ImportSource, formats: readonly CallFormat[]): CallFormat {
  const found = formats.find((format) => format.read !== undefined && format.sniff?.(source) === true);
  if (found !== undefined) return found;
  const tables = source.database?.tables;
  const looks =
    tables === undefined
      ? source.firstLine === ''
        ? 'Its first line is empty'
        : `It begins with ${JSON.stringify(source.firstLine.slice(0, 40))}`
      : `It is an SQLite file with the tables ${[...tables.keys()].slice(0, 8).join(', ') || '(none)'}`;
  const names = formats.filter((format) => format.read !== undefined).map((format) => format.name);
  throw new LmdeckError(
    'usage',
    `No format knows ${source.path}. ${looks}. Name one of ${names.join(', ')} with --format (format) to try it.`,
  );
}

interface Waiting {
  readonly where: string;
  readonly call: ForeignCall;
}

class Import {
  readonly #tape: Tape;
  readonly #source: ImportSource;
  readonly #format: CallFormat;
  readonly #options: ImportOptions;
  readonly #failures: ImportFailure[] = [];
  readonly #ignored = new Map<string, number>();
  #batch: Waiting[] = [];
  #rows = 0;
  #calls = 0;
  #skipped = 0;
  #failed = 0;
  #inputTokens = 0;
  #outputTokens = 0;
  #costMicros: number | undefined;

  constructor(tape: Tape, source: ImportSource, format: CallFormat, options: ImportOptions) {
    this.#tape = tape;
    this.#source = source;
    this.#format = format;
    this.#options = options;
  }

  async run(): Promise<ImportReport> {
    const { model = 'unknown', timeZone = 'UTC', signal } = this.#options;
    const ignore = (what: string, count: number): void => void this.#ignored.set(what, (this.#ignored.get(what) ?? 0) + count);
    const readOptions: ReadOptions = { model, timeZone, ignore };
    for await (const row of this.#format.read?.(this.#source, readOptions) ?? []) {
      this.#rows++;
      if (row.call === undefined) this.#fail(row.where, row.problem);
      else this.#batch.push(row);
      if (this.#batch.length >= BATCH) {
        await this.#write();
        // Reading a database never waits by itself: Ctrl-C must get its turn.
        await setImmediate();
      }
      if (signal?.aborted === true) break;
    }
    await this.#write();
    if (signal?.aborted === true) throw this.#aborted(signal);
    return {
      format: this.#format.name,
      calls: this.#calls,
      skipped: this.#skipped,
      failed: this.#failures,
      failedCount: this.#failed,
      ignored: Array.from(this.#ignored, ([what, count]) => ({ what, count })),
      inputTokens: this.#inputTokens,
      outputTokens: this.#outputTokens,
      ...(this.#costMicros === undefined ? {} : { costUsd: this.#costMicros / 1e6 }),
    };
  }

  async #write(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    const known = new Set(this.#tape.known(batch.map(({ call }) => call.start.id)));
    const written: Waiting[] = [];
    for (const row of batch) {
      if (known.has(row.call.start.id)) this.#skipped++;
      else if (this.#start(row)) {
        // The same row can stand in the file twice.
        known.add(row.call.start.id);
        written.push(row);
      }
    }
    if (this.#options.dryRun !== true && written.length > 0) await this.#settle(written);
    else for (const { call } of written) this.#count(call);
    const total = this.#source.database === undefined ? { fraction: this.#source.fraction } : {};
    this.#options.onProgress?.({ rows: this.#rows, ...total });
  }

  /** Hands a call to the tape; false when it is not what it says. */
  #start({ where, call }: Waiting): boolean {
    let start: CallStart;
    try {
      start = complete(call, this.#options.runId);
    } catch (error) {
      this.#fail(where, error instanceof Error ? error.message : String(error));
      return false;
    }
    if (this.#options.dryRun === true) return true;
    this.#tape.start(start);
    if (call.end !== undefined) this.#tape.finish(start.id, call.end);
    else if (call.partial !== undefined) this.#tape.checkpoint(start.id, call.partial);
    return true;
  }

  async #settle(written: readonly Waiting[]): Promise<void> {
    let there: ReadonlySet<string> | undefined;
    try {
      await this.#tape.flush();
    } catch (error) {
      // One call that cannot be kept does not hold up the others, unless none can be.
      there = this.#tape.known(written.map(({ call }) => call.start.id));
      if (there.size === 0) throw error;
    }
    for (const { where, call } of written) {
      if (there !== undefined && !there.has(call.start.id)) {
        this.#fail(where, 'the tape cannot keep it');
        continue;
      }
      this.#count(call);
      if (call.tags !== undefined) this.#tape.tag(call.start.id, call.tags);
    }
  }

  #count({ end }: ForeignCall): void {
    this.#calls++;
    this.#inputTokens += end?.usage?.inputTokens ?? 0;
    this.#outputTokens += end?.usage?.outputTokens ?? 0;
    if (end?.costMicros !== undefined) this.#costMicros = (this.#costMicros ?? 0) + end.costMicros;
  }

  #fail(where: string, reason: string): void {
    const failure = { where, reason };
    this.#failed++;
    if (this.#failures.length < MAX_FAILURES) this.#failures.push(failure);
    this.#options.onFailure?.(failure);
  }

  #aborted(signal: AbortSignal): LmdeckError {
    const { message } = LmdeckError.from(signal.reason, 'aborted');
    const left =
      this.#calls === 0 ? '' : ` ${this.#calls} calls of ${this.#source.path} are on the tape; importing it again goes on behind them.`;
    return new LmdeckError('aborted', `${message}${left}`, { cause: signal.reason });
  }
}

/** Rows lie on a tape by 1024 times their time, which must be a whole number. */
const MAX_TIME = Number.MAX_SAFE_INTEGER / 1024 - 1;

/** The call with what is derived from it. */
function complete({ start, requestKey: promised }: ForeignCall, runId: string | undefined): CallStart {
  if (!(start.startedAt >= 0 && start.startedAt < MAX_TIME)) throw new Error(`its time ${start.startedAt} is out of range`);
  const model: Pick<Model, 'id' | 'endpoint' | 'revision'> = {
    id: start.model,
    ...(start.endpoint === undefined ? {} : { endpoint: start.endpoint }),
    ...(start.revision === undefined ? {} : { revision: start.revision }),
  };
  const messageHashes = chainHashes(start.request.messages);
  const key = requestKey(model, start.request, messageHashes.at(-1));
  if (promised !== undefined && promised !== key)
    throw new Error(`its request was changed: it has the key ${key}, but says ${promised}. Take requestKey out if that is meant`);
  return { ...start, messageHashes, requestKey: key, ...(runId === undefined ? {} : { runId }) };
}
