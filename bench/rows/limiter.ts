import { places } from '../limiter-load.ts';
import { rotate, type Case } from '../rotation.ts';
import type { Row } from '../row.ts';

const cases: readonly Case[] = [
  { name: 'p-queue', client: 'p-queue', task: 'call' },
  { name: 'bottleneck', client: 'bottleneck', task: 'call' },
  { name: 'lmdeck rateLimiter', client: 'lmdeck limiter', task: 'call' },
];

export const limiterRow: Row = {
  name: 'limiter',
  summary: 'calls through a limit that is never reached: requests and places, and for lmdeck tokens too, guessed before and settled after',
  run: async (bench) => [
    await rotate(bench, { ...calls(bench.quick, 0.6), title: 'Limited calls, one at a time', concurrency: 1 }),
    await rotate(bench, { ...calls(bench.quick, 2), title: `Limited calls, 1000 at a time through ${places} places`, concurrency: 1000 }),
  ],
};

function calls(quick: boolean, atMost: number) {
  return {
    unit: 'call',
    measure: 'cpu' as const,
    reference: 'p-queue',
    cases,
    goals: [
      // 5 µs per call are 200,000 decisions a second; the peers count no tokens and know no runs.
      { what: 'lmdeck ÷ p-queue, CPU', measure: 'cpu' as const, of: 'lmdeck rateLimiter', to: 'p-queue', atMost },
      { what: 'bottleneck ÷ lmdeck, CPU', measure: 'cpu' as const, of: 'bottleneck', to: 'lmdeck rateLimiter', atLeast: 10 },
    ],
    rounds: quick ? 3 : 7,
    sliceMs: quick ? 120 : 250,
    trialRuns: 1000,
  };
}
