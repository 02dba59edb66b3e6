import { LmdeckError, type ErrorCode } from '../../core/index.ts';
import type { RowOutcome } from '../row-outcome.ts';

/** When a run gives up. */
export interface RunLimits {
  /** More failed rows than this end the run. */
  readonly maxErrors?: number | undefined;
  /** Dollars; the run ends before it costs more, as far as can be told beforehand. */
  readonly maxCost?: number | undefined;
}

/** Errors that say more about the endpoint than about the row. */
const COMMON: ReadonlySet<ErrorCode> = new Set([
  'network',
  'authentication',
  'permission',
  'missing-key',
  'not-found',
  'unknown-model',
  'tape',
]);
/** So many rows in a row that fail like this end the run: the others would too. */
const STREAK = 100;

/** Watches outcomes and says when it is enough. */
export class LimitWatch {
  readonly #limits: RunLimits;
  readonly #concurrency: number;
  #failed = 0;
  #streak = 0;
  #costMicros: number;
  #priced = 0;
  #spent = 0;

  /** @param costMicros of what the run has asked before. */
  constructor(limits: RunLimits, concurrency: number, costMicros = 0) {
    this.#limits = limits;
    this.#concurrency = concurrency;
    this.#costMicros = costMicros;
  }

  judge(outcome: RowOutcome): LmdeckError | undefined {
    if (outcome.costMicros !== undefined && outcome.recorded !== true) {
      this.#costMicros += outcome.costMicros;
      this.#spent += outcome.costMicros;
      this.#priced++;
    }
    if (outcome.status === 'ok') this.#streak = 0;
    return this.#tooDear() ?? (outcome.status === 'error' ? this.#tooMany(outcome.error) : undefined);
  }

  #tooMany({ code, message }: { readonly code: ErrorCode; readonly message: string }): LmdeckError | undefined {
    const { maxErrors } = this.#limits;
    if (++this.#failed > (maxErrors ?? Infinity))
      return new LmdeckError(
        code,
        `Stopped: ${this.#failed} ${this.#failed === 1 ? 'row' : 'rows'} failed, and ${maxErrors} may (--max-errors). The last one: ${message}`,
      );
    this.#streak = COMMON.has(code) ? this.#streak + 1 : 0;
    if (maxErrors !== undefined || this.#streak < Math.max(STREAK, this.#concurrency)) return undefined;
    return new LmdeckError(
      code,
      `Stopped: ${this.#streak} rows failed one after the other as the others would: ${message} ` +
        'Nothing is lost: run the same command again, which asks the failed rows too; --max-errors sets another limit.',
    );
  }

  #tooDear(): LmdeckError | undefined {
    const { maxCost } = this.#limits;
    if (maxCost === undefined) return undefined;
    // What is under way costs about what its like did.
    const expected = this.#priced === 0 ? 0 : (this.#spent / this.#priced) * this.#concurrency;
    if (this.#costMicros + expected < maxCost * 1e6) return undefined;
    return new LmdeckError(
      'config',
      `Stopped: the run has cost $${(this.#costMicros / 1e6).toFixed(4)}, and with the rows under way would reach $${maxCost} (--max-cost). Go on with a higher limit.`,
    );
  }
}
