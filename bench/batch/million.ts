/**
 * `node bench/batch/million.ts [rows] [folder]`: a batch of a million rows through a model in the process. Tells its memory on the way, kills it at nine tenths, and
 * tells how long the next process takes from its start to its first new request. Needs the build, and about 2 GB on the disk.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { batchLines } from './batch-lines.ts';

const rows = Number(process.argv[2] ?? 1_000_000);
const folder = mkdtempSync(join(process.argv[3] ?? tmpdir(), 'lmdeck-million-'));

try {
  writeInput(join(folder, 'in.jsonl'));
  await run('first process', Math.floor(rows / 100_000 - 0.1) * 100_000);
  await run('second process', Infinity);
  await run('third process, nothing left', Infinity);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Runs a worker until it has asked about so many rows; then it is killed. */
async function run(name: string, killAt: number): Promise<void> {
  const started = performance.now();
  const child = spawn(process.execPath, [join(import.meta.dirname, 'million-worker.ts'), folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const { asked, rssMb, what }: { readonly asked: number; readonly rssMb: number; readonly what: string } = JSON.parse(line);
    const seconds = (performance.now() - started) / 1000;
    console.log(`${name}, ${what}: ${asked} rows asked after ${seconds.toFixed(1)} s, ${rssMb.toFixed(0)} MB`);
    if (asked >= killAt) child.kill('SIGKILL');
  }
}

function writeInput(path: string): void {
  const file = openSync(path, 'w');
  let text = '';
  for (const line of batchLines(rows)) {
    text += line;
    if (text.length < 1_000_000) continue;
    writeSync(file, text);
    text = '';
  }
  writeSync(file, text);
  closeSync(file);
}
