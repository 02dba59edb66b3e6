import fc from 'fast-check';
import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { LmdeckError } from '../../core/index.ts';
import { rateLimiter, type RateLimiter, type RateLimiterOptions } from './rate-limiter.ts';
import { ManualCall, type ManualCallOptions } from './test-support/manual-call.ts';
import { SimulatedClock } from './test-support/simulated-clock.ts';

const tooSoon = (retryAfterMs?: number): LmdeckError =>
  new LmdeckError('rate-limit', 'too soon', { status: 429, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });

interface Bench {
  readonly clock: SimulatedClock;
  readonly limiter: RateLimiter;
  call(options?: ManualCallOptions): ManualCall;
  /** Tokens of the first limit that count. */
  used(): number;
}

function bench(options: RateLimiterOptions = {}): Bench {
  const clock = new SimulatedClock(1_000_000);
  const limiter = rateLimiter({ ...options, clock });
  return {
    clock,
    limiter,
    call: (call) => new ManualCall(limiter, call),
    used: () => limiter.state().lanes[0]?.limits[0]?.used ?? -1,
  };
}

describe('what was reserved becomes what was used', () => {
  // 400 characters are guessed to be 107 tokens, 512 are expected back.
  const call = { chars: 400 };
  const guess = 107 + 512;

  test.each<[string, (call: ManualCall) => unknown, number]>([
    ['a whole answer', (each) => each.end(150, 20), 170],
    ['an answer whose counts are not told', (each) => (each.give({ type: 'text-delta', text: 'x'.repeat(40) }), each.end()), 117],
    [
      'an answer that breaks off',
      (each) => (each.give({ type: 'text-delta', text: 'x'.repeat(40) }), each.fail(new LmdeckError('network', 'gone'))),
      117,
    ],
    [
      'an answer that fails after its counts',
      (each) => (each.give({ type: 'usage', usage: { inputTokens: 90, outputTokens: 5 } }), each.fail(new LmdeckError('server', 'gone'))),
      95,
    ],
    ['a reader who leaves', (each) => (each.give({ type: 'text-delta', text: 'x'.repeat(80) }), each.leave()), 127],
    ['an abort before anything came', (each) => each.fail(new LmdeckError('aborted', 'enough')), 107],
    [
      'a request that the server does not accept',
      (each) => (each.head(400), each.fail(new LmdeckError('invalid-request', 'no', { status: 400 }))),
      0,
    ],
    ['a request that came too soon', (each) => (each.head(429), each.fail(tooSoon(1000))), 0],
    ['an error in the events', (each) => (each.give({ type: 'error', error: tooSoon(1000).toInfo() }), each.leave()), 107],
  ])('%s', async (_, end, used) => {
    const { call: make, used: count, limiter } = bench({ tokensPerMinute: 10_000 });
    const one = make(call);
    expect(one.state).toBe('sent');
    expect(count()).toBe(guess);
    await end(one);
    expect(count()).toBe(used);
    expect(limiter.state()).toMatchObject({ inFlight: 0, waiting: 0 });
  });

  test('where input and output count apart, input from the cache does not count', () => {
    const { call: make, limiter } = bench({ inputTokensPerMinute: 10_000, outputTokensPerMinute: 5000 });
    const one = make(call);
    one.give({ type: 'usage', usage: { inputTokens: 100, outputTokens: 10, cachedInputTokens: 80 } });
    one.end();
    expect(limiter.state().lanes[0]?.limits.map(({ kind, used }) => [kind, used])).toEqual([
      ['inputTokens', 20],
      ['outputTokens', 10],
    ]);
  });

  test('maxTokens is not reserved because it is allowed', () => {
    const { call: make, used } = bench({ tokensPerMinute: 10_000 });
    make({ options: { maxTokens: 8000 } });
    expect(used()).toBeLessThan(600);
  });
});

describe('a request that can never go', () => {
  test.each<[RateLimiterOptions, string]>([
    [
      { tokensPerMinute: 1000 },
      'm: the request has at least 5003 input tokens; the limit that is set is 1000 tokens per minute, so it can never be sent. Shorten it, or raise the limit.',
    ],
    [{ inputTokensPerMinute: 1000 }, 'the limit that is set is 1000 input tokens per minute'],
  ])('%j', (options, message) => {
    const { call, limiter } = bench(options);
    const large = call({ chars: 40_000 });
    expect(large.error).toMatchObject({ code: 'invalid-request', retryable: false, message: expect.stringContaining(message) });
    expect(large.error?.data).toMatchObject({ limit: 1000, inputTokens: 5003 });
    expect(limiter.state()).toMatchObject({ inFlight: 0, waiting: 0 });
    // One that is only expected to be large, because of its answer, goes.
    expect(call({ chars: 3000, options: { maxTokens: 5000 } }).state).toBe('sent');
  });
});

