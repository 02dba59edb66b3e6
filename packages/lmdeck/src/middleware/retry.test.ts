import fc from 'fast-check';
import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createRequest, LmdeckError, user, type CallContext, type Model, type ModelEvent, type Next } from '../core/index.ts';
import { retry, type RetryInfo, type RetryOptions } from './retry.ts';

type Item = ModelEvent | readonly ModelEvent[];
/** What one attempt brings: its items, then the error if there is one. */
type Attempt = readonly (Item | LmdeckError)[];

const text = (value: string): ModelEvent => ({ type: 'text-delta', text: value });
const finish: ModelEvent = { type: 'finish', reason: 'stop' };
const metadata = (responseId: string): ModelEvent => ({ type: 'metadata', responseId });
const busy = new LmdeckError('server', 'acme: HTTP 503: busy', { status: 503 });
const request = createRequest({ messages: [user('hi')] });

const model: Model = { id: 'acme/one', capabilities: {}, generate: () => never() };
async function* never(): AsyncGenerator<ModelEvent> {}

function callContext(overrides: Partial<CallContext> = {}): CallContext {
  const signal = new AbortController().signal;
  return { callId: 'call', model, startedAt: Date.now(), signal, stream: true, trace: { attempts: 0 }, ...overrides };
}

/** Plays one attempt after the other; remembers how far each was read. */
function script(...attempts: readonly Attempt[]) {
  const state = { calls: 0, closed: 0 };
  const next: Next = async function* () {
    const attempt = attempts[state.calls++] ?? [];
    try {
      for (const item of attempt) {
        if (item instanceof LmdeckError) throw item;
        yield item;
      }
    } finally {
      state.closed += 1;
    }
  };
  return { next, state };
}

/** Reads everything: the items, and the error at the end. */
async function run(options: RetryOptions, next: Next, context = callContext()): Promise<{ items: Item[]; error?: unknown }> {
  const items: Item[] = [];
  try {
    for await (const item of retry(options)(request, context, next)) items.push(item);
    return { items };
  } catch (error) {
    return { items, error };
  }
}

const fast: RetryOptions = { baseMs: 0 };

