import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { monotonicMs } from '../core/index.ts';
import { Deadlines, type Deadline } from './deadlines.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A deadline that notes when it expires, and is over then. */
class Noted implements Deadline {
  place = 0;
  end = Infinity;
  expiredAt: number | undefined;
  readonly #deadlines: Deadlines;

  constructor(deadlines: Deadlines) {
    this.#deadlines = deadlines;
    deadlines.add(this);
  }

  in(ms: number): this {
    const now = monotonicMs();
    this.end = now + ms;
    this.#deadlines.expect(this.end, now);
    return this;
  }

  expire(): void {
    this.expiredAt = monotonicMs();
    this.over();
  }

  over(): void {
    this.end = Infinity;
    this.#deadlines.delete(this);
  }
}

describe('deadlines', () => {
  test('expire when their time has come, never earlier', async () => {
    const deadlines = new Deadlines();
    const start = monotonicMs();
    const all = [700, 30, 30, 5_000].map((ms) => new Noted(deadlines).in(ms));
    await vi.advanceTimersByTimeAsync(29);
    expect(all.every(({ expiredAt }) => expiredAt === undefined)).toBe(true);
    await vi.runAllTimersAsync();
    expect(all.map(({ expiredAt = 0 }) => expiredAt - start)).toEqual([700, 30, 30, 5_000]);
  });

  test('share one timer, which is not touched when they are met or moved back', () => {
    const set = vi.spyOn(globalThis, 'setTimeout');
    const deadlines = new Deadlines();
    for (let i = 0; i < 100; i++) {
      const deadline = new Noted(deadlines).in(1_000 + i);
      deadline.in(2_000);
      deadline.over();
    }
    expect(set).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(1);
    vi.runAllTimers();
    expect([set.mock.calls.length, vi.getTimerCount()]).toEqual([1, 0]);
    set.mockRestore();
  });

  test('that are moved nearer expire then', async () => {
    const deadline = new Noted(new Deadlines()).in(10_000);
    const start = monotonicMs();
    deadline.in(20);
    await vi.runAllTimersAsync();
    expect((deadline.expiredAt ?? 0) - start).toBe(20);
  });

  test('beyond what a timer can wait expire all the same', async () => {
    const start = monotonicMs();
    const deadline = new Noted(new Deadlines()).in(2 ** 32);
    await vi.runAllTimersAsync();
    expect((deadline.expiredAt ?? 0) - start).toBe(2 ** 32);
  });

  test('may take others with them when they expire', async () => {
    const deadlines = new Deadlines();
    const others: Noted[] = [];
    class Leader extends Noted {
      override expire(): void {
        super.expire();
        for (const other of others) other.over();
      }
    }
    const leader = new Leader(deadlines).in(10);
    others.push(new Noted(deadlines).in(10), new Noted(deadlines).in(20));
    const last = new Noted(deadlines).in(10);
    await vi.runAllTimersAsync();
    expect([leader, ...others, last].map(({ expiredAt }) => expiredAt !== undefined)).toEqual([true, false, false, true]);
  });

  test('expire exactly when they should, whatever comes and goes between', async () => {
    const step = fc.oneof(
      fc.record({ what: fc.constant('add' as const), ms: fc.integer({ min: 0, max: 500 }) }),
      fc.record({ what: fc.constant('over' as const), which: fc.nat(9) }),
      fc.record({ what: fc.constant('move' as const), which: fc.nat(9), ms: fc.integer({ min: 0, max: 500 }) }),
      fc.record({ what: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 300 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const deadlines = new Deadlines();
        const all: { readonly deadline: Noted; end: number }[] = [];
        for (const each of steps) {
          const open = all.filter(({ deadline, end }) => deadline.expiredAt === undefined && end !== Infinity);
          const chosen = 'which' in each ? open[each.which % Math.max(1, open.length)] : undefined;
          if (each.what === 'wait') await vi.advanceTimersByTimeAsync(each.ms);
          else if (each.what === 'add') all.push({ deadline: new Noted(deadlines).in(each.ms), end: monotonicMs() + each.ms });
          else if (chosen !== undefined && each.what === 'move') {
            chosen.deadline.in(each.ms);
            chosen.end = monotonicMs() + each.ms;
          } else if (chosen !== undefined) {
            chosen.deadline.over();
            chosen.end = Infinity;
          }
        }
        await vi.runAllTimersAsync();
        for (const { deadline, end } of all) expect(deadline.expiredAt).toBe(end === Infinity ? undefined : end);
      }),
    );
  });
});
