import { describe, expect, test } from 'vitest';
import type { RateLimiterOptions } from './rate-limiter.ts';
import type { Counting, ServerOptions } from './test-support/simulated-server.ts';
import { Simulation, type Client, type Work } from './test-support/simulation.ts';

const MINUTE = 60_000;
const COUNTINGS: readonly Counting[] = ['fixed', 'sliding', 'bucket'];

const small = (): Work => ({ inputTokens: 100, outputTokens: 50 });
const mixed = (random: () => number): Work => ({
  inputTokens: Math.floor(50 + random() * 900),
  outputTokens: Math.floor(20 + random() * 400),
});

function runs(...concurrencies: readonly number[]): Client[] {
  return concurrencies.map((concurrency, i) => ({ runId: `run-${i}`, concurrency, work: small }));
}

/** Seeds and clients: everything that the limiter may begin with. */
const seeds: readonly (readonly [string, RateLimiterOptions])[] = [
  ['absent', {}],
  ['too low', { requestsPerMinute: 60 }],
  ['too high', { requestsPerMinute: 6000 }],
];

const cases = COUNTINGS.flatMap((counting) =>
  seeds.flatMap(([name, limiter]) => [1, 3].map((clients) => ({ counting, name, limiter, clients }))),
);

describe('a server that tells its limits', () => {
  test.each(cases)('of requests, $counting, seed $name, $clients run(s)', ({ counting, limiter, clients }) => {
    const simulation = new Simulation({
      server: { counting, requests: 600 },
      limiter,
      clients: runs(...Array.from({ length: clients }, () => 100)),
    });
    const begun: number[] = [];
    for (let minute = 0; minute < 4; minute++) {
      const { accepted, refused } = simulation.pass(MINUTE);
      expect(accepted / 600).toBeGreaterThan(0.95);
      expect(refused).toBe(0);
      if (minute === 0) begun.push(...simulation.done);
    }
    // Turns are taken from the time on at which all of them are there.
    const [first = 0, ...others] = simulation.done.map((done, i) => done - (begun[i] ?? 0));
    for (const done of others) expect(Math.abs(done - first)).toBeLessThan(first / 50);
    expect(simulation.errors).toEqual([]);
  });

  test.each(cases)('of tokens, $counting, seed $name, $clients run(s)', ({ counting, limiter, clients }) => {
    const { requestsPerMinute } = limiter;
    const simulation = new Simulation({
      server: { counting, requests: 1000, tokens: 100_000 },
      limiter: requestsPerMinute === undefined ? {} : { requestsPerMinute, tokensPerMinute: requestsPerMinute * 170 },
      clients: Array.from({ length: clients }, (_, i) => ({ runId: `run-${i}`, concurrency: 50, work: mixed })),
    });
    const minutes = [1, 2, 3, 4, 5].map(() => simulation.pass(MINUTE));
    expect(minutes.reduce((sum, { refused }) => sum + refused, 0)).toBeLessThanOrEqual(4);
    for (const { tokens } of minutes) expect(tokens / 100_000).toBeGreaterThan(0.93);
    expect(minutes.reduce((sum, { tokens }) => sum + tokens, 0) / 500_000).toBeGreaterThan(0.95);
    expect(simulation.errors).toEqual([]);
  });

  test.each<[string, ServerOptions, Partial<ConstructorParameters<typeof Simulation>[0]>]>([
    ['a bucket of five seconds', { counting: 'bucket', requests: 600, capacity: 1 / 12 }, {}],
    ['answers that take half a minute', { counting: 'sliding', requests: 600 }, { answerMs: 30_000, clients: runs(600) }],
    ['200 a second', { counting: 'fixed', requests: 12_000 }, { clients: runs(1000) }],
    ['a way of half a second, now long, now short', { counting: 'fixed', requests: 600 }, { networkMs: 500 }],
  ])('%s', (_, server, more) => {
    const simulation = new Simulation({ server, clients: runs(100), ...more });
    const minutes = [1, 2, 3].map(() => simulation.pass(MINUTE));
    for (const { accepted } of minutes) expect(accepted / (server.requests ?? 1)).toBeGreaterThan(0.95);
    expect(minutes.reduce((sum, { refused }) => sum + refused, 0)).toBeLessThanOrEqual(3);
  });
});

