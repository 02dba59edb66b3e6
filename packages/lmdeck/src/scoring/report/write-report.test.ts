import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { languageModel } from '../../core/index.ts';
import { mock } from '../../models/index.ts';
import { runFiles } from '../results/result-files.ts';
import { ResultsFolder } from '../results/results-folder.ts';
import { readResults } from '../results/stored-results.ts';
import { evaluate } from '../run/evaluate.ts';
import { defineTask } from '../tasks/define-task.ts';
import { barChart, histogram } from './charts.ts';
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
    /^<!doctype html>[^]*<h2>sums<\/h2>[^]*<h3>Wrong: 1<\/h3>[^]*<summary>Document 0[^]*lmdeck logs show [0-9a-z]{26}[^]*<\/html>\n$/i,
  );
  expect(text.match(/<details>/g)).toHaveLength(1);
  expect(text.match(/<svg/g)).toHaveLength(2);
});

test('without samples it has the numbers and says what is missing', async () => {
  const text = await report(false);
  expect(text).toContain('The documents were not kept.');
  expect(text).toContain('<td class="n">0.5000</td>');
});

test('bars lie where their values are, error bars around them', () => {
  const { html } = barChart('acc', [{ label: 'a', value: 0.5, reach: 0.25 }]);
  // Of 420 units from 220.
  expect(html).toContain('<rect class="bar" x="220" y="5" width="210" height="16"/>');
  expect(html).toContain('<path class="error" d="M325 13H535M325 9v8M535 9v8"/>');
});

test('a histogram counts every score once', () => {
  const counts = (scores: readonly number[]): number[] =>
    Array.from(histogram('x', scores).html.matchAll(/<title>[^<]*: (\d+)<\/title>/g), (match) => Number(match[1]));
  expect(counts([0, 1, 1, 0, 1])).toEqual([2, 3]);
  expect(counts([0.5, 0.5])).toEqual([2]);
  const many = Array.from({ length: 1000 }, (_, i) => Math.sin(i));
  expect(counts(many)).toHaveLength(20);
  expect(counts(many).reduce((sum, count) => sum + count, 0)).toBe(1000);
});
