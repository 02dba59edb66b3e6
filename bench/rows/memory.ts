import type { Comparison, Sample } from '../comparison.ts';
import { startChild } from '../child-process.ts';
import type { Bench, Row } from '../row.ts';

const calls = 5000;
const concurrency = 256;
const clients: Readonly<Record<string, string>> = {
  'node:http by hand': 'node:http',
  lmdeck: 'lmdeck',
  'lmdeck, recorded': 'lmdeck recorded',
  openai: 'openai',
  ai: 'ai',
};

export const memoryRow: Row = {
  name: 'memory',
  summary: `resident memory after ${calls} chat completions, ${concurrency} at a time`,
  run: async (bench) => [await memory(bench)],
};

/** A fresh process for each client and round: memory that was once taken is seldom given back. */
async function memory(bench: Bench): Promise<Comparison> {
  const samples = new Map<string, Sample[]>(Object.keys(clients).map((name) => [name, []]));
  for (let round = 0; round < (bench.quick ? 1 : 3); round++) {
    for (const [name, client] of Object.entries(clients)) {
      using child = await startChild(client, bench.server.baseUrl, bench.newFolder());
      const { wallMs, cpuUs, rssMb } = await child.run({ task: 'call', argument: '', count: calls, concurrency });
      samples.get(name)?.push({ units: calls, wallMs, cpuUs, rssMb });
    }
  }
  return {
    title: `Memory after ${calls} calls, ${concurrency} at a time, from a cold start`,
    unit: 'call',
    measure: 'rss',
    reference: 'openai',
    samples,
    goals: [{ what: 'lmdeck ÷ openai, resident memory', measure: 'rss', of: 'lmdeck', to: 'openai', atMost: 0.45 }],
  };
}
