import type { RowOutcome } from '../row-outcome.ts';

/** What came of the rows so far. */
export interface BatchTally {
  /** Rows with an outcome. */
  readonly rows: number;
  readonly ok: number;
  readonly failed: number;
  /** Failed rows by error code. */
  readonly errors: Readonly<Record<string, number>>;
  /** Calls behind them. */
  readonly calls: number;
  /** As far as they are known. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Of the rows whose cost is known, in micro-dollars. */
  readonly costMicros: number;
  /** Rows that were answered and whose cost is unknown. */
  readonly unpriced: number;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export const NO_ROWS: BatchTally = {
  rows: 0,
  ok: 0,
  failed: 0,
  errors: {},
  calls: 0,
  inputTokens: 0,
  outputTokens: 0,
  costMicros: 0,
  unpriced: 0,
};

/** Counts outcomes. */
export class TallyCounter {
  readonly #tally: Omit<Writable<BatchTally>, 'errors'>;
  readonly #errors: Map<string, number>;

  constructor({ errors, ...before }: BatchTally = NO_ROWS) {
    this.#tally = before;
    this.#errors = new Map(Object.entries(errors));
  }

  get tally(): BatchTally {
    return { ...this.#tally, errors: Object.fromEntries(this.#errors) };
  }

  add(outcome: RowOutcome): void {
    const tally = this.#tally;
    if (outcome.status === 'cancelled') return;
    tally.rows++;
    if (outcome.status === 'ok') tally.ok++;
    else this.#fail(outcome.error.code, 1);
    tally.calls += outcome.callIds.length;
    tally.inputTokens += outcome.usage?.inputTokens ?? 0;
    tally.outputTokens += outcome.usage?.outputTokens ?? 0;
    if (outcome.costMicros !== undefined) tally.costMicros += outcome.costMicros;
    else if (outcome.callIds.length > 0) tally.unpriced++;
  }

  /** Adds what was counted elsewhere. */
  merge({ errors, failed: _failed, ...counts }: BatchTally): void {
    const tally = this.#tally;
    tally.rows += counts.rows;
    tally.ok += counts.ok;
    tally.calls += counts.calls;
    tally.inputTokens += counts.inputTokens;
    tally.outputTokens += counts.outputTokens;
    tally.costMicros += counts.costMicros;
    tally.unpriced += counts.unpriced;
    for (const [code, count] of Object.entries(errors)) this.#fail(code, count);
  }

  /** Forgets rows that failed: they are asked again. */
  forgetFailures({ errors, failed }: Pick<BatchTally, 'errors' | 'failed'>): void {
    this.#tally.rows -= failed;
    for (const [code, count] of Object.entries(errors)) this.#fail(code, -count);
  }

  #fail(code: string, count: number): void {
    this.#tally.failed += count;
    const now = (this.#errors.get(code) ?? 0) + count;
    if (now > 0) this.#errors.set(code, now);
    else this.#errors.delete(code);
  }
}
