import { LmdeckError } from '../core/index.ts';

/** A running test, whichever runner runs it. */
export interface TestPlace {
  /** Absolute path of the test file. */
  readonly file: string;
  /** Names of the suites and of the test, `outer > inner`. */
  readonly name: string;
  /** The names of all tests of the file, run or not; absent where the runner does not tell. */
  readonly allNames?: ReadonlySet<string>;
  /** The same for the same test, also when it is run again. */
  readonly identity: unknown;
  /** Calls `work` when the test has ended, with the message of its failure if it failed; what it throws fails the test. */
  onEnd(work: (failure: string | undefined) => void | Promise<void>): void;
}

/**
 * What the first argument of a test function says about the test: the contexts of vitest and of node:test.
 * @throws LmdeckError `usage` for anything else.
 */
export function testPlace(context: unknown): TestPlace {
  const place = vitestPlace(context) ?? nodePlace(context);
  if (place !== undefined) return place;
  throw new LmdeckError(
    'usage',
    'lmdeck/testing needs to know the test: give it the first argument of the test function, of vitest or of node:test. With another runner use fixtureStore(path) and replay(store).',
  );
}

function vitestPlace(context: unknown): TestPlace | undefined {
  const task = field(context, 'task');
  const file = field(field(task, 'file'), 'filepath');
  const onTestFinished = field(context, 'onTestFinished');
  if (typeof file !== 'string' || typeof onTestFinished !== 'function') return undefined;
  return {
    file,
    name: nameOf(task),
    allNames: new Set(namesIn(field(task, 'file'))),
    identity: field(task, 'id'),
    onEnd: (work) =>
      void onTestFinished.call(context, () => {
        const result = field(task, 'result');
        return work(field(result, 'state') === 'fail' ? messagesOf(field(result, 'errors')) : undefined);
      }),
  };
}

function nodePlace(context: unknown): TestPlace | undefined {
  const file = field(context, 'filePath');
  const name = field(context, 'fullName');
  const after = field(context, 'after');
  if (typeof file !== 'string' || typeof name !== 'string' || typeof after !== 'function') return undefined;
  return {
    file,
    name,
    identity: context,
    onEnd: (work) =>
      void after.call(context, () => work(field(context, 'passed') === true ? undefined : messagesOf([field(context, 'error')]))),
  };
}

function messagesOf(errors: unknown): string {
  const list: readonly unknown[] = Array.isArray(errors) ? errors : [];
  return list.map((error) => String(field(error, 'message') ?? error)).join('\n');
}

/** The names from the outermost suite on; the file itself is the suite without one above it. */
function nameOf(task: unknown): string {
  const names: string[] = [];
  for (let each = task; each !== undefined && each !== null && field(each, 'filepath') === undefined; each = field(each, 'suite')) {
    const name = field(each, 'name');
    if (typeof name === 'string' && name !== '') names.unshift(name);
  }
  return names.join(' > ');
}

function* namesIn(suite: unknown): Generator<string, undefined> {
  const tasks = field(suite, 'tasks');
  for (const task of Array.isArray(tasks) ? tasks : []) {
    if (field(task, 'tasks') === undefined) yield nameOf(task);
    else yield* namesIn(task);
  }
  return undefined;
}

function field(value: unknown, name: string): unknown {
  // The context of vitest is a function, so that tests that were written for callbacks find out.
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
  return Reflect.get(value, name);
}
