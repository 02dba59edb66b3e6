import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { languageModel } from '../../core/index.ts';
import { mock } from '../../models/index.ts';
import { PythonFloat } from '../../python/index.ts';
import { evaluate, type EvaluationGroup } from '../run/evaluate.ts';
import { openTask } from '../tasks/configured-task.ts';
import type { EvaluationTask } from '../tasks/evaluation-task.ts';
import { TaskCatalog, type TaskGroup } from '../tasks/task-catalog.ts';
import type { TaskConfig } from '../tasks/task-config.ts';
import { resultsJson } from './results-json.ts';
import { resultsTable } from './results-table.ts';

const folder = mkdtempSync(join(tmpdir(), 'lmdeck-groups-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
const rows = (answers: string): string => Array.from(answers, (answer, i) => `${JSON.stringify({ question: `Q${i}`, answer })}\n`).join('');

write('one.jsonl', rows('1101'));
write('two.jsonl', rows('100'));
write(
  'base',
  `dataset_path: json
test_split: test
doc_to_text: "{{question}}"
doc_to_target: "{{answer}}"
metric_list: [{metric: exact_match}]
filter_list:
  - {name: strict, filter: [{function: regex, regex_pattern: "(x)"}, {function: take_first}]}
  - {name: first, filter: [{function: take_first}]}
`,
);
write('one.yaml', 'include: base\ntask: one\nnum_fewshot: 0\ndataset_kwargs: {data_files: {test: one.jsonl}}\nmetadata: {version: 1.0}\n');
write(
  'all.yaml',
  `group: all
task:
  - one
  - group: inner
    task:
      - {task: two, include: base, num_fewshot: 0, dataset_kwargs: {data_files: {test: two.jsonl}}}
    aggregate_metric_list: {metric: exact_match, filter_list: first}
  - group: silent
    task: [{task: three, include: base, num_fewshot: 0, dataset_kwargs: {data_files: {test: two.jsonl}}}]
aggregate_metric_list:
  - {metric: exact_match, weight_by_size: false, aggregation: mean}
metadata: {version: 2.0}
`,
);

async function opened(member: TaskConfig | TaskGroup): Promise<EvaluationTask | EvaluationGroup> {
  if (!('members' in member)) return openTask(member);
  return { ...member, members: await Promise.all(member.members.map(opened)) };
}

/** Every document is answered with 1. */
async function evaluated(name: string) {
  const catalog = await TaskCatalog.open([folder]);
  const members = await Promise.all(catalog.find(name).map(opened));
  return evaluate(languageModel(mock({ outputs: ['1'] })), members, { bootstrapIterations: 100 });
}

test('groups join their tasks and are written as lm-evaluation-harness does both', async () => {
  const result = await evaluated('all');
  const json = resultsJson(result, {}, new Map());
  const mean = (0.75 + 1 / 3 + 1 / 3) / 3;
  const error = (right: number, size: number): number => Math.sqrt(((right / size) * (1 - right / size) * (size / (size - 1))) / size);
  const [large, small] = [error(3, 4), error(1, 3)];
  const pooled = Math.sqrt((3 * large ** 2 * 4 + 2 * (2 * small ** 2 * 3)) / (10 - 3) / 10);
  expect(json).toMatchObject({
    results: {
      all: {
        alias: 'all',
        name: 'all',
        sample_len: 10,
        'exact_match,first': expect.closeTo(mean, 12),
        'exact_match_stderr,first': expect.closeTo(pooled, 12),
        'exact_match,strict': new PythonFloat(0),
        sample_count: { 'exact_match,first': 10, 'exact_match,strict': 10 },
      },
    },
    group_subtasks: { all: ['one', 'all::inner', 'all::silent'], 'all::inner': ['all::inner::two'], 'all::silent': ['all::silent::three'] },
    versions: {
      all: '2.0',
      'all::inner': 'N/A',
      'all::inner::two': null,
      'all::silent': 'N/A',
      'all::silent::three': null,
      one: new PythonFloat(1),
    },
    'n-shot': { all: 0, 'all::inner': 0, 'all::inner::two': 0, 'all::silent': 0, 'all::silent::three': 0, one: 0 },
    higher_is_better: { all: { exact_match: true }, 'all::silent': { exact_match: true } },
    'n-samples': { one: { original: 4, effective: 4 }, 'all::inner::two': { original: 3, effective: 3 } },
  });
  const { results, groups } = json;
  expect(Object.keys(Object(results))).toEqual(['one', 'all::inner::two', 'all::silent::three', 'all::inner', 'all::silent', 'all']);
  expect(Object(results)['all::silent']).toEqual({ alias: 'all::silent', name: 'all::silent' });
  expect(Object.keys(Object(groups))).toEqual(['all::inner', 'all']);
  expect(Object.keys(Object(groups)['all::inner'])).toEqual([
    'alias',
    'name',
    'sample_len',
    'exact_match,first',
    'exact_match_stderr,first',
    'sample_count',
  ]);
  expect(resultsTable(result)).toMatch(/\|all +\| +2\.0\|first +\| +0\|exact_match/);
});
