import { type LanguageModel, languageModel, type Model, surroundCalls } from '../core/index.ts';
import type { ReplayOptions } from '../middleware/index.ts';
import type { RecordMode } from './record-mode.ts';
import { RecordingSession } from './recording-session.ts';
import { testPlace } from './test-place.ts';

/** How a test records and replays. */
export interface RecordedOptions extends Pick<ReplayOptions, 'order' | 'relax' | 'normalize' | 'timing'> {
  /**
   * What is asked of the models and recorded; everything else is replayed, and what is neither fails:
   * `new`: the calls of a test that has no recordings. `never`: nothing. `missing`: what a test asks that is not among its recordings.
   * `all`: everything anew. LMDECK_RECORD wins. Default: `new`; `never` where CI is set.
   */
  readonly record?: RecordMode | undefined;
  /** Path of the recordings, relative to the test file. Default: `__recordings__/<test file>/<test name>.yaml`. */
  readonly fixture?: string | undefined;
  /** Values that must not get into the recordings, besides stored keys and environment variables named like keys. */
  readonly secrets?: Iterable<string> | undefined;
  /** Gets what is wrong but fails no test: recordings that were not asked for. Default: `process.emitWarning`. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/**
 * A test that asks models once and replays for ever: the body of a test of vitest or node:test, in which every call of every model goes
 * through the test's recordings. The first run records them; from then on no model is asked, and a request that is not among them fails the
 * test with the difference to the closest one. The n-th equal request gets the n-th answer.
 *
 * Recordings are written when the test passes. Tests may run concurrently.
 *
 * @returns the function to give to `test`. It throws LmdeckError `replay-miss` for what was not recorded.
 *
 * @example
 * ```ts no-run
 * import { expect, test } from 'vitest';
 * import { openai } from 'lmdeck';
 * import { recorded } from 'lmdeck/testing';
 *
 * test(
 *   'knows the capital of France',
 *   recorded(async () => {
 *     expect(await openai().prompt('What is the capital of France? One word.').text()).toBe('Paris');
 *   }),
 * );
 * ```
 */
export function recorded<T>(body: (context: T) => unknown, options: RecordedOptions = {}): (context: T) => Promise<void> {
  // One parameter: with a second one node:test would wait for a callback.
  return async (context) => {
    const session = await RecordingSession.open(testPlace(context), options);
    const outcome = await surroundCalls(session.wrapper, async () => body(context)).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    await session.end(outcome === undefined);
    // A miss comes first: code that gets over failed calls must not get over this one, and what else failed came of it.
    const { miss } = session;
    if (miss !== undefined) throw miss;
    if (outcome !== undefined) throw outcome.error;
  };
}

/** Sessions of running tests, by their context and what was asked for. */
const sessions = new WeakMap<object, Map<string, Promise<RecordingSession>>>();

/**
 * A model that is asked once and replayed for ever: as {@link recorded}, for one model and not for all that a test uses. Models of one test
 * share its recordings.
 *
 * @param context the first argument of the test function.
 *
 * @example
 * ```ts no-run
 * import assert from 'node:assert';
 * import { test } from 'node:test';
 * import { openai } from 'lmdeck';
 * import { recordedModel } from 'lmdeck/testing';
 *
 * test('knows the capital of France', async (t) => {
 *   const model = recordedModel(t, openai());
 *   assert.equal(await model.prompt('What is the capital of France? One word.').text(), 'Paris');
 * });
 * ```
 */
export function recordedModel(context: object, model: Model, options: RecordedOptions = {}): LanguageModel {
  const place = testPlace(context);
  let ofTest = sessions.get(context);
  if (ofTest === undefined) sessions.set(context, (ofTest = new Map()));
  const key = options.fixture ?? '';
  let session = ofTest.get(key);
  if (session === undefined) {
    const opening = RecordingSession.open(place, options);
    ofTest.set(key, (session = opening));
    // Who awaits it gets the error; a test that asks nothing has no use for it.
    opening.catch(() => undefined);
    place.onEnd(async (failure) => {
      ofTest.delete(key);
      const { miss } = await endOf(await opening, failure === undefined);
      if (miss !== undefined && failure?.includes(miss.message) !== true) throw miss;
    });
  }
  const opened = session;
  return languageModel(model, (request, context, next) => ({
    async *[Symbol.asyncIterator]() {
      yield* (await opened).wrapper(request, context, next);
    },
  }));
}

async function endOf(session: RecordingSession, passed: boolean): Promise<RecordingSession> {
  await session.end(passed);
  return session;
}
