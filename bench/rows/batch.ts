import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { batchLines } from '../batch/batch-lines.ts';
import type { Comparison, Sample } from '../comparison.ts';
import type { Bench, Row } from '../row.ts';

const rows = 20_000;
const concurrency = 64;
const command = join(import.meta.dirname, '../../packages/lmdeck/bin/lmdeck.cjs');
const peer = join(import.meta.dirname, '../batch/openai-p-queue.js');
const usage = join(import.meta.dirname, '../batch/report-usage.js');

export const batchRow: Row = {
  name: 'batch',
  summary: `${rows} chat completions, JSONL to JSONL, ${concurrency} at a time; lmdeck records them and can be taken up again`,
  run: async (bench) => [batch(bench)],
};

type Case = (
  folder: string,
  input: string,
  baseUrl: string,
) => { readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> };

const cases: Readonly<Record<string, Case>> = {
  'lmdeck batch run': (folder, input, baseUrl) => {
    const home = join(folder, 'deck');
    mkdirSync(home);
    writeFileSync(join(home, 'endpoints.yaml'), `bench:\n  baseUrl: ${baseUrl}\n  models: [mock]\n`);
    const args = [
      command,
      'batch',
      'run',
      input,
      '-m',
      'bench/mock',
      '-o',
      join(folder, 'out.jsonl'),
      '--concurrency',
      String(concurrency),
    ];
    return { args, env: { LMDECK_HOME: home } };
  },
  'openai + p-queue': (folder, input, baseUrl) => ({
    args: [peer, baseUrl, input, join(folder, 'out.jsonl'), String(concurrency)],
    env: {},
  }),
};

/** A process for each run: from its start to its end, with its greatest memory. */
function batch(bench: Bench): Comparison {
  const samples = new Map<string, Sample[]>(Object.keys(cases).map((name) => [name, []]));
  const input = join(bench.newFolder(), 'in.jsonl');
  writeFileSync(input, [...batchLines(rows)].join(''));
  const names = Object.keys(cases);
  for (let round = 0; round < (bench.quick ? 2 : 5); round++) {
    for (let place = 0; place < names.length; place++) {
      const name = names[(place + round) % names.length] ?? '';
      samples.get(name)?.push(life(name, bench, input));
    }
  }
  return {
    title: `Batch of ${rows} chat completions, ${concurrency} at a time`,
    unit: 'row',
    measure: 'rate',
    reference: 'openai + p-queue',
    samples,
    goals: [
      { what: 'lmdeck ÷ openai + p-queue, rows per second', measure: 'rate', of: 'lmdeck batch run', to: 'openai + p-queue', atLeast: 5 },
      { what: 'lmdeck ÷ openai + p-queue, greatest memory', measure: 'rss', of: 'lmdeck batch run', to: 'openai + p-queue', atMost: 0.35 },
    ],
  };
}

function life(name: string, bench: Bench, input: string): Sample {
  const folder = bench.newFolder();
  const made = cases[name]?.(folder, input, bench.server.baseUrl);
  if (made === undefined) throw new Error(`There is no case ${name}.`);
  const report = join(folder, 'usage.json');
  const env = { ...process.env, ...made.env, BENCH_USAGE: report };
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['--import', usage, ...made.args], { encoding: 'utf8', env });
  const wallMs = performance.now() - started;
  const lines = status === 0 ? readFileSync(join(folder, 'out.jsonl'), 'latin1').split('\n').length - 1 : 0;
  if (lines !== rows) throw new Error(`${name}: ${lines} lines, exit code ${status}: ${stderr.slice(0, 1000)}`);
  const { maxRssMb, cpuUs }: { readonly maxRssMb: number; readonly cpuUs: number } = JSON.parse(readFileSync(report, 'utf8'));
  return { units: rows, wallMs, cpuUs, rssMb: maxRssMb };
}
