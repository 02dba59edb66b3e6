import type { ErrorInfo, StoredCall } from '../../core/index.ts';

/** What a step did so far. */
export interface StepReport {
  readonly name: string;
  readonly rowsIn: number;
  readonly rowsOut: number;
  /** Rows that went no further because something failed. */
  readonly failed: number;
  /** The first of them: position among the rows that came in, from 0, and what was wrong. */
  readonly errors: readonly { readonly row: number; readonly error: ErrorInfo }[];
  /** Calls that were made now, and those whose answers the run had on the tape. */
  readonly calls: number;
  readonly recorded: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Micro-dollars of the calls that were made now; `undefined` when the price of one of them is unknown. */
  readonly costMicros: number | undefined;
}

/** Where a step runs. */
export interface StepContext {
  /** Tells the calls of this run. */
  readonly runId: string;
  readonly signal: AbortSignal | undefined;
  /** What the run has on the tape for a request. */
  readonly recorded: ((requestKey: string) => StoredCall | undefined) | undefined;
  readonly tally: StepTally;
}

/** One stage of a pipeline: rows in, rows out, as they come. */
export interface Step<In, Out> {
  readonly name: string;
  run(rows: AsyncIterable<In>, context: StepContext): AsyncIterable<Out>;
}

/** So many errors are kept for the report. */
const KEPT_ERRORS = 20;

type Numbers = { -readonly [K in keyof StepReport]: StepReport[K] };

/** Counts for a {@link StepReport}. */
export class StepTally {
  readonly #report: Numbers & { errors: { row: number; error: ErrorInfo }[] };

  constructor(name: string) {
    this.#report = {
      name,
      rowsIn: 0,
      rowsOut: 0,
      failed: 0,
      errors: [],
      calls: 0,
      recorded: 0,
      inputTokens: 0,
      outputTokens: 0,
      costMicros: 0,
    };
  }

  report(): StepReport {
    return { ...this.#report, errors: [...this.#report.errors] };
  }

  failed(row: number, error: ErrorInfo): void {
    this.#report.failed++;
    if (this.#report.errors.length < KEPT_ERRORS) this.#report.errors.push({ row, error });
  }

  /** Calls that were made, or found on the tape. */
  asked(
    calls: number,
    recorded: boolean,
    tokens: { readonly inputTokens?: number; readonly outputTokens?: number },
    costMicros?: number,
  ): void {
    const report = this.#report;
    if (recorded) {
      report.recorded += calls;
      return;
    }
    report.calls += calls;
    report.inputTokens += tokens.inputTokens ?? 0;
    report.outputTokens += tokens.outputTokens ?? 0;
    report.costMicros = report.costMicros === undefined || costMicros === undefined ? undefined : report.costMicros + costMicros;
  }

  async *counted<R>(rows: AsyncIterable<R>, side: 'rowsIn' | 'rowsOut'): AsyncIterable<R> {
    for await (const row of rows) {
      this.#report[side]++;
      yield row;
    }
  }
}
