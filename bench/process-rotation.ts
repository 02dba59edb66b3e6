import { spawnSync } from 'node:child_process';
import type { Comparison, Goal, Sample } from './comparison.ts';
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

/** Starts the processes in rotation, each to its end; ratios are to `reference`. */
export function rotateProcesses(
  bench: Bench,
  title: string,
  reference: string,
  starts: readonly Start[],
  goals: readonly Goal[],
): Comparison {
  const samples = new Map<string, Sample[]>(starts.map(({ name }) => [name, []]));
  // The first start of each fills the file cache.
  for (const each of starts) life(each);
  for (let round = 0; round < (bench.quick ? 7 : 25); round++) {
    for (let place = 0; place < starts.length; place++) {
      const each = starts[(place + round) % starts.length];
      if (each !== undefined) samples.get(each.name)?.push(life(each));
    }
  }
  return { title, unit: 'process', measure: 'wall', reference, samples, goals };
}

function life({ name, args, env, printsRss, prints }: Start): Sample {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env: { ...process.env, ...env }, input: '' });
  const wallMs = performance.now() - started;
  if (status !== 0) throw new Error(`${name}: exit code ${status}: ${stderr.slice(0, 1000)}`);
  if (stdout.length < (prints ?? 0)) throw new Error(`${name}: printed ${JSON.stringify(stdout)} ${stderr.slice(0, 1000)}`);
  return { units: 1, wallMs, cpuUs: Number.NaN, rssMb: printsRss === true ? Number(stdout) / 1_048_576 : Number.NaN };
}
