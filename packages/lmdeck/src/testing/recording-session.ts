import { relative } from 'node:path';
import { LmdeckError, type ModelEvents, type Wrapper } from '../core/index.ts';
import { replay } from '../middleware/index.ts';
import { configuredKeys } from './configured-keys.ts';
import { fixturePath } from './fixture-path.ts';
import { fixtureStore, type FixtureStore } from './fixture-store.ts';
import { recordMode, type RecordMode } from './record-mode.ts';
import { recordUnlogged } from './record-unlogged.ts';
import type { RecordedOptions } from './recorded.ts';
import type { TestPlace } from './test-place.ts';
import { emitWarning, reportStrayFixtures } from './stray-fixtures.ts';

/** The recordings of one run of one test. */
export class RecordingSession {
  readonly path: string;
  readonly wrapper: Wrapper;
  readonly #place: TestPlace;
  readonly #store: FixtureStore;
  readonly #records: boolean;
  readonly #warn: (message: string) => void;
  #miss: LmdeckError | undefined;
  #hasEnded = false;

  private constructor(place: TestPlace, store: FixtureStore, mode: RecordMode, options: RecordedOptions) {
    const { normalize, order = 'sequence', relax, timing } = options;
    this.path = store.path;
    this.#place = place;
    this.#store = store;
    this.#records = mode !== 'never' && (mode !== 'new' || store.size === 0);
    this.#warn = options.onWarning ?? emitWarning;
    const replayed = recordUnlogged(
      replay(store, {
        on: this.#records ? 'record' : 'fail',
        order,
        relax,
        timing,
        normalize: normalize === undefined ? store.normalize : (request) => normalize(store.normalize(request)),
        // What a passed test has recorded is meant to be so.
        errors: true,
        advice: `The recordings of this test are in ${shown(store.path)}. If the change is meant, run it with LMDECK_RECORD=missing (records what is missing) or LMDECK_RECORD=all (everything anew).`,
      }),
    );
    this.wrapper = (request, context, next) => this.#watch(replayed(request, context, next));
  }

  /** @throws LmdeckError `config` for a fixture that cannot be read, or a mode that there is not. */
  static async open(place: TestPlace, options: RecordedOptions): Promise<RecordingSession> {
    const path = fixturePath(place.file, place.name, options.fixture);
    const mode = recordMode(options.record, process.env);
    claim(path, place);
    reportStrayFixtures(place, path, options.onWarning);
    const store = await fixtureStore(path, {
      title: place.name,
      keep: mode !== 'all',
      timing: options.timing === 'recorded',
      secrets: [...(await configuredKeys()), ...(options.secrets ?? [])],
    });
    return new RecordingSession(place, store, mode, options);
  }

  /** The request without a recording that the test made, if it made one: whatever became of the error, the test has not passed. */
  get miss(): LmdeckError | undefined {
    return this.#miss;
  }

  /** What the end of the test means for its recordings: only a test that passes has any. */
  async end(passed: boolean): Promise<void> {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    if (!passed || this.#miss !== undefined) return this.#store.discard();
    await this.#store.flush();
    const unused = this.#records ? [] : this.#store.unused();
    if (unused.length > 0) {
      const list = unused.map(({ id, model, prompt }) => `  ${id} ${model}: ${JSON.stringify(prompt)}`);
      this.#warn(
        `The test "${this.#place.name}" did not ask for ${unused.length} of the calls in ${shown(this.path)}:\n${list.join('\n')}\nIf that is meant, record it anew: LMDECK_RECORD=all`,
      );
    }
  }

  async *#watch(events: ModelEvents): ModelEvents {
    if (this.#hasEnded)
      throw new LmdeckError('usage', `The test "${this.#place.name}" has ended and asks a model only now: await its calls before it ends.`);
    try {
      yield* events;
    } catch (error) {
      if (LmdeckError.isInstance(error) && error.code === 'replay-miss') this.#miss ??= error;
      throw error;
    }
  }
}

function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}

/** Which test has which fixture. */
const owners = new Map<string, TestPlace>();

/** @throws LmdeckError `usage` when another test has this fixture. */
function claim(path: string, place: TestPlace): void {
  const owner = owners.get(path) ?? place;
  owners.set(path, place);
  if (owner.identity === place.identity) return;
  throw new LmdeckError(
    'usage',
    `Two tests keep their recordings in ${shown(path)}: "${owner.name}" and "${place.name}". Give one of them another name, or { fixture: 'another.yaml' }.`,
  );
}
