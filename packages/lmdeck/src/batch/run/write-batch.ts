import { mkdirSync, realpathSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { LmdeckError, type LanguageModel } from '../../core/index.ts';
import { OutputFile } from '../output/output-file.ts';
import { rowObject, type LineOptions } from '../output/row-line.ts';
import type { TextHash } from '../rows/text-hash.ts';
import type { RowOutcome } from '../row-outcome.ts';
import { isSame } from '../sources/file-blocks.ts';
import { START, type RowSource, type SourcePosition } from '../sources/row-source.ts';
import { Asking } from './asking.ts';
import type { BatchOptions } from './batch-options.ts';
import { NO_ROWS, TallyCounter, type BatchTally } from './batch-tally.ts';
import { retryFailed } from './retry-failed.ts';
import type { FinishedRow } from './row-engine.ts';
import { RunState, type Checkpoint } from './run-state.ts';

/** How a batch is run whose outcomes are kept in a file. */
export interface WriteBatchOptions extends BatchOptions, LineOptions {
  /** The run; the same id goes on with it. */
  readonly runId: string;
  /** Where the run keeps how far it has come; its own. */
  readonly folder: string;
  /** One line of JSON for each row. Absent: the outcomes are on the tape only. */
  readonly output?: string | undefined;
  /** Replaces an output that the run did not write. */
  readonly overwrite?: boolean | undefined;
  /** `failed`: asks only rows that failed before. Default: the rows that are left, then those. */
  readonly only?: 'failed' | undefined;
  readonly onOutcome?: ((outcome: RowOutcome) => void) | undefined;
  readonly onProgress?: ((progress: BatchProgress) => void) | undefined;
  /** Told what is out of the ordinary: that the source changed, that rows are matched anew. */
  readonly onNote?: ((note: string) => void) | undefined;
}

/** How far a run has come. */
export interface BatchProgress {
  readonly tally: BatchTally;
  /** Rows that were done before. */
  readonly before: number;
  readonly underWay: number;
  /** Share of the source that was read, 0 to 1; absent where that cannot be told. */
  readonly share?: number;
}

/** What a run came to. */
export interface BatchReport {
  readonly tally: BatchTally;
  /** Rows that were done before. */
  readonly before: number;
  /** Rows that had failed before and were asked again. */
  readonly retried: number;
  /** True when every row of the source has an outcome. */
  readonly complete: boolean;
}

/** So many rows may begin before the run notes it. */
const RESERVED_ROWS = 20_000;
const CHECKPOINT_MS = 1000;

/**
 * Asks a model about every row of a source and writes a line of JSON for each. Whatever ends the process, the next one with the same
 * `runId`, `folder` and `output` goes on: rows that are done are passed over without being read, those that were under way are found on the
 * tape, and rows that failed are asked again.
 *
 * @param open opens the source; called again to read rows that failed.
 * @throws LmdeckError like {@link runBatch}; `usage` when the output is not this run's, or is the source itself. What was answered is kept.
 *
 * @example
 * ```ts
 * import { languageModel, mock } from 'lmdeck';
 * import { openSource, writeBatch } from 'lmdeck/batch';
 * import { record } from 'lmdeck/middleware';
 * import { openTape } from 'lmdeck/tape';
 * import { writeFileSync } from 'node:fs';
 *
 * writeFileSync('rows.jsonl', '{"text": "cat"}\n{"text": "dog"}\n');
 * await using tape = openTape('tape.db');
 * const model = languageModel(mock({ outputs: ['ok'] }), record(tape));
 * const run = { runId: 'pets', folder: 'runs/pets', output: 'out.jsonl', tape };
 * const report = await writeBatch(() => openSource('rows.jsonl'), model, run);
 * console.log(report.tally.ok, report.complete); // 2 true
 * ```
 */
export async function writeBatch(
  open: () => RowSource,
  model: LanguageModel | undefined,
  options: WriteBatchOptions,
): Promise<BatchReport> {
  const source = open();
  const { output } = options;
  if (output !== undefined) refuseSame(source, output);
  const asking = await Asking.open(source, model, options);
  const state = new RunState(options.folder);
  let file: OutputFile | undefined;
  try {
    const before = state.read();
    if (output !== undefined) file = openOutput(output, before, options);
    const checkpoint = before === undefined || !state.covers(before) ? undefined : await usable(before, source, file, options);
    if (checkpoint === undefined && options.only === 'failed')
      throw new LmdeckError(
        'usage',
        'The failed rows cannot be told any more: source or output have changed. Run the whole batch again, which asks them too.',
      );
    const run = new BatchRun(source, asking, state, file, checkpoint, options);
    return await run.run(open);
  } finally {
    file?.close();
    state.close();
  }
}

/** One process' work on a run. */
class BatchRun {
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
    } else {
      state.cut(before.begun, before.failed);
      if (before.output !== undefined) file?.cut(before.output.bytes);
      asking.spent(before.tally.costMicros);
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
    try {
      for (let group = await engine.next(); group !== undefined; group = await engine.next()) this.#deliver(group);
      this.#complete = !this.#asking.stopped;
    } finally {
      this.#save();
    }
  }

  #deliver(group: readonly FinishedRow[]): void {
    let text = '';
    const start = this.#file?.bytes ?? 0;
    for (const { source, outcome } of group) {
      if (outcome.status === 'cancelled') {
        // What comes behind it in the order of the input is on the tape, and is written when its turn has come.
        if (this.#options.order !== 'completed') break;
        continue;
      }
      // The rows before a cancelled one alone are in order.
      if (this.#options.order !== 'completed' && this.#open.keys().next().value !== source.index) break;
      const line = this.#line(outcome);
      if (outcome.status === 'error')
        this.#state.addFailed({ index: source.index, at: start + Buffer.byteLength(text), length: Buffer.byteLength(line) });
      text += line;
      this.#open.delete(source.index);
      this.#counter.add(outcome);
      this.#options.onOutcome?.(outcome);
    }
    this.#file?.write(text);
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

/** The checkpoint, when source and output are what they were. */
async function usable(
  before: Checkpoint,
  source: RowSource,
  file: OutputFile | undefined,
  { onNote }: WriteBatchOptions,
): Promise<Checkpoint | undefined> {
  const { prefix, output, from } = before;
  if (output === undefined ? file !== undefined : file?.has(output) !== true) {
    onNote?.('The end of the output is not there: it is written anew from the tape.');
    return undefined;
  }
  const now = source.fingerprint?.();
  if (now === undefined || before.source === undefined) return undefined;
  if (isSame(now, before.source)) return before;
  if (prefix !== undefined && (await source.prefix?.matches(from.offset, prefix)) === true) return { ...before, complete: false };
  onNote?.(`${source.name} has changed: its rows are looked up one by one, and only those are asked that ask something new.`);
  return undefined;
}

function openOutput(path: string, before: Checkpoint | undefined, { overwrite }: WriteBatchOptions): OutputFile {
  if (overwrite === true && before === undefined) rmSync(path, { force: true });
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch {
    // Opening it says more.
  }
  if (before?.output === undefined) return OutputFile.create(path);
  const file = OutputFile.open(path);
  const { output, replacement } = before;
  if (file.bytes === 0 || file.has(output) || file.isTorn(output) || overwrite === true) return file;
  if (replacement !== undefined && file.has(replacement)) return file;
  file.close();
  throw new LmdeckError(
    'usage',
    `${path} is not what the run has written there: somebody changed it. Move it away, or have it written anew from the tape with --overwrite.`,
  );
}

function refuseSame({ path }: RowSource, output: string): void {
  if (path === undefined) return;
  try {
    if (realpathSync(path) !== realpathSync(output)) return;
  } catch {
    // The output is not there yet.
    return;
  }
  throw new LmdeckError('usage', `${output} is the file that the rows are read from. Name another output.`);
}