describe('retry', () => {
  test('an answer passes through as it comes', async () => {
    const context = callContext();
    const batch = [text('a'), text('b')];
    const { next, state } = script([batch, text('c'), finish]);
    const { items } = await run({}, next, context);
    expect(items).toEqual([batch, text('c'), finish]);
    expect(items[0]).toBe(batch);
    expect([state.calls, context.trace.attempts]).toEqual([1, 1]);
  });

  test('asks again until it works, and counts', async () => {
    const context = callContext();
    const infos: RetryInfo[] = [];
    const { next } = script([busy], [busy], [text('a'), finish]);
    const { items } = await run({ ...fast, onRetry: (info) => infos.push(info) }, next, context);
    expect(items).toEqual([text('a'), finish]);
    expect(context.trace.attempts).toBe(3);
    expect(infos).toEqual(
      [1, 2].map((attempt) => ({ callId: 'call', modelId: 'acme/one', attempt, attempts: 3, delayMs: 0, error: busy })),
    );
  });

  test('gives up with the last error, which says how often it was tried', async () => {
    const { next, state } = script([busy], [busy], [new LmdeckError('network', 'reset', { data: { cause: 'ECONNRESET' } })]);
    const { items, error } = await run(fast, next);
    expect(items).toEqual([]);
    expect(state.calls).toBe(3);
    expect(error).toMatchObject({
      code: 'network',
      message: 'reset (after 3 attempts)',
      data: { cause: 'ECONNRESET', attempts: 3 },
      cause: { message: 'reset' },
    });
  });

  test('an error that another try would not mend is thrown as it is', async () => {
    const wrong = new LmdeckError('authentication', 'no key');
    const { next, state } = script([wrong], [text('a')]);
    expect((await run(fast, next)).error).toBe(wrong);
    expect(state.calls).toBe(1);
  });

  test('retries: 0', async () => {
    const { next, state } = script([busy], [text('a')]);
    expect((await run({ ...fast, retries: 0 }, next)).error).toBe(busy);
    expect(state.calls).toBe(1);
  });

  test.each<[string, ModelEvent]>([
    ['text', text('a')],
    ['reasoning', { type: 'reasoning-delta', text: 'hm' }],
    ['a tool call', { type: 'tool-call-start', index: 0, id: '1', name: 'f' }],
    ['the end', finish],
  ])('not after %s', async (_, event) => {
    const { next, state } = script([[metadata('1'), event], busy], [text('b')]);
    expect(await run(fast, next)).toEqual({ items: [[metadata('1'), event]], error: busy });
    expect(state.calls).toBe(1);
  });

  test('what precedes the content of a failed attempt is not seen', async () => {
    const { next } = script(
      [metadata('1'), { type: 'usage', usage: {} }, busy],
      [metadata('2'), { type: 'raw', raw: 1 }, [text('a'), finish]],
    );
    expect((await run(fast, next)).items).toEqual([[metadata('2'), { type: 'raw', raw: 1 }, text('a'), finish]]);
  });

  test('but that of the last one is, before its error', async () => {
    const { next } = script([metadata('1'), busy], [metadata('2'), busy]);
    const { items, error } = await run({ ...fast, retries: 1 }, next);
    expect(items).toEqual([[metadata('2')]]);
    expect(error).toMatchObject({ code: 'server', data: { attempts: 2 } });
  });

  test('an answer without content is an answer', async () => {
    expect((await run(fast, script([metadata('1'), metadata('2')]).next)).items).toEqual([[metadata('1'), metadata('2')]]);
    expect(await run(fast, script([]).next)).toEqual({ items: [] });
  });

  test('an error event before the content counts as an error', async () => {
    const { next, state } = script([[metadata('1'), { type: 'error', error: busy.toInfo() }]], [text('a')]);
    expect((await run(fast, next)).items).toEqual([text('a')]);
    expect(state.closed).toBe(2);
  });

  test('an error after the content of a second attempt says so', async () => {
    const { next } = script([busy], [text('a'), new LmdeckError('incomplete-response', 'cut')]);
    const { items, error } = await run(fast, next);
    expect(items).toEqual([text('a')]);
    expect(error).toMatchObject({ code: 'incomplete-response', data: { attempts: 2 } });
  });

  test('afterFirstToken holds an answer back that nobody reads piece by piece', async () => {
    const { next } = script([text('lo'), text('st'), busy], [text('a'), text('b'), finish]);
    const { items } = await run({ ...fast, afterFirstToken: true }, next, callContext({ stream: false }));
    expect(items.flat()).toEqual([text('a'), text('b'), finish]);
  });

  test('afterFirstToken gives out what the last attempt brought', async () => {
    const { next } = script([text('lost'), busy], [text('kept'), busy]);
    const { items, error } = await run({ ...fast, retries: 1, afterFirstToken: true }, next, callContext({ stream: false }));
    expect(items.flat()).toEqual([text('kept')]);
    expect(error).toMatchObject({ code: 'server' });
  });

  test('afterFirstToken changes nothing for a reader of pieces', async () => {
    const { next, state } = script([text('a'), busy], [text('b')]);
    expect(await run({ ...fast, afterFirstToken: true }, next)).toEqual({ items: [text('a')], error: busy });
    expect(state.calls).toBe(1);
  });

  test('the way of an attempt that was not the first is the same', async () => {
    const { next, state } = script([busy], [text('a'), text('b'), finish]);
    const items: Item[] = [];
    for await (const item of retry(fast)(request, callContext(), next)) {
      items.push(item);
      if (items.length === 2) break;
    }
    expect([items, state]).toEqual([[text('a'), text('b')], { calls: 2, closed: 2 }]);
  });

  test('what a caller’s own function throws ends the call', async () => {
    const { next, state } = script([busy], [text('a')]);
    const onRetry = (): never => {
      throw new Error('no log');
    };
    expect((await run({ ...fast, onRetry }, next)).error).toMatchObject({ code: 'internal', message: 'no log' });
    expect(state.calls).toBe(1);
  });

  test('leaving ends the attempt under way', async () => {
    const { next, state } = script([text('a'), text('b')]);
    for await (const _ of retry(fast)(request, callContext(), next)) break;
    expect(state).toEqual({ calls: 1, closed: 1 });
  });

  test('a reader sees one attempt, whole, and never a piece of another', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(3), { maxLength: 4 }), fc.nat(3), fc.nat(4), async (failures, lead, cut) => {
        const attempts = failures.map((count, i): Attempt => [...Array.from({ length: count }, () => metadata(`${i}`)), busy]);
        const answer = [...Array.from({ length: lead }, () => metadata('last')), text('a'), text('b'), finish];
        const { next } = script(...attempts, [answer.slice(0, cut), ...answer.slice(cut)]);
        const { items, error } = await run({ ...fast, retries: 4 }, next);
        expect(error).toBeUndefined();
        expect(items.flat()).toEqual(answer);
      }),
    );
  });
});

