import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FairQueue, type Waiter } from './fair-queue.ts';

interface Named extends Waiter {
  readonly name: string;
  left: boolean;
}

const waiter = (name: string, run: string | undefined, again = false): Named => ({ name, run, again, left: false });

function all(queue: FairQueue<Named>): string[] {
  const names: string[] = [];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) names.push(next.name);
  return names;
}

test('runs take turns, and keep their order', () => {
  const queue = new FairQueue<Named>();
  for (const name of ['a1', 'a2', 'a3', 'b1', 'c1', 'c2']) queue.push(waiter(name, name[0]));
  expect(all(queue)).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3']);
});

test('calls without a run go first, but not for ever', () => {
  const queue = new FairQueue<Named>();
  queue.push(waiter('a1', 'a'));
  for (let i = 1; i <= 10; i++) queue.push(waiter(`${i}`, undefined));
  expect(all(queue)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', 'a1', '9', '10']);
});

test('those who were sent back come before those who are new', () => {
  const queue = new FairQueue<Named>();
  queue.push(waiter('a1', 'a'));
  queue.push(waiter('a2', 'a', true));
  expect(all(queue)).toEqual(['a2', 'a1']);
});

test('whoever has gone away is passed over', () => {
  const queue = new FairQueue<Named>();
  const gone = waiter('a1', 'a');
  queue.push(gone);
  queue.push(waiter('a2', 'a'));
  const alone = waiter('b1', 'b');
  queue.push(alone);
  gone.left = alone.left = true;
  expect(all(queue)).toEqual(['a2']);
});

test('nobody is lost, nobody comes twice, and the first stays first until taken', () => {
  const action = fc.record({
    run: fc.constantFrom(undefined, 'a', 'b', 'c'),
    again: fc.boolean(),
    take: fc.boolean(),
    leave: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 300 }), (actions) => {
      const queue = new FairQueue<Named>();
      const waiting = new Map<string, Named>();
      for (const [i, { run, again, take, leave }] of actions.entries()) {
        const before = queue.peek();
        const one = waiter(`${i}`, run, again);
        queue.push(one);
        waiting.set(one.name, one);
        // A call without a run may come before a run's; nothing else moves who is first.
        if (before !== undefined && run !== undefined && !(again && before.run === run)) expect(queue.peek()).toBe(before);
        if (leave) {
          const [first] = waiting.values();
          if (first !== undefined) first.left = true;
          waiting.delete(first?.name ?? '');
        }
        if (!take) continue;
        const next = queue.shift();
        expect(next === undefined ? waiting.size === 0 : waiting.delete(next.name)).toBe(true);
      }
      expect(new Set(all(queue))).toEqual(new Set(waiting.keys()));
    }),
  );
});