describe('after a refusal', () => {
  test('everything that is counted together waits for as long as the server asks', () => {
    const { call, clock } = bench({ requestsPerMinute: 6000 });
    const [first, second] = [call(), call()];
    first.head(429);
    first.fail(tooSoon(20_000));
    second.end();
    const third = call();
    clock.pass(19_900);
    expect([third.state, clock.pending]).toEqual(['waiting', 1]);
    clock.pass(400);
    expect([third.state, clock.pending]).toEqual(['sent', 0]);
  });

  test('a server that is too busy and says for how long is left alone too', () => {
    const { call, clock } = bench();
    call().fail(new LmdeckError('server', 'busy', { status: 503, retryAfterMs: 5000 }));
    const next = call();
    clock.pass(4900);
    expect(next.state).toBe('waiting');
    clock.pass(200);
    expect(next.state).toBe('sent');
  });

  test('without a word about waiting it waits longer each time in a row', () => {
    const { call, clock } = bench({ requestsPerMinute: 6000 });
    const waits: number[] = [];
    let current = call();
    for (let i = 0; i < 4; i++) {
      if (i === 3) current.give({ type: 'text-delta', text: 'well' });
      current.fail(tooSoon());
      const before = clock.now();
      current = call();
      while (current.state === 'waiting') clock.pass(100);
      waits.push(Math.round((clock.now() - before) / 1000));
    }
    expect(waits).toEqual([1, 2, 4, 1]);
  });

  test('a used-up quota holds nobody back', () => {
    const { call } = bench();
    call().fail(new LmdeckError('rate-limit', 'insufficient_quota', { status: 429, retryable: false }));
    expect(call().state).toBe('sent');
  });

  test('a longer wait than maxHoldMs fails, also for those who wait already', () => {
    const { call, clock, limiter } = bench({ concurrency: 1 });
    const first = call();
    const second = call();
    first.fail(tooSoon(120_000));
    const third = call();
    for (const each of [second, third])
      expect(each.error).toMatchObject({ code: 'rate-limit', retryAfterMs: 120_000, message: expect.stringContaining('again in 120 s') });
    expect([limiter.state().waiting, clock.pending]).toEqual([0, 0]);
    clock.pass(61_000);
    const fourth = call();
    expect(fourth.state).toBe('waiting');
    clock.pass(60_000);
    expect(fourth.state).toBe('sent');
  });

  test('says to retry() that it holds the call back, and lets it come back first', () => {
    const { call, clock } = bench({ concurrency: 1 });
    const first = call({ runId: 'a' });
    const second = call({ runId: 'a' });
    first.fail(tooSoon(1000));
    expect(first.trace.paced).toBe(true);
    const again = call({ runId: 'a', trace: { attempts: 2 } });
    clock.pass(1100);
    expect([again.state, second.state]).toEqual(['sent', 'waiting']);
  });

  test('one model does not wait for another, where each is counted for itself', () => {
    const { call, limiter } = bench();
    call({ model: 'a' }).fail(tooSoon(10_000));
    expect(call({ model: 'a' }).state).toBe('waiting');
    expect(call({ model: 'b' }).state).toBe('sent');
    expect(limiter.state().lanes.map(({ model, heldMs, waiting }) => [model, heldMs, waiting])).toEqual([
      ['a', 10_000, 1],
      ['b', undefined, 0],
    ]);
  });
});

