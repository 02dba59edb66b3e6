import { resolve } from 'node:path';
import { LmdeckError } from '../../core/index.ts';
import {
  compareRuns,
  documentScore,
  holmAdjusted,
  isHigherBetter,
  multipleComparisonNote,
  pairScores,
  probability,
  scoreName,
  signed,
  writeComparison,
  type ComparedMetric,
} from '../../scoring/index.ts';
import type { Command, Invocation } from '../args/command.ts';
import { printMarkdown } from '../markdown/print-markdown.ts';
import { withDeck } from '../with-deck.ts';
import { chosenTasks, storedRun, type StoredRun } from './stored-run.ts';

export const compareCommand: Command = {
  name: 'compare',
  summary: 'Compare two runs document by document',
  description:
    'Compares two runs on the documents that both have: the difference of their mean scores with its 95 % interval, and how likely chance alone\n' +
    "makes one so large (McNemar's exact test for right and wrong, a paired permutation test for other scores; Holm's correction over all rows).\n" +
    'Perplexities are compared by the log-likelihoods that they are made of. A run is an id, its beginning, "latest", or the path of results.',
  arguments: ['<run>', '<run>'],
  options: [
    { flags: '--task <name>', description: 'Only this task' },
    { flags: '--level <share>', description: 'Level of the intervals', default: '0.95' },
    { flags: '--html <file>', description: 'Write a page with charts', completes: 'file' },
    { flags: '--json', description: 'Print JSON' },
  ],
  examples: [{ command: 'lmdeck eval compare 01kab 01kac' }, { command: 'lmdeck eval compare results/a results/b --task gsm8k --json' }],
  run: compare,
};

/** A metric of a task in both runs, not yet corrected for the others. */
interface Row extends Omit<ComparedMetric, 'pAdjusted'> {
  readonly onlyFirst: number;
  readonly onlySecond: number;
}

async function compare({ args: [one = '', other = ''], options, io }: Invocation): Promise<void> {
  const level = Number(options.text('level') ?? '0.95');
  if (!(level > 0 && level < 1)) throw new LmdeckError('usage', `--level lies between 0 and 1, not "${options.text('level')}".`);
  return withDeck(io, { tape: false }, async ({ paths }) => {
    const [first, second] = [storedRun(one, paths.home), storedRun(other, paths.home)];
    const tasks = chosenTasks(first, options.text('task')).filter((task) => second.tasks.includes(task));
    if (tasks.length === 0)
      throw new LmdeckError('usage', `The runs have no task in common: ${first.tasks.join(', ')} and ${second.tasks.join(', ')}.`);
    const rows: Row[] = [];
    for (const task of tasks) rows.push(...(await compared(task, first, second, level, (line) => io.note(line))));
    if (rows.length === 0) throw new LmdeckError('usage', 'There is no metric with a score for each document that both runs have.');
    const adjusted = holmAdjusted(rows.map((row) => row.pValue));
    const html = options.text('html');
    if (html !== undefined) {
      const whole = rows.map((row, i) => ({ ...row, pAdjusted: adjusted[i] ?? row.pValue }));
      await writeComparison({ first: head(first), second: head(second), level, rows: whole }, resolve(html));
      io.note(`Wrote ${resolve(html)}`);
    }
    if (options.flag('json')) {
      const json = { first: named(first), second: named(second), level, rows: rows.map((row, i) => ({ ...row, pAdjusted: adjusted[i] })) };
      return io.print(`${JSON.stringify(json, undefined, 2)}\n`);
    }
    await printMarkdown(io, table(first, second, rows, adjusted));
    const note = multipleComparisonNote(rows.length);
    if (note !== undefined) io.note(note);
    return undefined;
  });
}

