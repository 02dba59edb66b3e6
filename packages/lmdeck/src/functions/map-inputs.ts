import { drawCounter } from '../batch/index.ts';
import { inOrder, LmdeckError, type Job } from '../core/index.ts';
import type { Tape } from '../tape/index.ts';
import type { FunctionOptions } from './function-options.ts';
import type { FunctionOutcome, FunctionResult } from './function-outcome.ts';

type Outcome = FunctionOutcome<unknown, unknown>;

/** How many inputs are asked for side by side when nobody says. */
const CONCURRENCY = 8;

/** How many inputs are asked. */
export interface MapOptions extends FunctionOptions {
  /** How many at a time. Default: 8. */
  readonly concurrency?: number | undefined;
  /** The tape that the model records on: with a `runId`, what the run has asked before is not asked again. */
  readonly tape?: Pick<Tape, 'answerOf'> | undefined;
}

/**
 * An outcome for every input, in their order. `run` is asked for one result; it gets a signal that also the reader's leaving ends, and how many like it
 * came before, for draws of their own.
 */
export async function* mapInputs(
  inputs: Iterable<unknown> | AsyncIterable<unknown>,
  run: (input: unknown, asking: { readonly signal: AbortSignal; readonly sample: number }) => Promise<FunctionResult<unknown>>,
  options: Pick<MapOptions, 'signal' | 'sample' | 'concurrency'>,
): AsyncGenerator<Outcome, void, undefined> {
  const { concurrency = CONCURRENCY, sample = 0 } = options;
  if (!Number.isInteger(concurrency) || concurrency < 1)
    throw new LmdeckError('usage', `concurrency must be a whole number from 1 up, not ${concurrency}.`);
  const left = new AbortController();
  const signal = options.signal === undefined ? left.signal : AbortSignal.any([options.signal, left.signal]);
  const drawn = drawCounter();
  async function* jobs(): AsyncGenerator<Job<Outcome>, void, undefined> {
    let index = 0;
    for await (const input of inputs) {
      const place = { index: index++, input };
      const asking = { signal, sample: sample + drawn(JSON.stringify(input) ?? '') };
      yield { weight: 1, run: () => outcome(place, () => run(input, asking), signal) };
    }
  }
  try {
    yield* inOrder(jobs(), concurrency);
  } finally {
    left.abort(new LmdeckError('aborted', 'The reader of the outcomes left.'));
  }
}

async function outcome(
  place: { readonly index: number; readonly input: unknown },
  run: () => Promise<FunctionResult<unknown>>,
  signal: AbortSignal,
): Promise<Outcome> {
  if (signal.aborted) return { ...place, status: 'cancelled' };
  try {
    return { ...place, status: 'ok', ...(await run()) };
  } catch (error) {
    return signal.aborted ? { ...place, status: 'cancelled' } : { ...place, status: 'error', error: LmdeckError.from(error).toInfo() };
  }
}