describe('what the server says', () => {
  const tells = { 'x-ratelimit-limit-requests': '60', 'x-ratelimit-remaining-requests': '59', 'x-ratelimit-reset-requests': '1s' };
  const limits = ({ limiter }: Bench) => limiter.state().lanes[0]?.limits.map(({ kind, limit, source }) => [kind, limit, source]);

  test('counts more than what was given', () => {
    const self = bench({ requestsPerMinute: 1000, tokensPerMinute: 5000 });
    self.call().head(200, tells);
    expect(limits(self)).toEqual([
      ['requests', 60, 'server'],
      ['tokens', 5000, 'given'],
    ]);
  });

  test('also when it refuses', () => {
    const self = bench();
    self.call().head(429, tells);
    expect(limits(self)).toEqual([['requests', 60, 'server']]);
  });

  test('limits of input and output take the place of one of both, and those of a second that of a minute', () => {
    const self = bench({ tokensPerMinute: 50_000, requestsPerMinute: 1000 });
    const [first, second] = [self.call(), self.call({ runId: 'a' })];
    first.head(200, { 'anthropic-ratelimit-input-tokens-limit': '80000', 'anthropic-ratelimit-output-tokens-limit': '16000' });
    second.head(200, { 'x-ratelimit-limit': '10', 'x-tokenlimit-limit': '3000' });
    expect(limits(self)?.toSorted()).toEqual([
      ['inputTokens', 80_000, 'server'],
      ['outputTokens', 16_000, 'server'],
      ['requests', 10, 'server'],
      ['tokens', 3000, 'server'],
    ]);
  });

  test('does not raise a limit that is fixed', () => {
    const self = bench({ requestsPerMinute: 10, fixed: true });
    const call = self.call();
    call.head(200, tells);
    expect(limits(self)).toEqual([['requests', 10, 'given']]);
    call.head(200, { 'x-ratelimit-limit-requests': '5' });
    expect(limits(self)).toEqual([['requests', 5, 'server']]);
  });

  test('limits of a day are no pace', () => {
    const self = bench();
    self
      .call()
      .head(200, { 'x-ratelimit-limit-requests': '14400', 'x-ratelimit-remaining-requests': '14399', 'x-ratelimit-reset-requests': '6s' });
    expect(limits(self)).toEqual([]);
  });

  test('nothing is known: a few calls at first, more with every answer, all once the limits are known', () => {
    const { call } = bench();
    const calls = Array.from({ length: 12 }, () => call());
    const sent = (): number => calls.filter(({ state }) => state !== 'waiting').length;
    expect(sent()).toBe(4);
    calls[0]?.head(200);
    expect(sent()).toBe(5);
    calls[0]?.end();
    expect(sent()).toBe(6);
    calls[1]?.head(200, { 'x-ratelimit-limit-requests': '6000' });
    expect(sent()).toBe(12);
  });
});

describe('models with limits of their own', () => {
  test('are counted for themselves, and share the places', () => {
    const { call, limiter } = bench({ requestsPerMinute: 6, concurrency: 3, models: { big: { requestsPerMinute: 12 } } });
    expect([call({ model: 'small' }).state, call({ model: 'other' }).state, call({ model: 'big' }).state]).toEqual([
      'sent',
      'waiting',
      'sent',
    ]);
    expect(limiter.state()).toMatchObject({
      concurrency: 3,
      inFlight: 2,
      waiting: 1,
      lanes: [
        { limits: [{ limit: 6, used: 1 }], inFlight: 1, waiting: 1 },
        { model: 'big', limits: [{ limit: 12, used: 1 }], inFlight: 1 },
      ],
    });
  });

  test('take turns at the places', () => {
    const { call } = bench({ concurrency: 1 });
    const first = call({ model: 'a' });
    const [a, b, a2] = [call({ model: 'a' }), call({ model: 'b' }), call({ model: 'a' })];
    first.end();
    const next = [a, b].find(({ state }) => state === 'sent');
    next?.end();
    expect([a.state, b.state, a2.state]).toEqual(expect.arrayContaining(['waiting']));
    expect(a2.state).toBe('waiting');
    expect([a.state, b.state].toSorted()).toEqual(['ended', 'sent']);
  });
});

describe('whoever waits', () => {
  test('can be aborted, and leaves nothing behind', () => {
    const { call, limiter, clock } = bench({ requestsPerMinute: 1 });
    const controller = new AbortController();
    call();
    const second = call({ signal: controller.signal });
    const third = call();
    expect([second.state, getEventListeners(controller.signal, 'abort').length]).toEqual(['waiting', 1]);
    controller.abort(new LmdeckError('aborted', 'enough'));
    expect(second.error).toMatchObject({ code: 'aborted', message: 'enough' });
    expect(getEventListeners(controller.signal, 'abort').length).toBe(0);
    expect(limiter.state().waiting).toBe(1);
    clock.pass(62_000);
    expect(third.state).toBe('sent');
    expect(clock.pending).toBe(0);
  });

  test('can leave; with the last one the timer goes too', async () => {
    const { call, limiter, clock } = bench({ requestsPerMinute: 1 });
    call();
    const second = call();
    expect(clock.pending).toBe(1);
    await second.leave();
    expect([limiter.state().waiting, clock.pending, second.state]).toEqual([0, 0, 'ended']);
  });

  test('is not let through when it was aborted before', () => {
    const { call, limiter } = bench();
    expect(call({ signal: AbortSignal.abort(new LmdeckError('aborted', 'before')) }).error).toMatchObject({ message: 'before' });
    expect(limiter.state().inFlight).toBe(0);
  });

  test('has one timer with all the others', () => {
    const { call, clock } = bench({ requestsPerMinute: 60 });
    for (let i = 0; i < 100; i++) call({ runId: `run-${i % 3}` });
    expect(clock.pending).toBe(1);
  });

  test('without a run goes before those with one', () => {
    const { call } = bench({ concurrency: 1 });
    const first = call();
    const run = call({ runId: 'a' });
    const own = call();
    first.end();
    expect([run.state, own.state]).toEqual(['waiting', 'sent']);
  });
});

