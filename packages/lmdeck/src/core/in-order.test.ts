import { expect, test } from 'vitest';
import { inOrder, type Job } from './in-order.ts';

/** Jobs that end when they are told to. */
class Bench {
  readonly started: number[] = [];
  readonly ends = new Map<number, PromiseWithResolvers<number>>();
  running = 0;
  most = 0;

  job(id: number, weight = 1): Job<number> {
    const end = Promise.withResolvers<number>();
    this.ends.set(id, end);
    return {
      weight,
      run: () => {
        this.started.push(id);
        this.running += weight;
        this.most = Math.max(this.most, this.running);
        const leave = (): void => {
          this.running -= weight;
        };
        end.promise.then(leave, leave);
        return end.promise;
      },
    };
  }
}

async function* each<T>(items: readonly T[]): AsyncIterable<T> {
  yield* items;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('results come in order whatever ends first, never more run than the limit', async () => {
  const bench = new Bench();
  const jobs = Array.from({ length: 20 }, (_, i) => bench.job(i, (i % 3) + 1));
  const results: number[] = [];
  const reading = (async () => {
    for await (const result of inOrder(each(jobs), 5)) results.push(result);
  })();
  for (let done = 0; done < 20; done++) {
    await turn();
    const open = bench.started.filter((id) => bench.ends.has(id));
    const last = open.at(-1) ?? 0;
    bench.ends.get(last)?.resolve(last);
    bench.ends.delete(last);
  }
  await reading;
  expect(results).toEqual(Array.from({ length: 20 }, (_, i) => i));
  expect(bench.most).toBeLessThanOrEqual(5);
});

test('a slow first job does not hold the others back before `ahead` results wait', async () => {
  const bench = new Bench();
  const jobs = Array.from({ length: 10 }, (_, i) => bench.job(i));
  const iterator = inOrder(each(jobs), 2, 4)[Symbol.asyncIterator]();
  const first = iterator.next();
  for (let id = 1; id < 10; id++) {
    await turn();
    bench.ends.get(id)?.resolve(id);
  }
  await turn();
  expect(bench.started).toEqual([0, 1, 2, 3]);
  bench.ends.get(0)?.resolve(0);
  expect(await first).toEqual({ done: false, value: 0 });
});

test('a job heavier than the limit runs alone; a failure is thrown in its place', async () => {
  const bench = new Bench();
  const jobs = [bench.job(0), bench.job(1, 9), bench.job(2)];
  const iterator = inOrder(each(jobs), 3)[Symbol.asyncIterator]();
  const first = iterator.next();
  await turn();
  expect(bench.started).toEqual([0]);
  bench.ends.get(0)?.resolve(0);
  expect((await first).value).toBe(0);
  const second = iterator.next();
  await turn();
  expect(bench.started).toEqual([0, 1]);
  bench.ends.get(1)?.reject(new Error('no'));
  await expect(second).rejects.toThrow('no');
});

test('a result is given while the source has no next job yet', async () => {
  const more = Promise.withResolvers<void>();
  async function* slow(): AsyncIterable<Job<number>> {
    yield { weight: 1, run: async () => 1 };
    await more.promise;
    yield { weight: 1, run: async () => 2 };
  }
  const iterator = inOrder(slow(), 4)[Symbol.asyncIterator]();
  expect(await iterator.next()).toEqual({ done: false, value: 1 });
  const second = iterator.next();
  more.resolve();
  expect((await second).value).toBe(2);
});

test('what the source throws comes after the results before it', async () => {
  async function* broken(): AsyncIterable<Job<number>> {
    yield { weight: 1, run: () => turn().then(() => 1) };
    throw new Error('source');
  }
  const iterator = inOrder(broken(), 4)[Symbol.asyncIterator]();
  expect((await iterator.next()).value).toBe(1);
  await expect(iterator.next()).rejects.toThrow('source');
});

test('a reader that leaves closes the source', async () => {
  let isClosed = false;
  async function* source(): AsyncIterable<Job<number>> {
    try {
      for (;;) yield { weight: 1, run: async () => 1 };
    } finally {
      isClosed = true;
    }
  }
  for await (const _ of inOrder(source(), 2)) break;
  await turn();
  expect(isClosed).toBe(true);
});
