import type { Row } from '../row.ts';
import { rotate } from '../rotation.ts';

const floor = 'node:sqlite get + JSON.parse';

export const replayRow: Row = {
  name: 'replay',
  summary: 'recorded answers through the public API, against reading and parsing a row by hand; a call over loopback for scale',
  run: async (bench) => [
    await rotate(bench, {
      title: 'Replay from a tape of 20,000 calls',
      unit: 'call',
      measure: 'cpu',
      reference: floor,
      cases: [
        { name: floor, client: 'node:sqlite', task: 'get and parse' },
        { name: 'lmdeck replay', client: 'lmdeck replay', task: 'exact' },
        { name: "lmdeck replay, relax: ['model', 'endpoint']", client: 'lmdeck replay', task: 'relaxed' },
        { name: "lmdeck replay, relax: ['whitespace']", client: 'lmdeck replay', task: 'white space' },
        { name: "lmdeck replay, order: 'sequence'", client: 'lmdeck replay', task: 'sequence' },
        { name: 'openai, asking a loopback server', client: 'openai', task: 'call' },
      ],
      // The one that asks a server gets that server's answers.
      resultsDiffer: true,
      goals: [],
      concurrency: 1,
      rounds: bench.quick ? 3 : 7,
      sliceMs: bench.quick ? 100 : 250,
      trialRuns: 500,
    }),
  ],
};