test('whatever happens to calls, places and reservations are kept, and in the end given back', async () => {
  const action = fc.oneof(
    fc.record({
      type: fc.constant('call'),
      run: fc.constantFrom(undefined, 'a', 'b'),
      model: fc.constantFrom('m', 'n'),
      chars: fc.nat(4000),
    }),
    fc.record({ type: fc.constantFrom('end', 'fail', 'refuse', 'leave', 'abort'), which: fc.nat(), tokens: fc.nat(2000) }),
    fc.record({ type: fc.constant('pass'), ms: fc.nat(30_000) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 80 }), async (actions) => {
      const { limiter, clock } = bench({
        requestsPerMinute: 100,
        tokensPerMinute: 20_000,
        concurrency: 5,
        models: { n: { requestsPerMinute: 30 } },
      });
      const calls: { readonly call: ManualCall; readonly controller: AbortController }[] = [];
      const count = (...states: readonly ManualCall['state'][]): number => calls.filter(({ call }) => states.includes(call.state)).length;
      const act = async (each: (typeof actions)[number]): Promise<void> => {
        if ('ms' in each) return clock.pass(each.ms);
        if ('chars' in each) {
          const controller = new AbortController();
          const { run, model, chars } = each;
          const call = new ManualCall(limiter, { chars, model, signal: controller.signal, ...(run === undefined ? {} : { runId: run }) });
          return void calls.push({ call, controller });
        }
        const open = calls.filter(({ call }) => call.state === 'sent' || call.state === 'waiting');
        const { call, controller } = open[each.which % Math.max(1, open.length)] ?? {};
        if (each.type === 'abort') controller?.abort();
        if (each.type === 'leave') {
          await call?.leave();
          if (call?.state === 'sent') call.state = 'ended';
        } else if (call?.state === 'sent') {
          if (each.type === 'end') call.end(each.tokens, each.tokens);
          else if (each.type === 'refuse') call.fail(tooSoon(each.tokens));
          else call.fail(new LmdeckError('network', 'gone'));
        }
      };
      for (const each of actions) {
        await act(each);
        const { inFlight, waiting, lanes } = limiter.state();
        expect([inFlight, waiting]).toEqual([count('sent', 'received'), count('waiting')]);
        expect(inFlight).toBeLessThanOrEqual(5);
        expect(lanes.reduce((sum, lane) => sum + lane.inFlight, 0)).toBe(inFlight);
        for (const { limits } of lanes)
          for (const { kind, used, limit } of limits) if (kind === 'requests') expect(used).toBeLessThanOrEqual(limit + 1e-6);
        expect(clock.pending).toBeLessThanOrEqual(1);
      }
      for (let i = 0; count('sent', 'waiting') > 0 && i < 2000; i++) {
        for (const { call } of calls) if (call.state === 'sent') call.end(10, 10);
        clock.pass(500);
      }
      clock.pass(62_000);
      expect([count('sent', 'waiting'), clock.pending]).toEqual([0, 0]);
      for (const { limits, inFlight } of limiter.state().lanes) {
        expect(inFlight).toBe(0);
        for (const { used } of limits) expect(used).toBeCloseTo(0, 3);
      }
    }),
    { numRuns: 200 },
  );
});

test('a model that fails at once does not lose places or turns', () => {
  const { limiter, clock } = bench({ concurrency: 1 });
  const first = new ManualCall(limiter);
  const failing = Array.from({ length: 50 }, () => new FailingCall(limiter));
  const last = new ManualCall(limiter);
  first.end();
  expect(failing.map(({ state }) => state)).toEqual(failing.map(() => 'failed'));
  expect(last.state).toBe('sent');
  expect([limiter.state().inFlight, limiter.state().waiting, clock.pending]).toEqual([1, 0, 0]);
});

class FailingCall extends ManualCall {
  override pull(): void {
    throw new Error('at once');
  }
}
