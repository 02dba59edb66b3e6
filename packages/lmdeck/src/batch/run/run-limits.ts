import { LmdeckError, type ErrorCode } from '../../core/index.ts';
import type { RowOutcome } from '../row-outcome.ts';
import type { BatchTally } from './batch-tally.ts';

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

/** Sums of amounts that are no binary fractions fall short of what they are. */
const ROUNDING = 1e-6;

/** What a run has cost in earlier processes. */
export interface SpentBefore extends Pick<BatchTally, 'costMicros' | 'calls'> {
  /** All calls of the run are in it. */
  readonly whole?: boolean;
}

/** Watches outcomes and says when it is enough. */
export class LimitWatch {
  readonly #limits: RunLimits;
  readonly #concurrency: number;
  readonly #isWhole: boolean;
  #failed = 0;
  #streak = 0;
  #costMicros: number;
  /** Calls whose cost is known. */
  #priced: number;
  /** Rows of which it is not. */
  #unpriced = 0;

  /** @param before what the run has asked before; what is found on the tape is paid for besides, unless it is `whole`. */
  constructor(limits: RunLimits, concurrency: number, before: SpentBefore = { costMicros: 0, calls: 0 }) {
    this.#isWhole = before.whole === true;
    this.#limits = limits;
    this.#concurrency = concurrency;
    this.#costMicros = before.costMicros;
    this.#priced = before.costMicros === 0 ? 0 : before.calls;
  }

  judge(outcome: RowOutcome): LmdeckError | undefined {
    if (outcome.costMicros === undefined) this.#unpriced++;
    else if (outcome.recorded !== true || !this.#isWhole) {
      this.#costMicros += outcome.costMicros;
      this.#priced += outcome.callIds.length;
    }
    if (outcome.status === 'ok') this.#streak = 0;
    return outcome.status === 'error' ? this.#tooMany(outcome.error) : undefined;
  }

  /** How many calls may be under way together, so that what they cost is within the limit if they cost what others did. */
  get room(): number {
    const { maxCost } = this.#limits;
    if (maxCost === undefined) return Infinity;
    // Nobody knows what a call costs before one has come to its end. Those that bring no cost must not hold all others up.
    if (this.#priced === 0) return 1 + this.#unpriced;
    const each = this.#costMicros / this.#priced;
    return each === 0 ? Infinity : Math.floor((maxCost * 1e6 - this.#costMicros) / each + ROUNDING);
  }

  /** Why no further call may begin; `undefined` when one may. */
  tooDear(): LmdeckError | undefined {
    if (this.room >= 1) return undefined;
    return new LmdeckError(
      'config',
      `Stopped: the run has cost $${(this.#costMicros / 1e6).toFixed(4)}, and with one call more would pass $${this.#limits.maxCost} (--max-cost). Go on with a higher limit.`,
    );
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
}
