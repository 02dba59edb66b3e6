import type { RunComparison } from '../compare/compare-runs.ts';
import { multipleComparisonNote } from '../compare/holm.ts';
import { scoreName } from '../results/document-score.ts';
import { differenceChart } from './charts.ts';
import { markup, type Html } from './html.ts';
import { pageHead, table, writePage, type Column } from './page.ts';

/** A metric of a task in both runs. */
export interface ComparedMetric extends RunComparison {
  readonly task: string;
  readonly filter: string;
  readonly metric: string;
  readonly higherIsBetter: boolean;
  /** The p-value after Holm's correction over all rows. */
  readonly pAdjusted: number;
}

/** One of two runs that are compared. */
export interface ComparedRun {
  readonly label: string;
  readonly model: string;
}

/** A comparison of two runs, ready to be shown. */
export interface StoredComparison {
  readonly first: ComparedRun;
  readonly second: ComparedRun;
  /** Level of the intervals. */
  readonly level: number;
  readonly rows: readonly ComparedMetric[];
}

/**
 * Writes a comparison as one HTML file that needs nothing else: the differences with their intervals, p-values, and how many documents got
 * better or worse.
 *
 * @throws LmdeckError `config` when it cannot be written.
 *
 * @example
 * ```ts
 * import { mkdtempSync, readFileSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { compareRuns, writeComparison } from 'lmdeck/scoring';
 *
 * const pairs = [{ first: 0, second: 1 }, { first: 1, second: 1 }, { first: 0, second: 1 }];
 * const compared = compareRuns(pairs);
 * const row = { task: 'sums', filter: 'none', metric: 'acc', higherIsBetter: true, ...compared, pAdjusted: compared.pValue };
 * const path = join(mkdtempSync(join(tmpdir(), 'comparison-')), 'comparison.html');
 * await writeComparison({ first: { label: 'a', model: 'small' }, second: { label: 'b', model: 'large' }, level: 0.95, rows: [row] }, path);
 * console.log(readFileSync(path, 'utf8').includes('large against small')); // true
 * ```
 */
export async function writeComparison(comparison: StoredComparison, path: string): Promise<void> {
  const { first, second, level, rows } = comparison;
  const title = `${second.model} against ${first.model}`;
  await writePage(path, async (write) => {
    write(
      pageHead(title, title, [
        ['A', `${first.model} (${first.label})`],
        ['B', `${second.model} (${second.label})`],
        ['Documents', 'those that both runs have'],
      ]),
    );
    write(markup`<h2>B − A</h2>\n${charts(rows, level)}<h2>Numbers</h2>\n${numbers(rows)}`);
    const note = multipleComparisonNote(rows.length);
    if (note !== undefined) write(markup`<p class="dim">${note}</p>\n`);
  });
}

/** One chart per metric: differences of different metrics have no common scale. */
function charts(rows: readonly ComparedMetric[], level: number): readonly Html[] {
  const byMetric = Map.groupBy(
    rows,
    ({ metric, higherIsBetter }) => `${scoreName(metric)} (${higherIsBetter ? 'more' : 'less'} is better)`,
  );
  return Array.from(byMetric, ([name, list]) =>
    differenceChart(
      name,
      list.map(({ task, filter, difference, differenceInterval: { low, high } }) => ({
        label: filter === 'none' ? task : `${task} (${filter})`,
        value: difference,
        interval: [low, high] as const,
      })),
      level,
    ),
  );
}

const COLUMNS: readonly Column[] = [
  ['Task', false],
  ['Metric', false],
  ['A', true],
  ['B', true],
  ['B − A', true],
  ['p (Holm)', true],
  ['better / worse / same', true],
  ['p', true],
  ['Documents', true],
];

function numbers(rows: readonly ComparedMetric[]): Html {
  return table(
    COLUMNS,
    rows.map((row) => {
      const [better, worse] = row.higherIsBetter ? [row.higher, row.lower] : [row.lower, row.higher];
      const filter = row.filter === 'none' ? undefined : markup` <span class="dim">${row.filter}</span>`;
      const isSure = row.pAdjusted < 0.05;
      const isBetter = row.difference > 0 === row.higherIsBetter;
      return [
        markup`${row.task}`,
        markup`${scoreName(row.metric)}${filter}`,
        markup`${row.first.mean.toFixed(4)}`,
        markup`${row.second.mean.toFixed(4)}`,
        markup`<span class="${isSure ? (isBetter ? 'good' : 'bad') : 'dim'}">${signed(row.difference)}</span>`,
        markup`${probability(row.pAdjusted)}`,
        markup`${better} / ${worse} / ${row.equal}`,
        markup`${row.exact ? '' : '≈ '}${probability(row.pValue)}`,
        markup`${row.documents}`,
      ];
    }),
  );
}

/** A difference with its sign. */
export function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;
}

/** A p-value. */
export function probability(p: number): string {
  return p < 0.0001 ? '< 0.0001' : p.toFixed(4);
}
