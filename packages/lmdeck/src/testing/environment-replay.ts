import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type CallStore, didYouMean, LmdeckError, type Wrapper } from '../core/index.ts';
import { replay, type Relaxation, type ReplayOptions } from '../middleware/index.ts';
import { openTape } from '../tape/index.ts';
import { fixtureStore } from './fixture-store.ts';
import { recordUnlogged } from './record-unlogged.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** One for each file and way to use it: models share it, and with it the count of a sequence. */
const made = new Map<string, Promise<Wrapper>>();

/**
 * The replay that LMDECK_REPLAY and its companions ask for. The file is opened once for all models of the process.
 * @throws LmdeckError `config` for values that are none, or a file that is not there.
 */
export function environmentReplay(env: Environment): Promise<Wrapper> {
  const names = ['LMDECK_REPLAY', 'LMDECK_REPLAY_ON', 'LMDECK_REPLAY_ORDER', 'LMDECK_REPLAY_RELAX', 'LMDECK_REPLAY_TIMING'];
  const key = JSON.stringify([process.cwd(), ...names.map((name) => env[name] ?? '')]);
  let wrapper = made.get(key);
  if (wrapper === undefined) made.set(key, (wrapper = open(env)));
  return wrapper;
}

async function open(env: Environment): Promise<Wrapper> {
  const path = resolve(env['LMDECK_REPLAY'] ?? '');
  const on = choice(env, 'LMDECK_REPLAY_ON', ['fail', 'miss', 'record'] as const) ?? 'fail';
  const options: ReplayOptions = {
    on,
    order: choice(env, 'LMDECK_REPLAY_ORDER', ['first', 'last', 'sequence'] as const),
    timing: choice(env, 'LMDECK_REPLAY_TIMING', ['recorded', 'none'] as const),
    relax: relaxations(env['LMDECK_REPLAY_RELAX']),
    advice: `The calls of this process are replayed from ${path} (LMDECK_REPLAY). To ask and record what is missing: LMDECK_REPLAY_ON=record`,
  };
  if (on !== 'record' && !existsSync(path)) {
    throw new LmdeckError(
      'config',
      `LMDECK_REPLAY: there is no file ${path}. To record it: LMDECK_REPLAY_ON=record, or unset LMDECK_REPLAY.`,
    );
  }
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw new LmdeckError('config', `LMDECK_REPLAY: ${path} is a folder. Name a file in it.`);
  }
  if (isFixture(path)) {
    const store = await fixtureStore(path, { timing: options.timing === 'recorded' });
    return replayOf(store, { ...options, normalize: store.normalize });
  }
  // Who only reads works with files that may not be written, and leaves nothing beside them.
  return replayOf(openTape(path, { readOnly: on !== 'record' }), options);
}

function replayOf(store: CallStore, options: ReplayOptions): Wrapper {
  try {
    return recordUnlogged(replay(store, options));
  } catch (error) {
    throw new LmdeckError('config', `LMDECK_REPLAY_RELAX: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function choice<T extends string>(env: Environment, name: string, choices: readonly T[]): T | undefined {
  const value = env[name] ?? '';
  if (value === '') return undefined;
  const chosen = choices.find((each) => each === value);
  if (chosen !== undefined) return chosen;
  throw new LmdeckError(
    'config',
    `${name} cannot be ${JSON.stringify(value)}.${didYouMean(value, choices)} It can be ${choices.join(', ')}.`,
  );
}

function relaxations(text = ''): readonly Relaxation[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each): each is Relaxation => each !== '');
}

/** An existing file by its first bytes, a new one by its name. */
function isFixture(path: string): boolean {
  if (!existsSync(path)) return /\.ya?ml$/i.test(path);
  const header = Buffer.alloc(16);
  const file = openSync(path, 'r');
  try {
    const length = readSync(file, header);
    // An empty file is what SQLite makes of a new database.
    return length > 0 && header.toString('latin1', 0, 15) !== 'SQLite format 3';
  } finally {
    closeSync(file);
  }
}
