import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { Aborter, offAbort, onAbort, type AbortListener } from './aborter.ts';

function listener(): AbortListener & { told: number } {
  return {
    told: 0,
    handleEvent() {
      this.told += 1;
    },
  };
}

describe.each<[string, () => { readonly signal: AbortSignal; abort(reason: unknown): void }]>([
  ['an Aborter', () => new Aborter()],
  ['anybody’s AbortController', () => new AbortController()],
])('the signal of %s', (_, make) => {
  test('tells every listener once, with the reason set', () => {
    const aborter = make();
    const reasons: unknown[] = [];
    const [one, two] = [listener(), listener()];
    onAbort(aborter.signal, one);
    onAbort(aborter.signal, { handleEvent: () => reasons.push(aborter.signal.reason) });
    onAbort(aborter.signal, two);
    aborter.abort('first');
    aborter.abort('second');
    expect([one.told, two.told, reasons]).toEqual([1, 1, ['first']]);
    expect(aborter.signal.aborted).toBe(true);
  });

  test('does not tell those who have gone', () => {
    const aborter = make();
    const all = [listener(), listener(), listener()];
    for (const each of all) onAbort(aborter.signal, each);
    for (const each of all.slice(0, 2)) offAbort(aborter.signal, each);
    offAbort(aborter.signal, listener());
    aborter.abort('now');
    expect(all.map(({ told }) => told)).toEqual([0, 0, 1]);
  });

  test('is one that everybody can listen to and combine', () => {
    const aborter = make();
    const other = listener();
    aborter.signal.addEventListener('abort', other);
    const any = AbortSignal.any([aborter.signal]);
    aborter.abort('now');
    expect([other.told, any.reason]).toEqual([1, 'now']);
    expect(() => aborter.signal.throwIfAborted()).toThrow('now');
  });
});

test('the layers of a call leave no event listeners on its signal', () => {
  const aborter = new Aborter();
  onAbort(aborter.signal, listener());
  expect(getEventListeners(aborter.signal, 'abort')).toEqual([]);
  expect(aborter.aborted).toBe(false);
});
