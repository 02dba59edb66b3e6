import type { Row } from '../row.ts';
import { rotate } from '../rotation.ts';

export const cacheRow: Row = {
  name: 'cache',
  summary: 'an answer from the tape through the public API, against reading and parsing a row by hand',
  run: async (bench) => [
    await rotate(bench, {
      title: 'Cache hit, 20,000 calls on file',
      unit: 'hit',
      measure: 'rate',
      reference: 'node:sqlite get + JSON.parse',
      cases: [
        { name: 'node:sqlite get + JSON.parse', client: 'node:sqlite', task: 'get and parse' },
        { name: 'lmdeck model.prompt(…).text()', client: 'lmdeck tape', task: 'cached' },
      ],
      goals: [
        {
          what: 'lmdeck ÷ node:sqlite get + JSON.parse, hits per second',
          measure: 'rate',
          of: 'lmdeck model.prompt(…).text()',
          to: 'node:sqlite get + JSON.parse',
          atLeast: 0.6,
        },
      ],
      concurrency: 1,
      rounds: bench.quick ? 3 : 7,
      sliceMs: bench.quick ? 100 : 250,
      trialRuns: 1000,
    }),
  ],
};
