/**
 * Where a task's CPU time goes: `node bench/profile.ts <client> <task> [argument] [--runs N] [--concurrency N] [--top N]` against the build
 * that is there. Prints self time by function and by file, after a warm-up of as many runs.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { Session, type Profiler } from 'node:inspector/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { startServer } from './child-process.ts';
import { clients } from './clients.ts';
import type { Task } from './task.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '5000' },
    concurrency: { type: 'string', default: '1' },
    top: { type: 'string', default: '35' },
  },
});
const [client = '', taskName = '', argument = ''] = positionals;
const runs = Number(values.runs);
const concurrency = Number(values.concurrency);
const folder = mkdtempSync(join(tmpdir(), 'lmdeck-profile-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

using server = await startServer();
const load = clients[client];
if (load === undefined) throw new Error(`There is no client ${client}; there are ${Object.keys(clients).join(', ')}.`);
const tasks = await (await load()).open({ baseUrl: server.baseUrl, folder });
const task = tasks[taskName];
if (task === undefined) throw new Error(`${client} has no task ${taskName}; it has ${Object.keys(tasks).join(', ')}.`);

await runAll(task, 0, runs);
await task.prepare?.(runs, runs, argument);
const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.setSamplingInterval', { interval: 100 });
await session.post('Profiler.start');
const cpuBefore = process.cpuUsage();
const started = performance.now();
await runAll({ ...task, prepare: () => {} }, runs, runs);
const wallMs = performance.now() - started;
const { user, system } = process.cpuUsage(cpuBefore);
const { profile } = await session.post('Profiler.stop');
console.log(
  `${client} ${taskName} ${argument}: ${runs} runs, ${((user + system) / runs).toFixed(2)} µs CPU and ${((wallMs * 1000) / runs).toFixed(2)} µs each\n`,
);
print(profile);
process.exit();

async function runAll(each: Task, first: number, count: number): Promise<void> {
  await each.prepare?.(first, count, argument);
  let next = first;
  const worker = async (): Promise<void> => {
    while (next < first + count) await each.run(next++, argument);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  await each.settle?.();
}

function print({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): void {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const functions = new Map<string, number>();
  const files = new Map<string, number>();
  let busy = 0;
  for (const [i, id] of samples.entries()) {
    const frame = byId.get(id)?.callFrame;
    if (frame === undefined || frame.functionName === '(idle)') continue;
    const spent = timeDeltas[i] ?? 0;
    busy += spent;
    const file = frame.url.startsWith('file:') ? relative(process.cwd(), fileURLToPath(frame.url)) : frame.url;
    add(files, file || frame.functionName, spent);
    add(functions, `${frame.functionName || '(anonymous)'} ${file}:${frame.lineNumber + 1}`, spent);
  }
  for (const [title, spent] of [['file', files] as const, ['function', functions] as const]) {
    console.log(`self time by ${title} (µs per run, share)`);
    const sorted = [...spent].sort((a, b) => b[1] - a[1]).slice(0, Number(values.top));
    for (const [name, us] of sorted)
      console.log(`${(us / runs).toFixed(2).padStart(8)} ${((100 * us) / busy).toFixed(1).padStart(5)}%  ${name}`);
    console.log('');
  }
}

function add(totals: Map<string, number>, key: string, value: number): void {
  totals.set(key, (totals.get(key) ?? 0) + value);
}
