import type { Row } from '../row.ts';
import { rotate, type Case } from '../rotation.ts';

const sizes = [250, 4000];
const clients = [
  { name: 'node:http, SSE by hand', client: 'node:http', task: 'tool' },
  { name: 'lmdeck', client: 'lmdeck', task: 'tool' },
  { name: 'openai', client: 'openai', task: 'tool' },
  { name: 'openai .stream()', client: 'openai', task: 'tool helper' },
  { name: 'ai', client: 'ai', task: 'tool' },
];

export const toolRow: Row = {
  name: 'tool',
  summary: 'a streamed tool call, to its parsed arguments: the cost of a delta must not grow with their number',
  run: async (bench) => [
    await rotate(bench, {
      title: 'Streamed tool call, one at a time',
      unit: 'delta',
      measure: 'cpu',
      reference: `node:http, SSE by hand, ${sizes[0]} deltas`,
      cases: sizes.flatMap((size): Case[] =>
        clients.map((each) => ({ ...each, name: `${each.name}, ${size} deltas`, argument: `tool-${size}-x8`, unitsPerRun: size })),
      ),
      goals: [
        ...sizes.map((size) => ({
          what: `lmdeck ÷ SSE by hand, CPU, ${size} deltas`,
          measure: 'cpu' as const,
          of: `lmdeck, ${size} deltas`,
          to: `node:http, SSE by hand, ${size} deltas`,
          atMost: 1.5,
        })),
        {
          what: 'lmdeck, CPU per delta, 4000 ÷ 250 deltas',
          measure: 'cpu',
          of: 'lmdeck, 4000 deltas',
          to: 'lmdeck, 250 deltas',
          atMost: 1.3,
        },
      ],
      concurrency: 1,
      rounds: bench.quick ? 3 : 7,
      sliceMs: bench.quick ? 60 : 150,
      trialRuns: 8,
      resultsDiffer: true,
    }),
  ],
};
