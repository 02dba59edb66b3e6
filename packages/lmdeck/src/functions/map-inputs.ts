import { inOrder, LmdeckError, type Job } from '../core/index.ts';
import type { FunctionOutcome, FunctionResult } from './function-outcome.ts';

type Outcome = FunctionOutcome<unknown, unknown>;

/** How many inputs are asked for side by side when nobody says. */
const CONCURRENCY = 8;

/** An outcome for every input, in their order. `run` is asked for one result; it gets a signal that also the reader's leaving ends. */
export async function* mapInputs(
  inputs: Iterable<unknown> | AsyncIterable<unknown>,
  run: (input: unknown, signal: AbortSignal) => Promise<FunctionResult<unknown>>,
  options: { readonly signal?: AbortSignal | undefined; readonly concurrency?: number | undefined },
): AsyncGenerator<Outcome, void, undefined> {
  const { concurrency = CONCURRENCY } = options;
  if (!Number.isInteger(concurrency) || concurrency < 1)
    throw new LmdeckError('usage', `concurrency must be a whole number from 1 up, not ${concurrency}.`);
  const left = new AbortController();
  const signal = options.signal === undefined ? left.signal : AbortSignal.any([options.signal, left.signal]);
  let failure: { readonly error: unknown } | undefined;
  async function* jobs(): AsyncGenerator<Job<Outcome>, void, undefined> {
    let index = 0;
    try {
      for await (const input of inputs) {
        const place = { index: index++, input };
        yield { weight: 1, run: () => outcome(place, run, signal) };
      }
    } catch (error) {
      // What was asked before comes first.
      failure = { error };
    }
  }
  try {
    yield* inOrder(jobs(), concurrency);
  } finally {
    left.abort(new LmdeckError('aborted', 'The reader of the outcomes left.'));
  }
  if (failure !== undefined) throw failure.error;
}

async function outcome(
  place: { readonly index: number; readonly input: unknown },
  run: (input: unknown, signal: AbortSignal) => Promise<FunctionResult<unknown>>,
  signal: AbortSignal,
): Promise<Outcome> {
  if (signal.aborted) return { ...place, status: 'cancelled' };
  try {
    return { ...place, status: 'ok', ...(await run(place.input, signal)) };
  } catch (error) {
    return signal.aborted ? { ...place, status: 'cancelled' } : { ...place, status: 'error', error: LmdeckError.from(error).toInfo() };
  }
}
