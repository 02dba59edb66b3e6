import type { Row } from '../row.ts';
import { rotate } from '../rotation.ts';

export const transportRow: Row = {
  name: 'transport',
  summary: 'what lmdeck could stand on: node:http, undici, the global fetch, all by hand',
  run: async (bench) => [
    await rotate(bench, {
      title: 'Chat completion by hand, 16 at a time',
      unit: 'call',
      measure: 'cpu',
      reference: 'node:http by hand',
      cases: [
        { name: 'node:http by hand', client: 'node:http', task: 'call' },
        { name: 'undici.dispatch', client: 'undici', task: 'dispatch' },
        { name: 'undici.request', client: 'undici', task: 'call' },
        { name: 'global fetch', client: 'fetch', task: 'call' },
      ],
      goals: [],
      concurrency: 16,
      rounds: bench.quick ? 3 : 7,
      sliceMs: bench.quick ? 120 : 250,
      trialRuns: 500,
    }),
    await rotate(bench, {
      title: 'Paced stream by hand, 32 at a time',
      unit: 'chunk',
      measure: 'cpu',
      reference: 'node:http, SSE by hand',
      cases: [
        { name: 'node:http, SSE by hand', client: 'node:http', task: 'stream' },
        { name: 'undici.dispatch', client: 'undici', task: 'stream dispatch' },
        { name: 'undici.request', client: 'undici', task: 'stream' },
        { name: 'global fetch', client: 'fetch', task: 'stream' },
      ].map((each) => ({ ...each, argument: 'text-300-x1-2ms', unitsPerRun: 300 })),
      goals: [],
      concurrency: 32,
      rounds: bench.quick ? 3 : 7,
      sliceMs: 250,
      trialRuns: 8,
    }),
  ],
};
