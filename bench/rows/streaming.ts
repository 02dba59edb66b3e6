import type { Goal } from '../comparison.ts';
import type { Row } from '../row.ts';
import { rotate, type Rotation } from '../rotation.ts';

export const streamingRow: Row = {
  name: 'streaming',
  summary: 'a streamed answer, paced (one event every 2 ms, as servers do) and in bursts (8 events per write)',
  run: async (bench) => [
    await rotate(bench, { ...streams(bench.quick, 300, 'text-300-x1-2ms', 2.8, 7), title: 'Paced stream, 32 at a time', concurrency: 32 }),
    await rotate(bench, { ...streams(bench.quick, 2000, 'text-2000-x8', 3, 12), title: 'Burst stream, one at a time', concurrency: 1 }),
    await rotate(bench, { ...streams(bench.quick, 2000, 'text-2000-x8', 3, 12), title: 'Burst stream, 32 at a time', concurrency: 32 }),
  ],
};

function streams(
  quick: boolean,
  chunks: number,
  argument: string,
  overOpenai: number,
  overAi: number,
): Omit<Rotation, 'title' | 'concurrency'> {
  const stream = { task: 'stream', argument, unitsPerRun: chunks };
  const goals: readonly Goal[] = [
    { what: 'openai ÷ lmdeck, CPU', measure: 'cpu', of: 'openai', to: 'lmdeck', atLeast: overOpenai },
    { what: 'ai ÷ lmdeck, CPU', measure: 'cpu', of: 'ai', to: 'lmdeck', atLeast: overAi },
  ];
  return {
    unit: 'chunk',
    measure: 'cpu',
    reference: 'node:http, SSE by hand',
    cases: [
      { ...stream, name: 'node:http, SSE by hand', client: 'node:http' },
      { ...stream, name: 'lmdeck', client: 'lmdeck' },
      { ...stream, name: 'openai', client: 'openai' },
      { ...stream, name: 'openai .stream()', client: 'openai', task: 'stream helper' },
      { ...stream, name: 'ai', client: 'ai' },
    ],
    goals,
    rounds: quick ? 3 : 7,
    sliceMs: quick ? 100 : 250,
    trialRuns: 8,
  };
}
