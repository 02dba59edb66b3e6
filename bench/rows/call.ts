import type { Row } from '../row.ts';
import { rotate, type Case } from '../rotation.ts';

const cases: readonly Case[] = [
  { name: 'node:http by hand', client: 'node:http', task: 'call' },
  { name: 'lmdeck transport', client: 'lmdeck transport', task: 'call' },
  { name: 'lmdeck', client: 'lmdeck', task: 'call' },
  { name: 'openai', client: 'openai', task: 'call' },
  { name: 'ai', client: 'ai', task: 'call' },
];

export const callRow: Row = {
  name: 'call',
  summary: 'one chat completion, not streamed, nothing recorded',
  run: async (bench) => [
    await rotate(bench, { ...calls(bench.quick), title: 'Chat completion, one at a time', concurrency: 1 }),
    await rotate(bench, { ...calls(bench.quick), title: 'Chat completion, 16 at a time', concurrency: 16 }),
  ],
};

function calls(quick: boolean) {
  return {
    unit: 'call',
    measure: 'cpu' as const,
    reference: 'node:http by hand',
    cases,
    goals: [
      { what: 'lmdeck ÷ its bare transport, CPU', measure: 'cpu' as const, of: 'lmdeck', to: 'node:http by hand', atMost: 1.25 },
      { what: 'openai ÷ lmdeck, CPU', measure: 'cpu' as const, of: 'openai', to: 'lmdeck', atLeast: 6 },
      { what: 'ai ÷ lmdeck, CPU', measure: 'cpu' as const, of: 'ai', to: 'lmdeck', atLeast: 9 },
    ],
    rounds: quick ? 3 : 7,
    sliceMs: quick ? 120 : 250,
    trialRuns: 500,
  };
}
