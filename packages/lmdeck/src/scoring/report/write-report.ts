import { documentScore } from '../results/document-score.ts';
import {
  readSamples,
  samplesFile,
  type StoredMetric,
  type StoredResults,
  type StoredSample,
  type StoredTask,
} from '../results/stored-results.ts';
import { verdictOf } from '../results/verdict.ts';
import { barChart, histogram } from './charts.ts';
import { markup, type Html } from './html.ts';
import { pageHead, table, writePage, type Column } from './page.ts';
import { sampleHtml } from './sample-html.ts';
import { short } from './short.ts';

/** Documents per task that are shown whole: of those that were answered wrongly or not, and of the others. */
const SHOWN = { wrong: 200, others: 100 };

/** How many standard errors make a 95 % interval. */
const REACH = 1.96;

/**
 * Writes a report of results as one HTML file that needs nothing else: tables, bars with error bars, how the scores of documents are
 * distributed, and the documents with what was asked and answered, where samples lie beside the results.
 *
 * @throws LmdeckError `config` when it cannot be written, or a samples file cannot be read.
 *
 * @example
 * ```ts
 * import { mkdtempSync, readFileSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { languageModel, mock } from 'lmdeck';
 * import { defineTask, evaluate, readResults, ResultsFolder, runFiles, writeReport } from 'lmdeck/scoring';
 *
 * const task = await defineTask({
 *   name: 'sums',
 *   docs: [{ question: '1+1=', answer: '2' }],
 *   outputType: 'generate_until',
 *   prompt: (doc) => doc.question,
 *   target: (doc) => doc.answer,
 * });
 * const folder = mkdtempSync(join(tmpdir(), 'report-'));
 * const files = new ResultsFolder(runFiles(folder), { samples: true });
 * const result = await evaluate(languageModel(mock({ outputs: ['3'] })), [task], { onSample: (sample) => files.add(sample) });
 * files.finish(result, {});
 * await writeReport(readResults(folder), join(folder, 'report.html'));
 * console.log(readFileSync(join(folder, 'report.html'), 'utf8').includes('<h2>sums</h2>')); // true
 * ```
 */
export async function writeReport(results: StoredResults, path: string): Promise<void> {
  const { model, runId, startedAt, seconds, tasks, groups } = results;
  const names = tasks.map((task) => task.name).join(', ');
  await writePage(path, async (write) => {
    write(
      pageHead(`${model}: ${names}`, `Evaluation of ${model}`, [
        ['Run', runId],
        ['Started', startedAt === undefined ? undefined : `${new Date(startedAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`],
        ['Took', seconds === undefined ? undefined : `${short(seconds)} s`],
        ['Tasks', names],
      ]),
    );
    write(markup`<h2>Results</h2>\n${resultsTable([...groups, ...tasks])}${charts([...groups, ...tasks])}`);
    for (const task of tasks) await writeTask(results, task, write);
  });
}

const COLUMNS: readonly Column[] = [
  ['Task', false],
  ['Metric', false],
  ['Value', true],
  ['± stderr', true],
  ['Documents', true],
  ['Shots', true],
  ['Version', true],
];

function resultsTable(entries: readonly StoredTask[]): Html {
  return table(
    COLUMNS,
    entries.flatMap((entry) => entry.metrics.map((metric, i) => metricCells(entry, metric, i === 0))),
  );
}

/** The first row of a task says what holds for all of them. */
function metricCells({ alias, version, shots, answered, failed }: StoredTask, metric: StoredMetric, isFirst: boolean): readonly Html[] {
  const { higherIsBetter, value, standardError } = metric;
  const failures = failed > 0 ? markup` <span class="bad">(${failed} failed)</span>` : undefined;
  const filter = metric.filter === 'none' ? undefined : markup` <span class="dim">${metric.filter}</span>`;
  const own = (cell: Html): Html => (isFirst ? cell : markup``);
  return [
    own(markup`${alias}`),
    markup`${metric.metric}${filter} ${higherIsBetter ? '↑' : '↓'}`,
    markup`${value.toFixed(4)}`,
    markup`${standardError?.toFixed(4) ?? '–'}`,
    own(markup`${answered}${failures}`),
    own(markup`${shots}`),
    own(markup`${version}`),
  ];
}

/** One chart per metric: values of different metrics have no common scale. */
function charts(entries: readonly StoredTask[]): readonly Html[] {
  const names = new Set(entries.flatMap((entry) => entry.metrics.map((metric) => metric.metric)));
  return [...names].flatMap((name) => {
    const bars = entries.flatMap((entry) =>
      entry.metrics
        .filter(({ metric, value }) => metric === name && Number.isFinite(value))
        .map(({ filter, value, standardError }) => ({
          label: filter === 'none' ? entry.alias : `${entry.alias} (${filter})`,
          value,
          interval: standardError === undefined ? undefined : ([value - REACH * standardError, value + REACH * standardError] as const),
        })),
    );
    return bars.length === 0 ? [] : [barChart(name, bars)];
  });
}

/** Documents that did alike, as many as are shown of them. */
interface Shelf {
  readonly title: string;
  readonly most: number;
  readonly samples: StoredSample[];
  count: number;
}

async function writeTask(results: StoredResults, task: StoredTask, write: (text: Html) => void): Promise<void> {
  write(markup`<h2>${task.name}</h2>\n`);
  for (const [note, count] of Object.entries(task.notes)) write(markup`<p class="note">${note} (${count}×)</p>\n`);
  const path = samplesFile(results, task.name);
  if (path === undefined) return write(markup`<p class="dim">The documents were not kept.</p>\n`);
  const scores = new Map<string, number[]>();
  const shelves = {
    failed: shelf('Failed', SHOWN.wrong),
    wrong: shelf('Wrong', SHOWN.wrong),
    right: shelf('Right', SHOWN.others),
    unjudged: shelf('Documents', SHOWN.others),
  };
  for await (const sample of readSamples(path)) {
    for (const [metric, value] of Object.entries(sample.metrics)) {
      const score = documentScore(metric, value);
      if (score === undefined || Number.isNaN(score)) continue;
      const key = sample.filter === undefined || sample.filter === 'none' ? metric : `${metric} (${sample.filter})`;
      const known = scores.get(key);
      if (known === undefined) scores.set(key, [score]);
      else known.push(score);
    }
    const own = shelves[verdictOf(sample)];
    own.count++;
    if (own.samples.length < own.most) own.samples.push(sample);
  }
  for (const [name, values] of scores) write(histogram(name, values));
  for (const each of Object.values(shelves)) writeShelf(each, write);
  return undefined;
}

function shelf(title: string, most: number): Shelf {
  return { title, most, samples: [], count: 0 };
}

/** Closed but for what went wrong. */
function writeShelf({ title, count, samples }: Shelf, write: (text: Html) => void): void {
  if (count === 0) return;
  const part = count > samples.length ? ` (the first ${samples.length} of them)` : '';
  const open: Html = { html: title === 'Failed' || title === 'Wrong' ? ' open' : '' };
  write(markup`<details class="shelf"${open}><summary><h3>${title}: ${count}${part}</h3></summary>\n`);
  for (const sample of samples) write(sampleHtml(sample));
  write(markup`</details>\n`);
}
