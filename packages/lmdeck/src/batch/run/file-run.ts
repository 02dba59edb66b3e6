import type { OutputFile } from '../output/output-file.ts';
import { rowObject } from '../output/row-line.ts';
import type { TextHash } from '../rows/text-hash.ts';
import type { RowOutcome } from '../row-outcome.ts';
import { START, type RowSource, type SourcePosition } from '../sources/row-source.ts';
import type { Asking } from './asking.ts';
import { NO_ROWS, TallyCounter } from './batch-tally.ts';
import { drained } from './drained.ts';
import { retryFailed } from './retry-failed.ts';
import type { FinishedRow } from './row-engine.ts';
import type { Checkpoint, FailedRow, RunState } from './run-state.ts';
import type { BatchReport, WriteBatchOptions } from './write-batch-options.ts';

/** So many rows may begin before the run notes it. */
const RESERVED_ROWS = 20_000;
const CHECKPOINT_MS = 1000;

/** One process' work on a run that keeps its outcomes in a file: what begins, what is done, and how far that is noted. */
export class FileRun {
  readonly #source: RowSource;
  readonly #asking: Asking;
  readonly #state: RunState;
  readonly #file: OutputFile | undefined;
  readonly #options: WriteBatchOptions;
  readonly #counter: TallyCounter;
  readonly #before: Checkpoint | undefined;
  /** Rows below may be on the tape. */
  readonly #known: number;
  /** Rows that have begun and are not in the output, in their order. */
  readonly #open = new Map<number, SourcePosition>();
  #next: SourcePosition;
  #reserved: number;
  #complete: boolean;
  #noted = performance.now();

  constructor(
    source: RowSource,
    asking: Asking,
    state: RunState,
    file: OutputFile | undefined,
    before: Checkpoint | undefined,
    options: WriteBatchOptions,
  ) {
    const { tape, runId } = options;
    this.#source = source;
    this.#asking = asking;
    this.#state = state;
    this.#file = file;
    this.#options = options;
    this.#before = before;
    this.#counter = new TallyCounter(before?.tally ?? NO_ROWS);
    this.#next = before?.from ?? START;
    this.#reserved = before?.reserved ?? 0;
    this.#complete = before?.complete ?? false;
    const isKnown = before === undefined && tape !== undefined && tape.count({ runId, limit: 1 }) > 0;
    this.#known = isKnown ? Infinity : this.#reserved;
    source.prefix?.begin(before?.prefix);
    if (before === undefined) {
      state.reset();
      file?.cut(0);
      if (isKnown && options.maxCost !== undefined) {
        const { costMicros, priced } = tape.cost({ runId });
        asking.spent({ costMicros, calls: priced, whole: true });
      }
    } else {
      state.cut(before.begun, before.failed);
      if (before.output !== undefined) file?.cut(before.output.bytes);
      asking.spent(before.tally);
    }
  }

  async run(open: () => RowSource): Promise<BatchReport> {
    const before = this.#counter.tally;
    const failed = this.#state.failed(this.#before?.failed ?? 0);
    this.#recall(new Set(failed.map((row) => row.index)));
    if (this.#options.only !== 'failed') await this.#goOn();
    let retried = 0;
    if (failed.length > 0 && !this.#asking.stopped) {
      const { tape, runId } = this.#options;
      retried = await retryFailed(open(), failed, {
        asking: this.#asking,
        state: this.#state,
        output: this.#options.output,
        file: this.#file,
        counter: this.#counter,
        before,
        order: this.#options.order ?? 'input',
        line: (outcome) => this.#line(outcome),
        recorded: tape === undefined ? undefined : (_index, key) => tape.answerOf(runId, key),
        onOutcome: (outcome) => this.#options.onOutcome?.(outcome),
        onProgress: () => this.#tell(),
        announce: (replacement) => this.#state.write({ ...this.#checkpoint(), failed: before.failed, tally: before, replacement }),
        save: (output) => this.#state.write({ ...this.#checkpoint(), failed: this.#state.failures, output }),
      });
    }
    return { tally: this.#counter.tally, before: before.rows, retried, complete: this.#complete };
  }

  /** Asks the rows that are left. */
  async #goOn(): Promise<void> {
    const { order = 'input', tape, runId } = this.#options;
    const { begun, pending } = this.#before ?? { begun: 0, pending: [] };
    const again = new Set(pending);
    this.#save();
    const engine = this.#asking.engine({
      rows: this.#asking.rows(this.#source, this.#next, (index) => index >= begun || again.has(index)),
      order,
      recorded:
        tape === undefined || this.#known === 0 ? undefined : (index, key) => (index < this.#known ? tape.answerOf(runId, key) : undefined),
      begin: (row, { hash, idHash }) => {
        if (row.index >= begun) this.#state.addHashes(hash, idHash);
        // Not the row itself, which would keep its text.
        this.#open.set(row.index, { index: row.index, line: row.line, offset: row.offset });
        this.#next = row.next;
        if (row.index < this.#reserved) return;
        this.#reserved = row.index + RESERVED_ROWS;
        this.#save();
      },
    });
    this.#tell();
    try {
      for (let group = await engine.next(); group !== undefined; group = await engine.next()) this.#deliver(group);
      this.#complete = !this.#asking.stopped;
    } catch (error) {
      await drained(engine);
      throw error;
    } finally {
      this.#save();
    }
  }

