import { startChild } from '../child-process.ts';
import type { Comparison, Sample } from '../comparison.ts';
import { rotate } from '../rotation.ts';
import type { Bench, Row } from '../row.ts';

const rows = 5000;

export const importRow: Row = {
  name: 'import',
  summary: 'calls of a TapeAgents file onto a new tape, against copying its rows with node:sqlite; memory by the length of the file',
  run: async (bench) => [await speed(bench), await memory(bench)],
};

function speed(bench: Bench): Promise<Comparison> {
  const argument = `${rows} usual`;
  const lmdeck = { client: 'lmdeck import', argument, unitsPerRun: rows };
  return rotate(bench, {
    title: `Importing ${rows} calls of 2.5 KB`,
    unit: 'row',
    measure: 'rate',
    reference: 'node:sqlite, copying the rows',
    cases: [
      { name: 'node:sqlite, copying the rows', client: 'node:sqlite copy', task: 'copy', argument, unitsPerRun: rows },
      { name: 'lmdeck import', task: 'import', ...lmdeck },
      { name: 'lmdeck import, all known', task: 'import again', ...lmdeck },
      { name: 'lmdeck export, its own JSONL', task: 'export', ...lmdeck },
    ],
    goals: [
      {
        what: 'lmdeck import ÷ copying with node:sqlite, rows per second',
        measure: 'rate',
        of: 'lmdeck import',
        to: 'node:sqlite, copying the rows',
        atLeast: 0.25,
      },
    ],
    concurrency: 1,
    rounds: bench.quick ? 3 : 7,
    sliceMs: 1000,
    trialRuns: 1,
    maxRuns: 3,
  });
}

/** A fresh process for each length: what was taken once is seldom given back. */
async function memory(bench: Bench): Promise<Comparison> {
  // The heap of a process grows to its working size within the first tens of thousands of rows.
  const lengths = bench.quick ? [50_000, 100_000] : [50_000, 200_000];
  const samples = new Map<string, Sample[]>(lengths.map((length) => [name(length), []]));
  const folder = bench.newFolder();
  for (const length of lengths) {
    const order = { task: 'import', argument: `${length} small`, count: 1, concurrency: 1 };
    using child = await startChild('lmdeck import', bench.server.baseUrl, folder);
    const { wallMs, cpuUs, rssMb } = await child.run(order);
    samples.get(name(length))?.push({ units: length, wallMs, cpuUs, rssMb });
  }
  const [short = 0, long = 0] = [lengths[0], lengths.at(-1)];
  return {
    title: 'Memory of an import by the length of the file, small rows',
    unit: 'row',
    measure: 'rss',
    reference: name(short),
    samples,
    goals: [{ what: `resident memory, ${name(long)} ÷ ${name(short)}`, measure: 'rss', of: name(long), to: name(short), atMost: 1.25 }],
  };
}

function name(length: number): string {
  return `${length / 1000}k rows`;
}
