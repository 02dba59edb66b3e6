import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createRequest, LmdeckError, user, type CallContext, type Model, type ModelEvent, type Next } from '../core/index.ts';
import { retry } from './retry.ts';
import { timeout } from './timeout.ts';

const text = (value: string): ModelEvent => ({ type: 'text-delta', text: value });
const request = createRequest({ messages: [user('hi')] });
const model: Model = { id: 'acme/one', capabilities: {}, generate: () => never() };
async function* never(): AsyncGenerator<ModelEvent> {}

function callContext(overrides: Partial<CallContext> = {}): CallContext {
  const signal = new AbortController().signal;
  return { callId: 'call', model, startedAt: Date.now(), signal, stream: true, trace: { attempts: 0 }, ...overrides };
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Yields a text after every pause; knows the context that it got. */
function paced(...pauses: readonly number[]) {
  const seen: CallContext[] = [];
  const next: Next = async function* (_, context) {
    seen.push(context);
    for (const pause of pauses) {
      await sleep(pause);
      yield text(String(pause));
    }
  };
  return { next, seen };
}

/** A model that answers nothing and looks at no signal. */
const deaf: Next = () => ({
  [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined), return: () => new Promise(() => undefined) }),
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  // Whatever happened: the one timer of a `timeout()` may outlive its calls, but nothing is left that it would be set for once more.
  vi.runOnlyPendingTimers();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

async function run(events: ReturnType<Next>): Promise<{ items: unknown[]; error?: unknown; ms: number }> {
  const started = performance.now();
  const items: unknown[] = [];
  const reading = async (): Promise<{ items: unknown[]; error?: unknown }> => {
    try {
      for await (const item of events) items.push(item);
      return { items };
    } catch (error) {
      return { items, error };
    }
  };
  let ms = 0;
  const result = reading().finally(() => (ms = performance.now() - started));
  await vi.runAllTimersAsync();
  return { ...(await result), ms };
}

describe('timeout', () => {
  test('an answer in time passes through', async () => {
    const { next } = paced(5_000, 900, 900);
    const { items, error } = await run(timeout({ firstTokenMs: 6_000, idleMs: 1_000 })(request, callContext(), next));
    expect(error).toBeUndefined();
    expect(items).toEqual([text('5000'), text('900'), text('900')]);
  });

  test.each([true, false])('firstTokenMs, stream: %s', async (stream) => {
    const { error, ms, items } = await run(timeout({ firstTokenMs: 3_000 })(request, callContext({ stream }), deaf));
    expect(error).toMatchObject({
      code: 'timeout',
      retryable: true,
      message: expect.stringMatching(/^acme\/one: .*3000 ms.*timeouts\.firstTokenMs.*Raise/),
      data: { limit: 'firstTokenMs', limitMs: 3_000 },
    });
    expect([ms, items]).toEqual([3_000, []]);
  });

  test('idleMs', async () => {
    const { next } = paced(10, 1_500, 1_500, 2_500);
    const result = await run(timeout({ idleMs: 2_000 })(request, callContext(), next));
    expect(result.error).toMatchObject({ code: 'timeout', data: { limit: 'idleMs', limitMs: 2_000 } });
    expect(result.items).toHaveLength(3);
    expect(result.ms).toBe(10 + 1_500 + 1_500 + 2_000);
  });

  test('totalMs counts from the start of the call and allows no further attempt', async () => {
    const { next } = paced(...Array.from({ length: 30 }, () => 100));
    const result = await run(timeout({ totalMs: 2_000 })(request, callContext({ startedAt: Date.now() - 950 }), next));
    expect(result.error).toMatchObject({ code: 'timeout', retryable: false, data: { limit: 'totalMs', limitMs: 2_000 } });
    expect(result.items).toHaveLength(10);
    expect(result.ms).toBe(1_050);
  });

  test('a total that is over before the attempt begins', async () => {
    const { error, ms } = await run(timeout({ totalMs: 2_000 })(request, callContext({ startedAt: Date.now() - 5_000 }), deaf));
    expect(error).toMatchObject({ data: { limit: 'totalMs' } });
    expect(ms).toBeLessThanOrEqual(1);
  });

  test('the defaults: ten minutes to the first event, two between events', async () => {
    expect((await run(timeout()(request, callContext(), deaf))).ms).toBe(600_000);
    const { next } = paced(599_999, 119_999, 130_000);
    const result = await run(timeout()(request, callContext(), next));
    expect(result.items).toHaveLength(2);
    expect(result.error).toMatchObject({ data: { limit: 'idleMs', limitMs: 120_000 } });
  });

  test('limits of the call win; 0 counts as absent', async () => {
    const context = callContext({ timeouts: { firstTokenMs: 7_000, idleMs: 0 } });
    expect((await run(timeout({ firstTokenMs: 3_000 })(request, context, deaf))).ms).toBe(7_000);
  });

  test('the limits go on to those below; connectMs only when somebody set it', async () => {
    const { next, seen } = paced(1);
    await run(timeout({ idleMs: 5 })(request, callContext({ timeouts: { firstTokenMs: 7 } }), next));
    await run(timeout({ connectMs: 3 })(request, callContext(), next));
    await run(timeout({ connectMs: 3 })(request, callContext({ timeouts: { connectMs: 4 } }), next));
    expect(seen.map((context) => context.timeouts)).toEqual([
      { firstTokenMs: 7, idleMs: 5, totalMs: Infinity },
      { firstTokenMs: 600_000, idleMs: 120_000, totalMs: Infinity, connectMs: 3 },
      { firstTokenMs: 600_000, idleMs: 120_000, totalMs: Infinity, connectMs: 4 },
    ]);
  });

  test('without any limit it is not there at all', async () => {
    const { next, seen } = paced(1);
    const context = callContext();
    const inner = next(request, context);
    expect(timeout({ firstTokenMs: Infinity, idleMs: Infinity })(request, context, () => inner)).toBe(inner);
    await run(timeout({ firstTokenMs: Infinity, idleMs: Infinity })(request, context, next));
    expect(seen.at(-1)?.signal).toBe(context.signal);
  });

  test('a limit beyond what timers can do is no limit', async () => {
    const { next } = paced(5, 5);
    expect((await run(timeout({ firstTokenMs: 2 ** 31, idleMs: 2 ** 40 })(request, callContext(), next))).items).toHaveLength(2);
    expect((await run(timeout({ firstTokenMs: 2 ** 31, idleMs: 1_000 })(request, callContext(), next))).items).toHaveLength(2);
  });

  test('the time that the reader takes does not count as idle', async () => {
    const { next } = paced(10, 10, 10);
    const reading = async () => {
      let count = 0;
      for await (const _ of timeout({ firstTokenMs: 1_000, idleMs: 1_000 })(request, callContext(), next)) {
        count += 1;
        await sleep(50_000);
      }
      return count;
    };
    const count = reading();
    await vi.runAllTimersAsync();
    expect(await count).toBe(3);
  });

  test('those below see the end of it as an abort with the error as its reason', async () => {
    const { next, seen } = paced(9_000);
    const { error } = await run(timeout({ firstTokenMs: 3_000 })(request, callContext(), next));
    expect(seen[0]?.signal.aborted).toBe(true);
    expect(seen[0]?.signal.reason).toBe(error);
  });

  test('an abort from outside goes on, and a long-lived signal keeps no listener', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const waiting: Next = async function* (_, context) {
      yield text('a');
      await new Promise((_, reject) => context.signal.addEventListener('abort', () => reject(LmdeckError.from(context.signal.reason))));
    };
    const iterator = timeout()(request, callContext({ signal }), waiting)[Symbol.asyncIterator]();
    await iterator.next();
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    const second = iterator.next();
    const reason = new LmdeckError('aborted', 'enough');
    controller.abort(reason);
    await expect(second).rejects.toBe(reason);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    // Aborted before it began: the attempt sees that.
    let aborted: boolean | undefined;
    await run(
      timeout()(request, callContext({ signal }), (_, context) => {
        aborted = context.signal.aborted;
        return never();
      }),
    );
    expect(aborted).toBe(true);
  });

  test.each(['end', 'error', 'leaving'])('after the %s no listener is left', async (how) => {
    const { signal } = new AbortController();
    const next: Next = async function* () {
      yield text('a');
      if (how === 'error') throw new LmdeckError('server', 'no');
    };
    const reading = async () => {
      for await (const _ of timeout()(request, callContext({ signal }), next)) if (how === 'leaving') break;
    };
    await reading().catch(() => undefined);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('inside of retry, every attempt has its own limits', async () => {
    let attempts = 0;
    const next: Next = (again, context) => (++attempts < 3 ? deaf(again, context) : paced(2_000).next(again, context));
    const inner = timeout({ firstTokenMs: 3_000 });
    const outer = retry({ baseMs: 0 });
    const { items, ms } = await run(outer(request, callContext(), (again, context) => inner(again, context, next)));
    expect(items).toEqual([text('2000')]);
    // A wait of nothing between two attempts takes this clock a millisecond.
    expect(ms).toBe(3_000 + 1 + 3_000 + 1 + 2_000);
  });
});
