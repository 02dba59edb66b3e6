import { LmdeckError } from '../../core/index.ts';
import type { BatchRow, MalformedRow } from '../batch-row.ts';
import type { RowOutcome } from '../row-outcome.ts';
import type { ReadRow } from '../rows/row-reader.ts';
import type { SourceRow } from '../sources/row-source.ts';

/** A row whose outcome is final and safe. */
export interface FinishedRow {
  readonly source: SourceRow;
  readonly outcome: RowOutcome;
}

export interface EngineOptions {
  /** How much may be under way or not yet safe, in calls. */
  readonly concurrency: number;
  /** How many rows may have begun and not been delivered. */
  readonly window: number;
  readonly order: 'input' | 'completed';
  readonly read: (row: SourceRow) => ReadRow;
  /** Called before a row is begun, in the order of rows; what it throws ends the run. */
  readonly begin: (row: SourceRow, read: ReadRow) => void;
  /** How many calls a row takes. */
  readonly weight: (row: BatchRow) => number;
  /** Never rejects. */
  readonly ask: (row: BatchRow) => Promise<RowOutcome>;
  /** Makes what has ended safe; rejecting ends the run. */
  readonly commit: () => Promise<void> | undefined;
  /** Told every outcome as soon as it is there; what it returns ends the run after the rows under way. */
  readonly judge: (outcome: RowOutcome) => LmdeckError | undefined;
  /** How many calls may be under way now, where that is fewer than `concurrency`; it changes with outcomes alone. */
  readonly room?: () => number;
  /** Why no further row may be asked; ends the run after the rows under way. */
  readonly refuse?: () => LmdeckError | undefined;
}

/** How much of the limit may wait to be made safe: the more, the fewer commits; what waits is not under way. */
const FULL = 0.75;
/** How long an outcome waits for others to be made safe with. */
const COMMIT_MS = 4;

interface Slot {
  readonly source: SourceRow;
  readonly weight: number;
  outcome: RowOutcome | undefined;
  safe: boolean;
}

/**
 * Asks rows side by side and delivers their outcomes. Between being sent and being safe (on the tape's disk) there are never more than
 * `concurrency` calls: that is what a crash can cost. Rows begin in order; so when the process dies, the rows that may have been asked are
 * those before the last one that began.
 */
export class RowEngine {
  readonly #rows: AsyncIterator<readonly SourceRow[]>;
  readonly #options: EngineOptions;
  /** Read and not begun. */
  #batch: readonly SourceRow[] = [];
  #place = 0;
  #fetching = false;
  #exhausted = false;
  #stopped = false;
  #failure: LmdeckError | undefined;
  /** Calls that run, or whose end is not safe. */
  #load = 0;
  #begun = 0;
  #delivered = 0;
  /** In the order in which rows began; in `completed` order, only those that are done. */
  #slots: Slot[] = [];
  #unsafe: Slot[] = [];
  /** Calls of those. */
  #unsafeLoad = 0;
  #committing = false;
  #timer: NodeJS.Timeout | undefined;
  #wake: (() => void) | undefined;

  constructor(rows: AsyncIterable<readonly SourceRow[]>, options: EngineOptions) {
    this.#rows = rows[Symbol.asyncIterator]();
    this.#options = options;
  }

  /** How many rows have begun and are not delivered. */
  get underWay(): number {
    return this.#begun - this.#delivered;
  }

  /** Begins no further row; those under way come to their end. */
  stop(failure?: LmdeckError): void {
    this.#stopped = true;
    this.#failure ??= failure;
    this.#wake?.();
  }

  /** The outcomes that are there, at least one; `undefined` at the end. @throws LmdeckError what ended the run, after all outcomes. */
  async next(): Promise<readonly FinishedRow[] | undefined> {
    for (;;) {
      const ready = this.#take();
      if (ready.length > 0) {
        this.#pump();
        return ready;
      }
      this.#pump();
      if (this.#isOver()) break;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        if (this.#hasReady() || this.#isOver()) resolve();
      });
      this.#wake = undefined;
    }
    clearTimeout(this.#timer);
    await this.#rows.return?.();
    if (this.#failure !== undefined) throw this.#failure;
    return undefined;
  }

  #isOver(): boolean {
    if (this.underWay > 0 || this.#fetching) return false;
    return this.#stopped || (this.#exhausted && this.#place >= this.#batch.length);
  }

  #hasReady(): boolean {
    return this.#options.order === 'completed' ? this.#slots.length > 0 : this.#slots[0]?.safe === true;
  }

  #take(): FinishedRow[] {
    let count = 0;
    while (this.#slots[count]?.safe === true) count++;
    if (count === 0) return [];
    const taken = this.#slots.splice(0, count);
    this.#delivered += count;
    return taken.flatMap(({ source, outcome }) => (outcome === undefined ? [] : [{ source, outcome }]));
  }

