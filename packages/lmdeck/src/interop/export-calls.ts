import { closeSync, openSync, writeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { LmdeckError, type CallStatus, type StoredCall } from '../core/index.ts';
import type { CallFilter, Tape } from '../tape/index.ts';
import type { CallFormat, WriteContext } from './call-format.ts';
import { callFormats, formatNamed } from './call-formats.ts';
import type { ImportFailure } from './import-calls.ts';
import { writeWhole } from './output-file.ts';

/** How to export, and which calls. */
export interface ExportOptions {
  /** Name of the format, or one of one's own. Default: `lmdeck`. */
  readonly format?: string | CallFormat | undefined;
  /** Which calls; all when absent. Formats that hold answers alone take those that ended `ok`, unless a status is named here. Oldest first. */
  readonly filter?: CallFilter | undefined;
  /** A further condition, asked call by call. */
  readonly where?: ((call: StoredCall) => boolean) | undefined;
  /** Replaces a file that is there. Default: false. */
  readonly overwrite?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called for every call that could not be written. */
  readonly onFailure?: ((failure: ImportFailure) => void) | undefined;
  /** Called now and then with how many calls were read. */
  readonly onProgress?: ((calls: number) => void) | undefined;
}

/** What an export did. */
export interface ExportReport {
  readonly format: string;
  /** Calls that were read. */
  readonly calls: number;
  /** Lines that were written; absent for files that are no text. */
  readonly lines?: number;
  /** Calls that could not be written: the first hundred; `onFailure` hears of all. */
  readonly failed: readonly ImportFailure[];
  readonly failedCount: number;
  /** Calls of a kind that has no place in the format, by kind. */
  readonly passedOver: readonly { readonly what: string; readonly count: number }[];
}

/** Takes text; a promise makes the export wait. */
export type TextSink = (text: string) => void | Promise<void>;

const MAX_FAILURES = 100;

/** Text that is gathered before it is written. */
const CHUNK_CHARS = 1 << 16;

/** After so many calls progress is told, and others get their turn: a tape is read without waiting. */
const PAUSE_CALLS = 256;

/**
 * Writes calls of a tape into a file (compressed when its name ends in `.gz`) or hands the text on piece by piece. A file appears when it is
 * complete and not before. Calls go one after the other, so a tape of any length takes the same memory.
 *
 * @throws LmdeckError `usage` for an unknown format, or a file that exists; `config` when it cannot be written; `aborted`, then nothing was written.
 *
 * @example
 * ```ts
 * import { languageModel, mock } from 'lmdeck';
 * import { record } from 'lmdeck/middleware';
 * import { exportCalls, importCalls } from 'lmdeck/interop';
 * import { openTape } from 'lmdeck/tape';
 *
 * await using tape = openTape(':memory:');
 * await languageModel(mock({ outputs: ['Paris'] }), record(tape)).prompt('Capital of France?').text();
 * await exportCalls(tape, 'calls.jsonl.gz', { overwrite: true });
 *
 * await using copy = openTape(':memory:');
 * console.log((await importCalls(copy, 'calls.jsonl.gz')).calls); // 1
 * ```
 */
export async function exportCalls(tape: Tape, target: string | TextSink, options: ExportOptions = {}): Promise<ExportReport> {
  const { format: named = 'lmdeck' } = options;
  const format = typeof named === 'string' ? formatNamed(named, callFormats, 'write') : named;
  const run = new Export(tape, format, options);
  if (typeof target !== 'string') await run.toSink(target);
  else await writeWhole(target, options.overwrite === true, (temporary) => run.toFile(temporary, target));
  return run.report();
}

class Export {
  readonly #tape: Tape;
  readonly #format: CallFormat;
  readonly #options: ExportOptions;
  readonly #failures: ImportFailure[] = [];
  readonly #passedOver = new Map<string, number>();
  readonly #context: WriteContext;
  #failed = 0;
  #calls = 0;
  #lines: number | undefined;

  constructor(tape: Tape, format: CallFormat, options: ExportOptions) {
    this.#tape = tape;
    this.#format = format;
    this.#options = options;
    this.#context = {
      signal: options.signal,
      leaveOut: (where, reason) => {
        const failure = { where, reason };
        this.#failed++;
        if (this.#failures.length < MAX_FAILURES) this.#failures.push(failure);
        options.onFailure?.(failure);
      },
      passOver: (kind) => void this.#passedOver.set(kind, (this.#passedOver.get(kind) ?? 0) + 1),
    };
  }

  /** @param name the file's later name, which tells whether it is compressed. */
  async toFile(path: string, name: string): Promise<void> {
    if (this.#format.writeFile !== undefined) {
      await this.#format.writeFile(this.#selected(), path, this.#context);
      return this.#throwIfAborted();
    }
    const file = openSync(path, 'w', 0o600);
    try {
      if (name.endsWith('.gz')) await this.#compressed(file);
      else await this.toSink((text) => writeAll(file, text));
    } finally {
      closeSync(file);
    }
  }

  async toSink(sink: TextSink): Promise<void> {
    const { writeText } = this.#format;
    if (writeText === undefined) {
      throw new LmdeckError('usage', `The format ${this.#format.name} is a file and no text: name the file to be written.`);
    }
    let gathered = '';
    this.#lines = 0;
    for await (const line of writeText(this.#selected(), this.#context)) {
      this.#lines++;
      gathered += line;
      if (gathered.length < CHUNK_CHARS) continue;
      await sink(gathered);
      gathered = '';
      await setImmediate();
      this.#throwIfAborted();
    }
    this.#throwIfAborted();
    if (gathered !== '') await sink(gathered);
  }

  report(): ExportReport {
    return {
      format: this.#format.name,
      calls: this.#calls,
      ...(this.#lines === undefined ? {} : { lines: this.#lines }),
      failed: this.#failures,
      failedCount: this.#failed,
      passedOver: Array.from(this.#passedOver, ([what, count]) => ({ what, count })),
    };
  }

  async #compressed(file: number): Promise<void> {
    const gzip = process.getBuiltinModule('node:zlib').createGzip();
    gzip.on('data', (chunk: Uint8Array) => writeAll(file, chunk));
    const ended = new Promise<void>((resolve, reject) => {
      gzip.on('end', resolve);
      gzip.on('error', reject);
    });
    await this.toSink((text) => (gzip.write(text) ? undefined : new Promise((resolve) => gzip.once('drain', () => resolve()))));
    gzip.end();
    await ended;
  }

  async *#selected(): AsyncGenerator<StoredCall, undefined> {
    const { filter = {}, where, signal, onProgress } = this.#options;
    // A condition that is asked here must be asked before counting.
    const { limit = Infinity, ...rest } = filter;
    const status: { readonly status?: CallStatus } = this.#format.okOnly === false || filter.status !== undefined ? {} : { status: 'ok' };
    const calls = this.#tape.iterate({
      order: 'oldest',
      ...rest,
      ...status,
      ...(where === undefined && limit !== Infinity ? { limit } : {}),
    });
    for (const call of calls) {
      if (signal?.aborted === true || this.#calls >= limit) return undefined;
      if (where !== undefined && !where(call)) continue;
      this.#calls++;
      yield call;
      if (this.#calls % PAUSE_CALLS !== 0) continue;
      onProgress?.(this.#calls);
      await setImmediate();
    }
    return undefined;
  }

  #throwIfAborted(): void {
    const { signal } = this.#options;
    if (signal?.aborted === true) throw LmdeckError.from(signal.reason, 'aborted');
  }
}

function writeAll(file: number, data: string | Uint8Array): void {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
}
