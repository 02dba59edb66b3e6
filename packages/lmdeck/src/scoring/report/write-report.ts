import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { LmdeckError } from '../../core/index.ts';
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
import { barChart, histogram, short } from './charts.ts';
import { markup, type Html } from './html.ts';
import { sampleHtml } from './sample-html.ts';
import { style } from './style.ts';

/** Documents per task that are shown whole. */
const SHOWN = 200;

/** How many standard errors make a 95 % interval. */
const REACH = 1.96;

/**
 * Writes a report of results as one HTML file that needs nothing else: tables, bars with error bars, how the scores of documents are
 * distributed, and the documents that were answered wrongly, where samples lie beside the results.
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
  const part = `${path}.part`;
  const file = attempt(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    return openSync(part, 'w');
  });
  try {
    const write = ({ html: text }: Html): void => attempt(path, () => void writeSync(file, text));
    write(beginning(results));
    for (const task of results.tasks) await writeTask(results, task, write);
    write({ html: '</body>\n</html>\n' });
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  attempt(path, () => renameSync(part, path));
}

function beginning(results: StoredResults): Html {
  const { model, runId, startedAt, seconds, tasks, groups } = results;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Model', model],
    ['Run', runId],
    ['Started', startedAt === undefined ? undefined : new Date(startedAt).toISOString()],
    ['Took', seconds === undefined ? undefined : `${short(seconds)} s`],
    ['Tasks', tasks.map((task) => task.name).join(', ')],
  ];
  const names = tasks.map((task) => task.name).join(', ');
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${model}: ${names}</title>
<style>${{ html: style }}</style>
</head>
<body>
<h1>Evaluation of ${model}</h1>
<dl>${facts.map(([name, value]) => (value === undefined ? undefined : markup`<dt>${name}</dt><dd>${value}</dd>`))}</dl>
<h2>Results</h2>
${table([...groups, ...tasks])}
${charts([...groups, ...tasks])}
`;
}

const COLUMNS: readonly (readonly [title: string, isNumber: boolean])[] = [
  ['Task', false],
  ['Version', true],
  ['Examples', true],
  ['Documents', true],
  ['Metric', false],
  ['Value', true],
  ['Standard error', true],
];

function table(entries: readonly StoredTask[]): Html {
  const head = COLUMNS.map(([title, isNumber]) => markup`<th${isNumber ? NUMERIC : undefined}>${title}</th>`);
  const rows = entries.map((entry) => entry.metrics.map((metric, i) => metricRow(entry, metric, i === 0)));
  return markup`<div class="wide"><table>
<thead><tr>${head}</tr></thead>
<tbody>
${rows}</tbody>
</table></div>
`;
}

const NUMERIC: Html = { html: ' class="n"' };

/** The first row of a task says what holds for all of them. */
function metricRow({ alias, version, shots, answered, failed }: StoredTask, metric: StoredMetric, isFirst: boolean): Html {
  const { higherIsBetter, value, standardError } = metric;
  const failures = failed > 0 ? markup` <span class="bad">(${failed} failed)</span>` : undefined;
  const filter = metric.filter === 'none' ? undefined : markup` <span class="dim">${metric.filter}</span>`;
  const cells = [
    ...(isFirst
      ? [markup`${alias}`, markup`${version}`, markup`${shots}`, markup`${answered}${failures}`]
      : Array.from({ length: 4 }, () => markup``)),
    markup`${metric.metric}${filter} ${higherIsBetter ? '↑' : '↓'}`,
    markup`${value.toFixed(4)}`,
    markup`${standardError?.toFixed(4)}`,
  ];
  return markup`<tr>${cells.map((cell, i) => markup`<td${COLUMNS[i]?.[1] === true ? NUMERIC : undefined}>${cell}</td>`)}</tr>\n`;
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
          reach: standardError === undefined ? undefined : REACH * standardError,
        })),
    );
    return bars.length === 0 ? [] : [barChart(`${name} (error bars: 95 %)`, bars)];
  });
}

async function writeTask(results: StoredResults, task: StoredTask, write: (text: Html) => void): Promise<void> {
  write(markup`<h2>${task.name}</h2>\n`);
  for (const [note, count] of Object.entries(task.notes)) write(markup`<p class="dim">${note} (${count}×)</p>\n`);
  const path = samplesFile(results, task.name);
  if (path === undefined) return write(markup`<p class="dim">The documents were not kept.</p>\n`);
  const scores = new Map<string, number[]>();
  const shown: StoredSample[] = [];
  const counts = { wrong: 0, failed: 0 };
  for await (const sample of readSamples(path)) {
    for (const [metric, value] of Object.entries(sample.metrics)) {
      const score = documentScore(metric, value);
      if (score === undefined || Number.isNaN(score)) continue;
      const key = sample.filter === undefined || sample.filter === 'none' ? metric : `${metric} (${sample.filter})`;
      const known = scores.get(key);
      if (known === undefined) scores.set(key, [score]);
      else known.push(score);
    }
    const verdict = verdictOf(sample);
    if (verdict !== 'wrong' && verdict !== 'failed') continue;
    counts[verdict]++;
    if (shown.length < SHOWN) shown.push(sample);
  }
  for (const [name, values] of scores) write(histogram(`Documents by ${name}`, values));
  if (shown.length === 0) return undefined;
  const total = counts.wrong + counts.failed;
  const failed = counts.failed > 0 ? `, failed: ${counts.failed}` : '';
  const part = total > shown.length ? ` (the first ${shown.length} of them)` : '';
  write(markup`<h3>Wrong: ${counts.wrong}${failed}${part}</h3>\n`);
  for (const sample of shown) write(sampleHtml(sample));
  return undefined;
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new LmdeckError('config', `Cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