describe('a server that only refuses', () => {
  const mute = COUNTINGS.flatMap((counting) => [
    { counting, name: 'absent', limiter: {} },
    { counting, name: 'too high', limiter: { requestsPerMinute: 6000 } },
  ]);

  test.each(mute)('$counting, seed $name', ({ counting, limiter }) => {
    const simulation = new Simulation({ server: { counting, requests: 600, tells: false }, limiter, clients: runs(200) });
    // What was under way at the first refusal cannot be taken back.
    expect(simulation.pass(MINUTE).refused).toBeLessThan(50);
    const { accepted, refused } = simulation.pass(6 * MINUTE);
    expect(accepted / 3600).toBeGreaterThan(0.95);
    expect(refused).toBeLessThan(6 * 10);
    expect(simulation.errors).toEqual([]);
  });

  test.each(COUNTINGS)('and does not say for how long, %s', (counting) => {
    const simulation = new Simulation({ server: { counting, requests: 600, tells: false, asksToWait: false }, clients: runs(64) });
    expect(simulation.pass(2 * MINUTE).refused).toBeLessThan(40);
    const { accepted, refused } = simulation.pass(8 * MINUTE);
    expect(accepted / 4800).toBeGreaterThan(0.92);
    expect(refused).toBeLessThan(8 * 5);
  });

  test('a limit that is set and right is kept without a refusal', () => {
    for (const counting of COUNTINGS) {
      const simulation = new Simulation({
        server: { counting, requests: 600, tells: false },
        limiter: { requestsPerMinute: 600 },
        clients: runs(200),
      });
      const { accepted, refused } = simulation.pass(5 * MINUTE);
      expect(accepted / 3000).toBeGreaterThan(0.95);
      expect(refused).toBe(0);
    }
  });
});

describe('nobody starves', () => {
  test('a run of a few calls beside one of many; calls without a run wait least', () => {
    const clients: Client[] = [...runs(200, 10, 1), { concurrency: 1, work: small }];
    const simulation = new Simulation({ server: { counting: 'fixed', requests: 600 }, clients });
    simulation.pass(5 * MINUTE);
    const [many = 0, few = 0, one = 0, own = 0] = simulation.done;
    expect(Math.abs(many - few)).toBeLessThan(many / 20);
    expect(one).toBeGreaterThan(300);
    expect(own).toBeGreaterThan(300);
  });

  test('large requests beside many small ones', () => {
    const clients: Client[] = [
      { runId: 'large', concurrency: 2, work: () => ({ inputTokens: 29_000, outputTokens: 1000 }) },
      { runId: 'small', concurrency: 200, work: small },
    ];
    for (const counting of COUNTINGS) {
      const simulation = new Simulation({ server: { counting, tokens: 100_000 }, clients });
      const { refused } = simulation.pass(10 * MINUTE);
      expect(simulation.done[0]).toBeGreaterThan(15);
      expect(simulation.done[1]).toBeGreaterThan(15);
      expect(refused).toBeLessThanOrEqual(2);
      expect(simulation.errors).toEqual([]);
    }
  });

  test('a window of the server’s that has half gone by when the first call comes', () => {
    const simulation = new Simulation({ server: { counting: 'fixed', requests: 600 }, clients: runs(100), startAt: 1_050_000 });
    const { accepted, refused } = simulation.pass(5 * MINUTE);
    expect(accepted / 3000).toBeGreaterThan(0.95);
    expect(refused).toBe(0);
  });

  test('another process with the same limit', () => {
    const server: ServerOptions = { counting: 'sliding', requests: 600 };
    const simulation = new Simulation({ server, clients: runs(100) });
    simulation.pass(2 * MINUTE);
    // Half of the limit is taken by somebody else from now on.
    const other = (): void => {
      simulation.server.ask(1, simulation.clock.now());
      simulation.clock.after(200, other);
    };
    other();
    simulation.pass(2 * MINUTE);
    const done = simulation.done[0] ?? 0;
    const refusedBefore = simulation.server.refused;
    simulation.pass(5 * MINUTE);
    expect((simulation.done[0] ?? 0) - done).toBeGreaterThan(5 * 200);
    // Both together; the other one asks without a limiter.
    expect(simulation.server.refused - refusedBefore).toBeLessThan(5 * 120);
  });
});

test('when all have gone nothing is reserved, nobody waits, and no timer is left', () => {
  for (const limiter of [{}, { requestsPerMinute: 100, tokensPerMinute: 5000, concurrency: 7 }]) {
    const simulation = new Simulation({
      server: { counting: 'sliding', requests: 300, tokens: 20_000, tells: false },
      limiter,
      clients: runs(40, 40),
    });
    simulation.pass(3 * MINUTE);
    simulation.drain();
    simulation.pass(2 * MINUTE);
    const state = simulation.limiter.state();
    expect([state.inFlight, state.waiting, simulation.clock.pending]).toEqual([0, 0, 0]);
    for (const lane of state.lanes) {
      expect([lane.inFlight, lane.waiting]).toEqual([0, 0]);
      for (const limit of lane.limits) expect(limit.used).toBeCloseTo(0, 3);
    }
  }
});
