import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { createRequest, LmdeckError, user } from '../../core/index.ts';
import type { BatchRow } from '../batch-row.ts';
import type { RowOutcome } from '../row-outcome.ts';
import type { SourceRow } from '../sources/row-source.ts';
import { RowEngine, type EngineOptions } from './row-engine.ts';

const request = createRequest({ messages: [user('?')] });

async function* sourceRows(count: number): AsyncGenerator<readonly SourceRow[], undefined> {
  for (let index = 0; index < count; index += 3) {
    await new Promise((resolve) => setImmediate(resolve));
    yield Array.from({ length: Math.min(3, count - index) }, (_, i) => {
      const at = { index: index + i, line: 1, offset: 0 };
      return { ...at, next: at, content: 'x' };
    });
  }
  return undefined;
}

function options(overrides: Partial<EngineOptions>): EngineOptions {
  return {
    concurrency: 4,
    window: 100,
    order: 'input',
    read: ({ index }) => ({ row: { index, id: String(index), place: '', input: {}, request } }),
    begin: () => undefined,
    weight: () => 1,
    ask: (row) => Promise.resolve(ok(row)),
    commit: () => undefined,
    judge: () => undefined,
    ...overrides,
  };
}

function ok({ index }: BatchRow): RowOutcome {
  return { index, id: String(index), place: '', status: 'ok', samples: [], callIds: ['c'], attempts: 1 };
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

async function all(engine: RowEngine): Promise<number[]> {
  const found: number[] = [];
  for (let group = await engine.next(); group !== undefined; group = await engine.next())
    found.push(...group.map((row) => row.outcome.index));
  return found;
}

test('between sent and safe there are never more calls than the limit, nor more rows ahead than the window, whatever takes how long', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ turns: fc.nat(6), weight: fc.integer({ min: 1, max: 6 }) }), { maxLength: 40 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 12 }),
      fc.constantFrom('input' as const, 'completed' as const),
      fc.boolean(),
      async (rows, concurrency, window, order, slowCommit) => {
        const weightOf = (index: number): number => rows[index]?.weight ?? 1;
        const notSafe = new Set<number>();
        let unsafe: number[] = [];
        const engine: RowEngine = new RowEngine(
          sourceRows(rows.length),
          options({
            concurrency,
            window,
            order,
            weight: ({ index }) => weightOf(index),
            begin: () => expect(engine.underWay).toBeLessThan(window),
            ask: async (row) => {
              notSafe.add(row.index);
              const load = [...notSafe].reduce((sum, index) => sum + weightOf(index), 0);
              expect(load <= concurrency || notSafe.size === 1).toBe(true);
              await turns(rows[row.index]?.turns ?? 0);
              unsafe.push(row.index);
              return ok(row);
            },
            commit: () => {
              const safe = unsafe;
              unsafe = [];
              const settle = (): void => safe.forEach((index) => notSafe.delete(index));
              if (slowCommit) return turns(2).then(settle);
              settle();
              return undefined;
            },
          }),
        );
        const found: number[] = [];
        for (let group = await engine.next(); group !== undefined; group = await engine.next()) {
          found.push(...group.map((row) => row.outcome.index));
        }
        const expected = rows.map((_, index) => index);
        expect(order === 'input' ? found : found.toSorted((a, b) => a - b)).toEqual(expected);
      },
    ),
    { numRuns: 60 },
  );
});

test('what cannot be made safe is not delivered, and ends the run with the reason', async () => {
  let commits = 0;
  const commit = (): Promise<void> | undefined => (++commits < 2 ? undefined : Promise.reject(new LmdeckError('tape', 'the disk is full')));
  const engine = new RowEngine(sourceRows(30), options({ commit, concurrency: 4 }));
  const found: number[] = [];
  const read = async (): Promise<void> => {
    for (let group = await engine.next(); group !== undefined; group = await engine.next())
      found.push(...group.filter((row) => row.outcome.status === 'ok').map((row) => row.outcome.index));
  };
  await expect(read()).rejects.toThrow('the disk is full');
  expect(found.length).toBeLessThan(30);
  expect(found).toEqual(found.map((_, i) => i));
});

test('a source that fails lets the rows under way come to their end', async () => {
  async function* broken(): AsyncGenerator<readonly SourceRow[], undefined> {
    yield* sourceRows(3);
    throw new LmdeckError('config', 'the file is gone');
  }
  const engine = new RowEngine(broken(), options({ ask: (row) => turns(5).then(() => ok(row)) }));
  expect((await engine.next())?.length).toBeGreaterThan(0);
  await expect(all(engine)).rejects.toThrow('the file is gone');
});

afterEach(() => {
  vi.useRealTimers();
});

test('what has ended is made safe at once when nothing else is under way, and when it is most of what may be', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const commits: number[] = [];
  let ended = 0;
  const commit = (): undefined => {
    commits.push(ended);
    ended = 0;
    return undefined;
  };
  const ask = async (row: BatchRow): Promise<RowOutcome> => {
    await turns(1);
    ended++;
    return ok(row);
  };
  // Nobody waits for a timer: there is none that would ever go off.
  expect(await all(new RowEngine(sourceRows(7), options({ ask, commit })))).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(commits.reduce((sum, each) => sum + each)).toBe(7);
  // Rows of several calls fill the limit sooner.
  const slow = Promise.withResolvers<RowOutcome>();
  const engine = new RowEngine(
    sourceRows(4),
    options({ weight: () => 3, concurrency: 12, commit, ask: (row) => (row.index === 0 ? slow.promise : ask(row)), order: 'completed' }),
  );
  expect((await engine.next())?.map(({ outcome }) => outcome.index)).toEqual([1, 2, 3]);
  slow.resolve(ok({ index: 0, id: '0', place: '', input: {}, request }));
  expect(await all(engine)).toEqual([0]);
});
