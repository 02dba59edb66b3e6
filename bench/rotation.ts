import { startChild, type Child } from './child-process.ts';
import type { Comparison, Goal, Measure, Sample } from './comparison.ts';
import type { Bench } from './row.ts';
import type { Slice } from './task.ts';

/** One line of a comparison: a task of a client. */
export interface Case {
  readonly name: string;
  /** See clients.ts. */
  readonly client: string;
  readonly task: string;
  readonly argument?: string;
  /** What one run counts for; 1 when absent. */
  readonly unitsPerRun?: number;
}

export interface Rotation {
  readonly title: string;
  readonly unit: string;
  readonly measure: Measure;
  readonly reference: string;
  readonly cases: readonly Case[];
  readonly goals: readonly Goal[];
  readonly concurrency: number;
  readonly rounds: number;
  /** How long one slice should take. */
  readonly sliceMs: number;
  /** Runs of the first, unmeasured slice, from which the length of the others is known. */
  readonly trialRuns: number;
  /** No slice has more runs than this. */
  readonly maxRuns?: number;
  /** Set when the cases of a comparison rightly return different things. */
  readonly resultsDiffer?: true;
}

const warmUpMs = 3000;
const quickWarmUpMs = 800;

/**
 * Runs the cases in rotation: one process per client, all alive at once, told in turn to run a slice (A B C … B C A …). A client's
 * heap and compiled code stay its own, and what else the machine does falls on all of them.
 */
export async function rotate(bench: Bench, rotation: Rotation): Promise<Comparison> {
  const { cases, concurrency, rounds } = rotation;
  using children = new Children(bench);
  const order = (each: Case, count: number): Promise<Slice> =>
    children.get(each.client).run({ task: each.task, argument: each.argument ?? '', count, concurrency });
  const results = new Map<string, string>();
  const counts = new Map<string, number>();
  for (const { client } of cases) await children.start(client);
  for (const each of cases) {
    let count = Math.max(concurrency, rotation.trialRuns);
    // The optimising compiler takes thousands of calls; a slice before that would measure the interpreter.
    for (let spentMs = 0; spentMs < (bench.quick ? quickWarmUpMs : warmUpMs);) {
      const { wallMs, result } = await order(each, count);
      spentMs += wallMs;
      // The first slice has the same runs for everybody.
      if (!results.has(each.name)) results.set(each.name, result);
      const wanted = Math.ceil((rotation.sliceMs * count) / wallMs);
      count = Math.max(concurrency, Math.min(wanted, rotation.maxRuns ?? 50_000));
    }
    counts.set(each.name, count);
  }
  if (rotation.resultsDiffer !== true) checkResults(rotation.title, results);
  const samples = new Map<string, Sample[]>(cases.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (let place = 0; place < cases.length; place++) {
      const each = cases[(place + round) % cases.length];
      if (each === undefined) continue;
      const count = counts.get(each.name) ?? concurrency;
      const serverBefore = await bench.server.cpuUs();
      const slice = await order(each, count);
      const serverUs = (await bench.server.cpuUs()) - serverBefore;
      samples.get(each.name)?.push({
        units: count * (each.unitsPerRun ?? 1),
        wallMs: slice.wallMs,
        cpuUs: slice.cpuUs,
        rssMb: slice.rssMb,
        serverLoad: serverUs / 1000 / slice.wallMs,
      });
    }
  }
  const { title, unit, measure, reference, goals } = rotation;
  return { title, unit, measure, reference, samples, goals };
}

/** The processes of a rotation, ended together. */
class Children implements Disposable {
  readonly #bench: Bench;
  readonly #children = new Map<string, Child>();

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  async start(client: string): Promise<void> {
    if (this.#children.has(client)) return;
    this.#children.set(client, await startChild(client, this.#bench.server.baseUrl, this.#bench.newFolder()));
  }

  get(client: string): Child {
    const child = this.#children.get(client);
    if (child === undefined) throw new Error(`The client ${client} was not started.`);
    return child;
  }

  [Symbol.dispose](): void {
    for (const child of this.#children.values()) child[Symbol.dispose]();
  }
}

function checkResults(title: string, results: ReadonlyMap<string, string>): void {
  if (new Set(results.values()).size <= 1) return;
  const lines = Array.from(results, ([name, result]) => `  ${name}: ${result.slice(0, 200)}`);
  throw new Error(`${title}: the clients did not do the same work:\n${lines.join('\n')}`);
}