describe('the wait', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const later: RetryOptions = { baseMs: 1_000, random: () => 0.5 };

  test('grows, and keeps to what the server asks for', async () => {
    const slow = new LmdeckError('rate-limit', 'slow down', { retryAfterMs: 20_000 });
    const delays: number[] = [];
    const { next } = script([busy], [busy], [slow], [text('a')]);
    const started = Date.now();
    const running = run({ ...later, retries: 3, onRetry: ({ delayMs }) => delays.push(delayMs) }, next);
    await vi.runAllTimersAsync();
    expect((await running).items).toEqual([text('a')]);
    expect(delays).toEqual([500, 1_000, 20_500]);
    expect(Date.now() - started).toBe(22_000);
  });

  test('after a rate limit grows for itself, and has attempts for itself', async () => {
    const limited = new LmdeckError('rate-limit', 'slow down');
    const infos: [attempts: number, delayMs: number][] = [];
    const { next, state } = script([busy], [limited], [busy], [limited], [limited], [busy]);
    const running = run(
      { ...later, retries: 2, rateLimitRetries: 4, onRetry: ({ attempts, delayMs }) => infos.push([attempts, delayMs]) },
      next,
    );
    await vi.runAllTimersAsync();
    expect((await running).error).toMatchObject({ code: 'server', data: { attempts: 6 } });
    expect(state.calls).toBe(6);
    expect(infos).toEqual([
      [3, 500],
      [7, 500],
      [7, 1000],
      [7, 1000],
      [7, 2000],
    ]);
  });

  test.each<[RetryOptions, number]>([
    [{}, 7],
    [{ retries: 0 }, 1],
    [{ rateLimitRetries: 1 }, 2],
    [{ retries: 0, rateLimitRetries: 3 }, 4],
  ])('rate limits with %j are asked %i times', async (options, calls) => {
    const limited: Attempt = [new LmdeckError('rate-limit', 'slow down')];
    const { next, state } = script(...Array.from({ length: 9 }, () => limited));
    const running = run(options, next);
    await vi.runAllTimersAsync();
    expect((await running).error).toMatchObject({ code: 'rate-limit' });
    expect(state.calls).toBe(calls);
  });

  test('is left to the limiter that holds the call back', async () => {
    const slow = new LmdeckError('rate-limit', 'slow down', { retryAfterMs: 20_000 });
    const { next } = script([slow], [busy], [text('a')]);
    const delays: number[] = [];
    const context = callContext();
    const running = run({ ...later, onRetry: ({ delayMs }) => delays.push(delayMs) }, next, {
      ...context,
      trace: { attempts: 0, paced: true },
    });
    await vi.runAllTimersAsync();
    expect((await running).items).toEqual([text('a')]);
    expect(delays).toEqual([0, 500]);
  });

  test('that the server wants longer than allowed is not begun', async () => {
    const slow = new LmdeckError('rate-limit', 'slow down', { retryAfterMs: 20_000 });
    const { next, state } = script([slow], [text('a')]);
    expect((await run({ ...later, maxRetryAfterMs: 19_999 }, next)).error).toBe(slow);
    expect(state.calls).toBe(1);
  });

  test.each<[string, RetryOptions, Partial<CallContext>]>([
    ['budgetMs', { budgetMs: 1_400 }, {}],
    ['timeouts.totalMs', {}, { timeouts: { totalMs: 1_400 } }],
  ])('ends within %s or is not begun', async (_, options, context) => {
    const { next, state } = script([busy], [busy], [text('a')]);
    const running = run({ ...later, retries: 5, ...options }, next, callContext(context));
    await vi.runAllTimersAsync();
    expect((await running).error).toMatchObject({ code: 'server', data: { attempts: 2 } });
    expect(state.calls).toBe(2);
  });

  test('timeouts.totalMs counts from the start of the call', async () => {
    const { next, state } = script([busy], [text('a')]);
    const context = callContext({ timeouts: { totalMs: 5_000 }, startedAt: Date.now() - 4_800 });
    expect((await run(later, next, context)).error).toBe(busy);
    expect(state.calls).toBe(1);
  });

  test('ends at once when the call is aborted, and leaves nothing behind', async () => {
    const controller = new AbortController();
    const reason = new LmdeckError('aborted', 'enough');
    const { next, state } = script([busy], [text('a')]);
    const running = run(
      { ...later, onRetry: () => queueMicrotask(() => controller.abort(reason)) },
      next,
      callContext({ signal: controller.signal }),
    );
    expect((await running).error).toBe(reason);
    expect(state.calls).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  test('that is aborted leaves nothing of the attempt before it', async () => {
    const controller = new AbortController();
    const { next } = script([metadata('1'), busy], [text('a')]);
    const onRetry = (): void => queueMicrotask(() => controller.abort(new LmdeckError('aborted', 'enough')));
    const { items, error } = await run({ ...later, onRetry }, next, callContext({ signal: controller.signal }));
    expect([items, error]).toMatchObject([[], { code: 'aborted' }]);
  });

  test('is not begun when the call was aborted, whatever the reason’s class', async () => {
    const outer = new LmdeckError('timeout', 'a limit around all attempts');
    const { next, state } = script([outer], [text('a')]);
    expect((await run(later, next, callContext({ signal: AbortSignal.abort(outer) }))).error).toBe(outer);
    expect(state.calls).toBe(1);
  });

  test('ends when the reader leaves', async () => {
    const { next, state } = script([busy], [text('a')]);
    const iterator = retry({ ...later, onRetry: () => queueMicrotask(() => void iterator.return?.()) })(request, callContext(), next)[
      Symbol.asyncIterator
    ]();
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(state.calls).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});