  /** Writes outcomes; only what stands in the file counts as done. */
  #deliver(group: readonly FinishedRow[]): void {
    const isOrdered = this.#options.order !== 'completed';
    const expected = this.#open.keys();
    const start = this.#file?.bytes ?? 0;
    const failed: FailedRow[] = [];
    const written: FinishedRow[] = [];
    let text = '';
    for (const row of group) {
      const { source, outcome } = row;
      if (outcome.status === 'cancelled') {
        // What comes behind it in the order of the input is on the tape, and is written when its turn has come.
        if (isOrdered) break;
        continue;
      }
      // The rows before a cancelled one alone are in order.
      if (isOrdered && expected.next().value !== source.index) break;
      const line = this.#line(outcome);
      if (outcome.status === 'error')
        failed.push({ index: source.index, at: start + Buffer.byteLength(text), length: Buffer.byteLength(line) });
      text += line;
      written.push(row);
    }
    this.#file?.write(text);
    for (const row of failed) this.#state.addFailed(row);
    for (const { source, outcome } of written) {
      this.#open.delete(source.index);
      this.#counter.add(outcome);
      this.#options.onOutcome?.(outcome);
    }
    this.#source.prefix?.advance(this.#from().offset);
    this.#tell();
    if (performance.now() - this.#noted >= CHECKPOINT_MS) this.#save();
  }

  #line(outcome: RowOutcome): string {
    return this.#file === undefined ? '' : `${JSON.stringify(rowObject(outcome, this.#options))}\n`;
  }

  #tell(): void {
    const { bytes } = this.#source;
    this.#options.onProgress?.({
      tally: this.#counter.tally,
      before: this.#before?.tally.rows ?? 0,
      underWay: this.#asking.underWay,
      ...(bytes === undefined || bytes === 0 ? {} : { share: Math.min(1, this.#from().offset / bytes) }),
    });
  }

  /** Where the first row is that is not in the output. */
  #from(): SourcePosition {
    const first = this.#open.values().next();
    return first.done === true ? this.#next : first.value;
  }

  #checkpoint(): Checkpoint {
    const { index, line, offset } = this.#from();
    const completed = this.#options.order === 'completed';
    return {
      version: 1,
      from: { index, line, offset },
      begun: completed ? this.#next.index : index,
      pending: completed ? [...this.#open.keys()] : [],
      reserved: this.#reserved,
      source: this.#source.fingerprint?.(),
      prefix: this.#prefix(offset),
      output: this.#file?.mark(),
      failed: this.#state.failures,
      tally: this.#counter.tally,
      complete: this.#complete,
    };
  }

  /** Before anything is read, what was read before cannot be digested again. */
  #prefix(offset: number): string | undefined {
    return this.#before?.from.offset === offset ? this.#before.prefix : this.#source.prefix?.digest(offset);
  }

  #save(): void {
    this.#noted = performance.now();
    this.#state.write(this.#checkpoint());
  }

  /** Tells the reader of rows about those that were read before, so that equal ones stay separate draws. */
  #recall(failed: ReadonlySet<number>): void {
    const { begun, pending } = this.#before ?? { begun: 0, pending: [] };
    const again = new Set(pending);
    const numbers = this.#state.hashes(begun);
    for (let index = 0; index < begun; index++) {
      const hash = hashAt(numbers, index * 4);
      const idHash = hashAt(numbers, index * 4 + 2);
      this.#asking.reader.know(index, hash, idHash, again.has(index) || failed.has(index));
    }
  }
}

/** Two zeros stand for none. */
function hashAt(numbers: Uint32Array, at: number): TextHash | undefined {
  const [high, low] = [numbers[at] ?? 0, numbers[at + 1] ?? 0];
  return high === 0 && low === 0 ? undefined : { high, low };
}