  #pump(): void {
    const { window } = this.#options;
    while (!this.#stopped && this.#load < this.#limit && this.underWay < window) {
      const row = this.#batch[this.#place];
      if (row === undefined) return this.#fetch();
      if (!this.#begin(row)) return;
    }
  }

  get #limit(): number {
    const { concurrency, room } = this.#options;
    // Where there is no room at all, the next row says why.
    return Math.max(1, Math.min(concurrency, room?.() ?? Infinity));
  }

  /** False when the row has to wait for others to end. */
  #begin(source: SourceRow): boolean {
    const { begin, read, weight } = this.#options;
    try {
      const known = this.#waiting?.source === source ? this.#waiting.read : read(source);
      const { row } = known;
      const calls = 'error' in row ? 0 : weight(row);
      const refused = calls === 0 ? undefined : this.#options.refuse?.();
      if (refused !== undefined) {
        this.stop(refused);
        return false;
      }
      // A row that is heavier than the limit runs alone.
      if (this.#load > 0 && this.#load + calls > this.#limit) {
        this.#waiting = { source, read: known };
        return false;
      }
      this.#waiting = undefined;
      begin(source, known);
      this.#place++;
      this.#begun++;
      const slot: Slot = { source, weight: calls, outcome: undefined, safe: false };
      if (this.#options.order === 'input') this.#slots.push(slot);
      if ('error' in row) this.#settle(slot, malformedOutcome(row));
      else {
        this.#load += calls;
        void this.#options.ask(row).then((outcome) => this.#ended(slot, outcome));
      }
      return true;
    } catch (error) {
      this.stop(LmdeckError.from(error));
      return false;
    }
  }

  #waiting: { readonly source: SourceRow; readonly read: ReadRow } | undefined;

  #fetch(): void {
    if (this.#fetching || this.#exhausted) return;
    this.#fetching = true;
    this.#rows.next().then(
      (next) => {
        this.#fetching = false;
        this.#place = 0;
        this.#batch = next.done === true ? [] : next.value;
        this.#exhausted = next.done === true;
        this.#pump();
        this.#wake?.();
      },
      (error: unknown) => {
        this.#fetching = false;
        this.#exhausted = true;
        this.#batch = [];
        this.stop(LmdeckError.from(error));
      },
    );
  }

  #ended(slot: Slot, outcome: RowOutcome): void {
    slot.outcome = outcome;
    this.#judge(outcome);
    // What was on the tape before is safe, and what was cancelled is nothing.
    if (outcome.recorded === true || outcome.status === 'cancelled') {
      this.#load -= slot.weight;
      this.#settle(slot, outcome);
      return this.#pump();
    }
    this.#unsafe.push(slot);
    this.#unsafeLoad += slot.weight;
    // When everything under way has ended, there is nothing to wait for.
    if (this.#unsafeLoad >= this.#options.concurrency * FULL || this.#unsafeLoad === this.#load) this.#commit();
    else this.#timer ??= setTimeout(this.#onTimer, COMMIT_MS);
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    this.#commit();
  };

  #commit(): void {
    if (this.#committing || this.#unsafe.length === 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const slots = this.#unsafe;
    this.#unsafe = [];
    this.#unsafeLoad = 0;
    const wait = this.#options.commit();
    if (wait === undefined) return this.#safe(slots);
    this.#committing = true;
    wait.then(
      () => {
        this.#committing = false;
        this.#safe(slots);
        if (this.#unsafe.length > 0) this.#commit();
      },
      (error: unknown) => {
        this.#committing = false;
        this.#stopped = true;
        this.#failure ??= LmdeckError.from(error);
        // They are not safe: nobody may rely on them, so they are not delivered.
        for (const slot of slots) {
          this.#load -= slot.weight;
          if (slot.outcome !== undefined) this.#settle(slot, cancelled(slot.outcome));
        }
        this.#commit();
        this.#wake?.();
      },
    );
  }

  #safe(slots: readonly Slot[]): void {
    for (const slot of slots) {
      this.#load -= slot.weight;
      if (slot.outcome !== undefined) this.#settle(slot, slot.outcome);
    }
    this.#pump();
    this.#wake?.();
  }

  #settle(slot: Slot, outcome: RowOutcome): void {
    if (slot.outcome === undefined) this.#judge(outcome);
    slot.outcome = outcome;
    slot.safe = true;
    if (this.#options.order === 'completed') this.#slots.push(slot);
    if (this.#hasReady()) this.#wake?.();
  }

  #judge(outcome: RowOutcome): void {
    const verdict = this.#options.judge(outcome);
    if (verdict !== undefined) this.stop(verdict);
  }
}

function malformedOutcome({ index, id, place, error }: MalformedRow): RowOutcome {
  return { index, id, place, callIds: [], attempts: 0, status: 'error', error };
}

function cancelled({ index, id, place, callIds, attempts }: RowOutcome): RowOutcome {
  return { index, id, place, callIds, attempts, status: 'cancelled' };
}