async function compared(
  task: string,
  first: StoredRun,
  second: StoredRun,
  level: number,
  tell: (line: string) => void,
): Promise<readonly Row[]> {
  const [a, b] = [await scoresOf(first, task), await scoresOf(second, task)];
  const rows: Row[] = [];
  for (const [key, ofFirst] of a.scores) {
    const ofSecond = b.scores.get(key);
    if (ofSecond === undefined) continue;
    const { pairs, onlyFirst, onlySecond } = pairScores(ofFirst, ofSecond);
    const comma = key.indexOf(',');
    const [filter, metric] = [key.slice(0, comma), key.slice(comma + 1)];
    if (onlyFirst + onlySecond > 0)
      tell(`${task}, ${metric}: ${onlyFirst + onlySecond} documents are in one run only and were left aside.`);
    if (pairs.length === 0) continue;
    const stored = first.results?.tasks.find((each) => each.name === task)?.metrics.find((each) => each.metric === metric);
    const higherIsBetter = isHigherBetter(metric, stored?.higherIsBetter ?? true);
    rows.push({ task, filter, metric, higherIsBetter, onlyFirst, onlySecond, ...compareRuns(pairs, { level }) });
  }
  const different = [...a.prompts].filter(([document, prompt]) => b.prompts.has(document) && b.prompts.get(document) !== prompt).length;
  if (different > 0) tell(`${task}: the prompts of ${different} documents differ between the runs.`);
  for (const metric of new Set([...a.unscored, ...b.unscored]))
    tell(`${task}, ${metric}: has no score for single documents and cannot be compared.`);
  return rows;
}

interface Scores {
  /** By `filter,metric`: by document its score. */
  readonly scores: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** By document the hash of its prompt. */
  readonly prompts: ReadonlyMap<string, string>;
  /** Metrics that have no score for a document. */
  readonly unscored: ReadonlySet<string>;
}

/** Documents are matched by their content; equal ones by their order. */
async function scoresOf(run: StoredRun, task: string): Promise<Scores> {
  const samples = run.samples(task);
  if (samples === undefined)
    throw new LmdeckError(
      'usage',
      `The documents of ${run.label} were not kept: there is no samples file of ${task} beside the results (--log_samples).`,
    );
  const scores = new Map<string, Map<string, number>>();
  const prompts = new Map<string, string>();
  const unscored = new Set<string>();
  const occurrences = new Map<string, number>();
  for await (const { filter, metrics, docHash, promptHash } of samples) {
    if (filter === undefined) continue;
    const seen = `${filter} ${docHash}`;
    const nth = occurrences.get(seen) ?? 0;
    occurrences.set(seen, nth + 1);
    const document = `${docHash} ${nth}`;
    prompts.set(document, promptHash);
    for (const [metric, value] of Object.entries(metrics)) {
      const score = documentScore(metric, value);
      if (score === undefined) {
        unscored.add(metric);
        continue;
      }
      const key = `${filter},${metric}`;
      const known = scores.get(key) ?? new Map<string, number>();
      scores.set(key, known.set(document, score));
    }
  }
  return { scores, prompts, unscored };
}

function head({ label, record, results }: StoredRun): { readonly label: string; readonly model: string } {
  return { label, model: results?.model ?? record?.settings.model ?? '?' };
}

function named(run: StoredRun): { readonly run: string; readonly model: string } {
  const { label, model } = head(run);
  return { run: label, model };
}

function table(first: StoredRun, second: StoredRun, rows: readonly Row[], adjusted: readonly number[]): string {
  const lines = rows.map((row, i) => {
    const { low, high } = row.differenceInterval;
    const [better, worse] = row.higherIsBetter ? [row.higher, row.lower] : [row.lower, row.higher];
    return [
      row.task,
      row.filter,
      scoreName(row.metric),
      String(row.documents),
      row.first.mean.toFixed(4),
      row.second.mean.toFixed(4),
      `${signed(row.difference)} [${signed(low)}, ${signed(high)}]`,
      `${better} / ${worse} / ${row.equal}`,
      `${row.exact ? '' : '≈ '}${probability(row.pValue)}`,
      probability(adjusted[i] ?? row.pValue),
    ];
  });
  const titles = ['Task', 'Filter', 'Metric', 'Docs', 'A', 'B', 'B − A', 'better / worse / same', 'p', 'p (Holm)'];
  const text = [titles, titles.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  return `A: ${titleOf(first)}\\\nB: ${titleOf(second)}\n\n${text}\n`;
}

function titleOf(run: StoredRun): string {
  return `${head(run).model} (${run.label})`;
}
