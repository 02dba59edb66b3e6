import type { Row } from '../row.ts';
import { rotate, type Case } from '../rotation.ts';

const cases: readonly Case[] = [
  { name: 'node:http by hand', client: 'node:http', task: 'call' },
  { name: 'lmdeck', client: 'lmdeck', task: 'call' },
  { name: 'lmdeck, recorded', client: 'lmdeck recorded', task: 'call' },
  { name: 'openai', client: 'openai', task: 'call' },
];

export const recordedRow: Row = {
  name: 'recorded',
  summary: 'one chat completion, not streamed, recorded on a tape; openai records nothing',
  run: async (bench) => [
    await rotate(bench, { ...calls(bench.quick), title: 'Recorded chat completion, one at a time', concurrency: 1 }),
    await rotate(bench, { ...calls(bench.quick), title: 'Recorded chat completion, 16 at a time', concurrency: 16 }),
  ],
};

function calls(quick: boolean) {
  return {
    unit: 'call',
    measure: 'cpu' as const,
    reference: 'node:http by hand',
    cases,
    goals: [{ what: 'openai ÷ lmdeck recorded, CPU', measure: 'cpu' as const, of: 'openai', to: 'lmdeck, recorded', atLeast: 4 }],
    rounds: quick ? 3 : 7,
    sliceMs: quick ? 120 : 250,
    trialRuns: 500,
  };
}
