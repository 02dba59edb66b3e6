import { closeSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { isJsonObject, LmdeckError, type BatchJob, type ErrorInfo } from '../../core/index.ts';

/** A part of a run: the rows of one job. */
export interface PartPlan {
  readonly part: number;
  /** Requests in it. */
  readonly rows: number;
  /** Of the provider's lines, a line feed after each. */
  readonly bytes: number;
  /** Estimated. */
  readonly tokens: number;
  /** Times that these rows are asked with this one, from 1. */
  readonly attempt: number;
  /** The provider's queue had no room for it: it waits until other jobs are done. */
  readonly crowded?: boolean;
  /** Rows with a final error are in it too: somebody wanted them asked again. */
  readonly failedToo?: true;
  /** The part whose missing rows these are. */
  readonly of?: number;
}

/** What a run is. */
export interface RunHead {
  readonly type: 'run';
  readonly version: 1;
  readonly run: string;
  readonly model: string;
  readonly provider: string;
  readonly endpoint: string;
  /** Where the rows came from, for people. */
  readonly source?: string;
  /** Tokens of all jobs that wait or run, together. */
  readonly maxEnqueuedTokens?: number;
  readonly at: number;
}

/** One thing that happened to a run. Each is on disk before what follows from it is done. */
export type JournalRecord =
  | RunHead
  | ({ readonly type: 'part' } & PartPlan)
  /** All rows of the source are in parts. `digest` tells runs of the same rows. */
  | { readonly type: 'prepared'; readonly rows: number; readonly refused: number; readonly digest: string }
  /** A job is being handed in: from here on there may be one. */
  | { readonly type: 'submitting'; readonly part: number; readonly account?: string; readonly at: number }
  /** The rows of the job that is being handed in are at the provider, under this name. */
  | { readonly type: 'uploaded'; readonly part: number; readonly file: string }
  | { readonly type: 'submitted'; readonly part: number; readonly job: string; readonly createdAt: number; readonly adopted?: true }
  /** There is no job: nothing was handed in, or the provider refused it. */
  | { readonly type: 'refused'; readonly part: number; readonly error: ErrorInfo }
  | {
      readonly type: 'state';
      readonly part: number;
      readonly state: BatchJob['state'];
      readonly rawState: string;
      readonly counts?: BatchJob['counts'];
    }
  /** All that a job brought is on the tape, and what it did not bring is planned anew, if it is to be asked again. */
  | FetchedRecord
  /** A job that was gone is there again. */
  | { readonly type: 'found'; readonly part: number }
  /** Nothing more is to be handed in. */
  | { readonly type: 'cancelled'; readonly at: number };

export interface FetchedRecord {
  readonly type: 'fetched';
  readonly part: number;
  readonly ok: number;
  readonly failed: number;
  /** Rows without an answer or a final error. */
  readonly missing: number;
  /** Those of them whose turn had not come when the job, or the time for the row, ran out. */
  readonly expired?: number;
  /** Their keys, where the job as a whole did not expire and nobody asks them again. */
  readonly expiredKeys?: readonly string[];
  /** Why the job as a whole failed. */
  readonly error?: ErrorInfo;
  /** The provider does not know the job, or its results, any more: what it answered is lost, unless it is found again. */
  readonly gone?: 'job' | 'results';
  readonly retry?: PartPlan;
}

/**
 * What happened to a run, in order: a file of its own beside the tape, because every line must be safe before money is spent, which the
 * tape, made for calls and their group commits, does not promise. Lines are only added; one that a crash cut off is dropped, and nothing
 * that it would have announced was done.
 */
export class Journal implements Disposable {
  readonly path: string;
  readonly #file: number;

  /** @throws LmdeckError `config` when it cannot be opened. */
  constructor(path: string) {
    this.path = path;
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      this.#file = openSync(path, 'a+', 0o600);
      const bytes = readFileSync(path);
      const whole = bytes.lastIndexOf(10) + 1;
      if (whole < bytes.length) ftruncateSync(this.#file, whole);
    } catch (error) {
      throw unwritable(path, error);
    }
  }

  /** On disk when it returns. @throws LmdeckError `config` when it is not. */
  add(record: JournalRecord): void {
    const line = Buffer.from(`${JSON.stringify(record)}\n`);
    try {
      for (let done = 0; done < line.length;) done += writeSync(this.#file, line, done);
      fsyncSync(this.#file);
    } catch (error) {
      throw unwritable(this.path, error);
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}

/** The records of a journal. @throws LmdeckError `config` when it cannot be read or was written by a newer lmdeck. */
export function readJournal(path: string): readonly JournalRecord[] {
  const text = read(path);
  const records: JournalRecord[] = [];
  for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
    if (line === '') continue;
    const value = parsed(line);
    if (!isRecord(value))
      throw new LmdeckError('config', `${path}, line ${records.length + 1}: this is no record of a batch run, the file is damaged.`);
    if (value.type === 'run' && value.version !== 1)
      throw new LmdeckError('config', `${path} was written by a newer lmdeck. Use that one.`);
    records.push(value);
  }
  return records;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new LmdeckError('config', `Cannot read ${path}: ${LmdeckError.from(error).message}`, { cause: error });
  }
}

function isRecord(value: unknown): value is JournalRecord {
  return isJsonObject(value) && typeof value['type'] === 'string';
}

function unwritable(path: string, error: unknown): LmdeckError {
  return new LmdeckError('config', `Cannot write ${path}: ${LmdeckError.from(error).message}`, { cause: error });
}
