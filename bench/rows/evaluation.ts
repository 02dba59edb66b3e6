import { startChild } from '../child-process.ts';
import type { Comparison, Sample } from '../comparison.ts';
import { choicesPerDocument } from '../evaluation-data.ts';
import { rotate } from '../rotation.ts';
import type { Bench, Row } from '../row.ts';

const peer = 'openai + p-queue';
const batched = 'lmdeck, recorded, 16 prompts a request';
const alike = 'lmdeck, recorded, the same requests';
const clients: Readonly<Record<string, readonly [client: string, task: string]>> = {
  [peer]: ['openai evaluation', 'evaluate'],
  [alike]: ['lmdeck evaluation', 'evaluate, one by one'],
  [batched]: ['lmdeck evaluation', 'evaluate, batches'],
};

export const evaluationRow: Row = {
  name: 'evaluation',
  summary: 'log-likelihoods of a task over a server with echo, echoed answers read, windows and batches of a million tokens',
  run: async (bench) => {
    const counts = bench.quick ? [20_000] : [20_000, 100_000];
    const runs: Comparison[] = [];
    for (const count of counts) runs.push(await evaluation(bench, count));
    return [
      ...runs,
      await rotate(bench, {
        title: 'An echoed answer of 35 KB: the score of a text of 2,300 characters',
        unit: 'answer',
        measure: 'cpu',
        reference: 'openai',
        cases: [
          { name: 'openai', client: 'openai evaluation', task: 'echo' },
          { name: 'lmdeck', client: 'lmdeck evaluation', task: 'echo' },
        ],
        goals: [{ what: 'openai ÷ lmdeck, CPU per answer', measure: 'cpu', of: 'openai', to: 'lmdeck', atLeast: 2.3 }],
        concurrency: 16,
        ...slices(bench),
      }),
      await tokens(bench, 'windows', 'Rolling windows over a million tokens'),
      await tokens(bench, 'collate', 'A million tokens in 5,000 requests collated'),
    ];
  },
};

/** A fresh process for each client and round, so that the most memory it ever had is that of this run. */
async function evaluation(bench: Bench, requests: number): Promise<Comparison> {
  const samples = new Map<string, Sample[]>(Object.keys(clients).map((name) => [name, []]));
  for (let round = 0; round < (bench.quick ? 1 : 3); round++) {
    for (const [name, [client, task]] of Object.entries(clients)) {
      using child = await startChild(client, bench.server.baseUrl, bench.newFolder());
      const serverBefore = await bench.server.cpuUs();
      const order = { task, argument: String(requests / choicesPerDocument), count: 1, concurrency: 1 };
      const { wallMs, cpuUs, peakRssMb } = await child.run(order);
      const serverLoad = ((await bench.server.cpuUs()) - serverBefore) / 1000 / wallMs;
      samples.get(name)?.push({ units: requests, wallMs, cpuUs, rssMb: peakRssMb, serverLoad });
    }
  }
  return {
    title: `An evaluation of ${requests} log-likelihoods, 64 at a time: rate, CPU and the most memory it had`,
    unit: 'request',
    measure: 'rate',
    reference: peer,
    samples,
    goals: [
      { what: `lmdeck ÷ ${peer}, requests/s`, measure: 'rate', of: batched, to: peer, atLeast: 5 },
      { what: `lmdeck ÷ ${peer}, peak memory`, measure: 'rss', of: batched, to: peer, atMost: 0.35 },
    ],
  };
}

function tokens(bench: Bench, task: string, title: string): Promise<Comparison> {
  return rotate(bench, {
    title,
    unit: 'million tokens',
    measure: 'cpu',
    reference: 'plain loops',
    cases: [
      { name: 'plain loops', client: 'hand token work', task },
      { name: 'lmdeck', client: 'lmdeck token work', task },
    ],
    goals: [],
    concurrency: 1,
    ...slices(bench),
  });
}

function slices({ quick }: Bench) {
  return { rounds: quick ? 5 : 11, sliceMs: quick ? 200 : 400, trialRuns: 5 };
}
