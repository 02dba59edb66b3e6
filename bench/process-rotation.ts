import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Comparison, Goal, Measure, Sample } from './comparison.ts';
import type { Bench } from './row.ts';

/** A process whose whole life is measured. */
export interface Start {
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** It prints its resident memory in bytes. */
  readonly printsRss?: true;
  /** It prints something longer than this; absent: nothing. */
  readonly prints?: number;
}

/** What is compared: how long the processes live, or how soon they have said everything. */
export interface Lives {
  readonly title: string;
  readonly measure: Extract<Measure, 'wall' | 'answer'>;
  readonly reference: string;
  readonly starts: readonly Start[];
  readonly goals: readonly Goal[];
}

/** Starts the processes in rotation, each to its end; ratios are to `reference`. */
export async function rotateProcesses(bench: Bench, { starts, ...lives }: Lives): Promise<Comparison> {
  const samples = new Map<string, Sample[]>(starts.map(({ name }) => [name, []]));
  // The first start of each fills the file cache.
  for (const each of starts) await life(each);
  for (let round = 0; round < (bench.quick ? 7 : 25); round++) {
    for (let place = 0; place < starts.length; place++) {
      const each = starts[(place + round) % starts.length];
      if (each !== undefined) samples.get(each.name)?.push(await life(each));
    }
  }
  return { ...lives, unit: 'process', samples };
}

/**
 * One process, from before it is started until its end is known here. The answer is there when its last byte is read here from the pipe that is its
 * stdout; who prints nothing has only an end. The same clock, pipes and event loop for everybody.
 */
async function life({ name, args, env, printsRss, prints }: Start): Promise<Sample> {
  const started = performance.now();
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: 'pipe' });
  child.stdin.end();
  let [stdout, stderr] = ['', ''];
  let wallMs = Number.NaN;
  let printedMs: number | undefined;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printedMs = performance.now() - started;
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.on('exit', () => (wallMs = performance.now() - started));
  await once(child, 'close');
  if (child.exitCode !== 0) throw new Error(`${name}: exit code ${child.exitCode}: ${stderr.slice(0, 1000)}`);
  if (stdout.length < (prints ?? 0)) throw new Error(`${name}: printed ${JSON.stringify(stdout)} ${stderr.slice(0, 1000)}`);
  const rssMb = printsRss === true ? Number(stdout) / 1_048_576 : Number.NaN;
  return { units: 1, wallMs, answerMs: printedMs ?? wallMs, cpuUs: Number.NaN, rssMb };
}
