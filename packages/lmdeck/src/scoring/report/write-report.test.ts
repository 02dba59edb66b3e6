import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { languageModel } from '../../core/index.ts';
import { mock } from '../../models/index.ts';
import { runFiles } from '../results/result-files.ts';
import { ResultsFolder } from '../results/results-folder.ts';
import { readResults } from '../results/stored-results.ts';
import { evaluate } from '../run/evaluate.ts';
import { defineTask } from '../tasks/define-task.ts';
import { barChart, differenceChart, histogram } from './charts.ts';
import { niceScale } from './nice-scale.ts';
import { writeReport } from './write-report.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lmdeck-report-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const ATTACK = '</pre><script>alert("x")</script>';

async function report(samples: boolean): Promise<string> {
  const task = await defineTask({
    name: 'sums',
    outputType: 'generate_until',
    docs: [
      { question: ATTACK, answer: '4' },
      { question: '1+1=', answer: '2' },
    ],
    prompt: (doc) => doc.question,
    target: (doc) => doc.answer,
  });
  const files = new ResultsFolder(runFiles(folder), { samples });
  const model = languageModel(mock({ outputs: [({ messages }) => (JSON.stringify(messages).includes('1+1') ? '2' : '<b>3</b>')] }));
  const result = await evaluate(model, [task], { onSample: (sample) => files.add(sample), bootstrapIterations: 100 });
  files.finish(result, {});
  const path = join(folder, 'deep/report.html');
  await writeReport(readResults(folder), path);
  expect(readdirSync(join(folder, 'deep'))).toEqual(['report.html']);
  return readFileSync(path, 'utf8');
}

test('a report needs nothing else, and what models and tasks say is text in it', async () => {
  const text = await report(true);
  expect(text).not.toMatch(/<script|<link|<img|@import|url\(|https?:/);
  expect(text).not.toContain('<b>3</b>');
  expect(text).toContain('&lt;/pre&gt;&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;');
  expect(text).toMatch(
    /^<!doctype html>[^]*<h2>sums<\/h2>[^]*<h3>Wrong: 1<\/h3>[^]*<summary>0: [^]*lmdeck logs show [0-9a-z]{26}[^]*<h3>Right: 1<\/h3>[^]*<\/html>\n$/i,
  );
  expect(text.match(/<details>/g)).toHaveLength(2);
  expect(text.match(/<figure/g)).toHaveLength(2);
  expect(text).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
});

test('without samples it has the numbers and says what is missing', async () => {
  const text = await report(false);
  expect(text).toContain('The documents were not kept.');
  expect(text).toContain('<td class="n">0.5000</td>');
});

test('the choices of a question stand together: what was taken, what was right, and how likely each was', async () => {
  const task = await defineTask({
    name: 'capitals',
    outputType: 'multiple_choice',
    docs: [{ country: 'France', cities: ['Rome', 'Paris'], right: 1 }],
    prompt: (doc) => `The capital of ${doc.country} is`,
    choices: (doc) => doc.cities,
    target: (doc) => doc.right,
  });
  const files = new ResultsFolder(runFiles(folder), { samples: true });
  const model = languageModel(mock({ scores: [({ continuation }) => (continuation === ' Paris' ? -2 : -0.5)] }));
  const result = await evaluate(model, [task], { onSample: (sample) => files.add(sample), bootstrapIterations: 0, concurrency: 1 });
  files.finish(result, {});
  await writeReport(readResults(folder), join(folder, 'report.html'));
  const text = readFileSync(join(folder, 'report.html'), 'utf8');
  expect(text).toContain('<summary>0: <span class="bad">Rome</span> <span class="dim">right: Paris</span></summary>');
  expect(text).toContain('<tr><td></td><td class="bad">Rome</td><td class="n">-0.500</td></tr>');
  expect(text).toContain('<tr><td>✓</td><td class="">Paris</td><td class="n">-2.000</td></tr>');
  expect(text.match(/The capital of France is/g)).toHaveLength(1);
});

test('bars lie where their values are, error bars around them', () => {
  const { html } = barChart('acc', [{ label: 'a', value: 0.5, interval: [0.25, 0.75] }]);
  expect(html).toContain('<i class="fill" style="left:0%;width:50%"></i>');
  expect(html).toContain('<i class="whisker" style="left:25%;width:50%"></i>');
  expect(html).toContain('title="a: 0.5 (0.25 to 0.75)"');
});

test('differences have a zero to be seen against', () => {
  const { html } = differenceChart('B − A', [{ label: 'acc', value: -0.1, interval: [-0.2, 0.05] }], 0.9);
  expect(html).toContain('<i class="zero" style="left:80%"></i><i class="point" style="left:40%"></i>');
  expect(html).toContain('90 % intervals');
});

test('axes have round numbers and hold all values', () => {
  expect(niceScale([0, 2.9988]).ticks).toEqual([0, 1, 2, 3]);
  expect(niceScale([-0.02, 0.31]).ticks).toEqual([-0.1, 0, 0.1, 0.2, 0.3, 0.4]);
  const close = niceScale([-999_999.9999999974, -999_999.999999998]);
  expect(close.low).toBeLessThanOrEqual(-999_999.999999998);
  expect(close.high).toBeGreaterThanOrEqual(-999_999.9999999974);
  expect(new Set(close.ticks).size).toBe(close.ticks.length);
  fc.assert(
    fc.property(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 5 }), (values) => {
      const { low, high, ticks } = niceScale(values);
      const slack = (high - low) * 1e-6;
      expect(low).toBeLessThanOrEqual(Math.min(...values) + slack);
      expect(high).toBeGreaterThanOrEqual(Math.max(...values) - slack);
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expect(ticks.length).toBeLessThanOrEqual(8);
      expect(new Set(ticks).size).toBe(ticks.length);
    }),
  );
});

test('a histogram counts every score once', () => {
  const counts = (scores: readonly number[]): number[] =>
    Array.from(histogram('x', scores).html.matchAll(/title="[^"]*: (\d+)"/g), (match) => Number(match[1]));
  expect(histogram('acc', [0, 1, 1, 0, 1]).html).toContain('<b>3</b> of 5 are 1, <b>2</b> are 0');
  expect(counts([0.5, 0.5])).toEqual([2]);
  const many = Array.from({ length: 1000 }, (_, i) => Math.sin(i));
  expect(counts(many)).toHaveLength(20);
  expect(counts(many).reduce((sum, count) => sum + count, 0)).toBe(1000);
});
