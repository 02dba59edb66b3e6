import { closeSync, openSync, readSync, renameSync, rmSync } from 'node:fs';
import type { StoredCall } from '../../core/index.ts';
import { OutputFile, type OutputMark } from '../output/output-file.ts';
import { partOf } from '../output/part-of.ts';
import type { RowOutcome } from '../row-outcome.ts';
import { START, type RowSource } from '../sources/row-source.ts';
import type { Asking } from './asking.ts';
import { TallyCounter, type BatchTally } from './batch-tally.ts';
import { drained } from './drained.ts';
import type { FailedRow, RunState } from './run-state.ts';

/** What asking failed rows again needs of a run. */
export interface RetryContext {
  readonly asking: Asking;
  readonly state: RunState;
  readonly output: string | undefined;
  readonly file: OutputFile | undefined;
  readonly counter: TallyCounter;
  /** What had failed before this process. */
  readonly before: BatchTally;
  readonly order: 'input' | 'completed';
  readonly line: (outcome: RowOutcome) => string;
  readonly recorded: ((index: number, requestKey: string) => StoredCall | undefined) | undefined;
  readonly onOutcome: (outcome: RowOutcome) => void;
  readonly onProgress: () => void;
  /** Notes that the output is about to be replaced by one that ends so. */
  readonly announce: (replacement: OutputMark) => void;
  /** Notes the new state; `output` is how the new file ends. */
  readonly save: (output: OutputMark | undefined) => void;
}

/**
 * Asks rows again that failed in an earlier process, and puts their new lines where the old ones were. The new output is written beside the
 * old one and takes its place when all rows are asked: until then nothing has changed, and what was answered is found on the tape.
 * @returns how many rows were asked; 0 when the run was stopped before the end.
 */
export async function retryFailed(source: RowSource, rows: readonly FailedRow[], context: RetryContext): Promise<number> {
  const { asking, state, output, counter, before, order } = context;
  const part = output === undefined ? undefined : partOf(output);
  const merged = part === undefined || output === undefined ? undefined : new MergedOutput(output, part);
  const retried = new Set(rows.map((row) => row.index));
  const kept: FailedRow[] = [];
  const all = state.failed(state.failures).sort((a, b) => a.at - b.at);
  const others = all.filter((row) => !retried.has(row.index));
  const places = new Map(rows.map((row) => [row.index, row]));
  const again = new TallyCounter();
  try {
    if (merged !== undefined && order === 'completed') {
      for (const row of all) {
        if (retried.has(row.index)) merged.skipTo(row);
        else kept.push({ ...row, at: merged.keep(row) });
      }
      merged.rest();
    }
    const engine = asking.engine({
      rows: source.read(START, (index) => retried.has(index)),
      begin: () => undefined,
      order: 'input',
      recorded: context.recorded,
    });
    try {
      for (let group = await engine.next(); group !== undefined; group = await engine.next()) {
        for (const { outcome } of group) {
          const place = places.get(outcome.index);
          if (outcome.status === 'cancelled' || place === undefined) return 0;
          const line = context.line(outcome);
          if (merged !== undefined && order === 'input') {
            for (let next = others[0]; next !== undefined && next.at < place.at; next = others[0]) {
              others.shift();
              kept.push({ ...next, at: merged.keep(next) });
            }
            merged.skipTo(place);
          }
          const at = merged?.write(line) ?? 0;
          if (outcome.status === 'error') kept.push({ index: outcome.index, at, length: Buffer.byteLength(line) });
          again.add(outcome);
          context.onOutcome(outcome);
          context.onProgress();
        }
      }
    } catch (error) {
      await drained(engine);
      throw error;
    }
    if (asking.stopped || again.tally.rows < rows.length) return 0;
    if (merged !== undefined && order === 'input') {
      for (const next of others) kept.push({ ...next, at: merged.keep(next) });
      merged.rest();
    }
    if (merged === undefined) kept.push(...others);
    counter.forgetFailures(before);
    counter.merge(again.tally);
    const mark = merged?.finish();
    if (mark !== undefined) context.announce(mark);
    merged?.replace();
    state.replaceFailed(kept);
    context.save(mark);
    return rows.length;
  } finally {
    merged?.close();
  }
}

/** An output that is made of an old one, some of whose lines are replaced. */
class MergedOutput {
  readonly #path: string;
  readonly #part: string;
  readonly #old: number;
  readonly #file: OutputFile;
  /** How much of the old one has been copied or passed over. */
  #at = 0;

  constructor(path: string, part: string) {
    rmSync(part, { force: true });
    this.#path = path;
    this.#part = part;
    this.#old = openSync(path, 'r');
    this.#file = OutputFile.create(part);
  }

  /** Copies up to a line and passes it over. */
  skipTo({ at, length }: FailedRow): void {
    this.#copy(at);
    this.#at = at + length;
  }

  /** Copies up to the end of a line. @returns where it stands now. */
  keep({ at, length }: FailedRow): number {
    this.#copy(at);
    const now = this.#file.bytes;
    this.#copy(at + length);
    return now;
  }

  /** @returns where the line stands. */
  write(line: string): number {
    const at = this.#file.bytes;
    this.#file.write(line);
    return at;
  }

  rest(): void {
    this.#copy(Infinity);
  }

  /** Puts it on the disk. */
  finish(): OutputMark {
    this.#file.sync();
    return this.#file.mark();
  }

  replace(): void {
    renameSync(this.#part, this.#path);
  }

  close(): void {
    this.#file.close();
    closeSync(this.#old);
    rmSync(this.#part, { force: true });
  }

  #copy(end: number): void {
    const buffer = Buffer.allocUnsafe(1 << 18);
    while (this.#at < end) {
      const length = readSync(this.#old, buffer, 0, Math.min(buffer.length, end - this.#at), this.#at);
      if (length === 0) return;
      this.#file.writeBytes(buffer.subarray(0, length));
      this.#at += length;
    }
  }
}
