import type { BatchPlan, BatchWork } from '../../batch/index.ts';
import { LmdeckError } from '../../core/index.ts';
import type { DeckOptions } from '../../deck/index.ts';
import type { ParsedOptions } from '../args/parsed-options.ts';

/** Nobody waits for a single row: patience costs less than a failed one. */
const RETRIES = 5;
/** As long as the providers' longest limits (a day's) take to be free again. */
const PATIENCE_MS = 24 * 3_600_000;

/** How a run is worked on, by the command line and the file. @throws LmdeckError `usage` */
export function workOf(options: ParsedOptions, plan: BatchPlan = {}): BatchWork {
  return {
    concurrency: options.integer('concurrency', 1) ?? plan.concurrency,
    window: options.integer('window', 1) ?? plan.window,
    retries: options.integer('retries') ?? plan.retries,
    cache: options.flag('cache') || plan.cache === true,
    maxErrors: options.integer('maxErrors') ?? plan.maxErrors,
    maxCost: dollarsOf(options.text('maxCost')) ?? plan.maxCost,
  };
}

/** How to open the deck for a run. A batch waits as long as the server says: a row that fails instead would only be asked later. */
export function batchDeck(options: ParsedOptions, { retries = RETRIES, cache }: BatchWork = {}): DeckOptions {
  const tape = options.text('database');
  // Without the record there would be nothing to go on with.
  return {
    log: true,
    mappedTape: false,
    maxHoldMs: PATIENCE_MS,
    retry: { retries, maxRetryAfterMs: PATIENCE_MS },
    cache: cache === true,
    ...(tape === undefined ? {} : { tape }),
  };
}

function dollarsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text.replace(/^\$/, ''));
  if (text.trim() === '' || !(value >= 0)) throw new LmdeckError('usage', `--max-cost takes dollars, such as 2.50, not "${text}".`);
  return value;
}
