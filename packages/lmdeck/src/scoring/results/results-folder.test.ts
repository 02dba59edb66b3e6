import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { languageModel, type LanguageModel } from '../../core/index.ts';
import { mock } from '../../models/index.ts';
import { evaluate } from '../run/evaluate.ts';
import { defineTask } from '../tasks/define-task.ts';
import type { EvaluationTask } from '../tasks/evaluation-task.ts';
import { harnessFiles, runFiles } from './result-files.ts';
import { ResultsFolder } from './results-folder.ts';
import { resultsTable, storedTable } from './results-table.ts';
import { readResults, readSamples, samplesFile, type StoredSample } from './stored-results.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lmdeck-results-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const NOW = new Date(2026, 10, 21, 5, 35, 13, 507).getTime();

function questions(): Promise<EvaluationTask> {
  return defineTask({
    name: 'sums',
    version: 2,
    outputType: 'generate_until',
    docs: [
      { question: 'Qé', answer: '4' },
      { question: '1+1=', answer: '2' },
    ],
    prompt: (doc) => doc.question,
    target: (doc) => doc.answer,
  });
}

function answering(): LanguageModel {
  return languageModel(mock({ outputs: [({ messages }) => (JSON.stringify(messages).includes('1+1') ? '3' : '4')] }));
}

async function written(path: string, model: LanguageModel, task: EvaluationTask) {
  const files = new ResultsFolder(harnessFiles(path, model.id, NOW), { samples: true });
  const result = await evaluate(model, [task], { onSample: (sample) => files.add(sample), bootstrapIterations: 100 });
  return { result, paths: files.finish(result, { lmdeckVersion: '1.2.3' }) };
}

async function collected(path: string): Promise<readonly StoredSample[]> {
  const rows: StoredSample[] = [];
  for await (const row of readSamples(path)) rows.push(row);
  return rows;
}

test('files are named as lm-evaluation-harness names them', () => {
  const files = harnessFiles('/out', 'openai/gpt:1', NOW);
  expect(files.results).toBe('/out/openai__gpt__1/results_2026-11-21T05-35-13.507000.json');
  expect(files.samples('a/b')).toBe('/out/openai__gpt__1/samples_a__b_2026-11-21T05-35-13.507000.jsonl');
  expect(harnessFiles('/out/mine.json', 'm', NOW).results).toBe('/out/mine_2026-11-21T05-35-13.507000.json');
});

test('a row of samples has the fields and hashes of lm-evaluation-harness', async () => {
  const { paths } = await written(folder, answering(), await questions());
  const [first = '', second = ''] = readFileSync(paths[1] ?? '', 'utf8').split('\n');
  const { calls, ...row } = JSON.parse(first);
  expect(calls).toEqual([[expect.stringMatching(/^[0-9a-z]{26}$/i)]]);
  expect(row).toEqual({
    doc_id: 0,
    doc: { question: 'Qé', answer: '4' },
    target: '4',
    arguments: { gen_args_0: { arg_0: 'Qé', arg_1: { until: ['\n\n'], do_sample: false, temperature: 0, max_gen_toks: 256 } } },
    resps: [['4']],
    filtered_resps: ['4'],
    filter: 'none',
    metrics: ['exact_match'],
    // The vector of the harness: sha256 of json.dumps(doc, indent=2, ensure_ascii=False).
    doc_hash: '0f5c62879ca824df2003e9337f2c20aa7e16b9fa5ae810bb7020b94e70a34567',
    prompt_hash: 'a070ce533b66db23fbba5614003463c84189dc1767ed910dc47b286b18e0e6c0',
    target_hash: '4b227777d4dd1fc61c6f884f48641d02b4d121d3fd328cb08b5531fcacdabf8a',
    exact_match: 1,
  });
  expect(
    first.startsWith('{"doc_id": 0, "doc": {"question": "Qé", "answer": "4"}, "target": "4", "arguments": {"gen_args_0": {"arg_0": "Qé", '),
  ).toBe(true);
  expect(first).toContain('"temperature": 0.0');
  expect(JSON.parse(second)).toMatchObject({ doc_id: 1, exact_match: 0, resps: [['3']] });
});

test('results have the layout of lm-evaluation-harness', async () => {
  const { result, paths } = await written(folder, answering(), await questions());
  const text = readFileSync(paths[0] ?? '', 'utf8');
  const results = JSON.parse(text);
  expect(Object.keys(results)).toEqual([
    'results',
    'group_subtasks',
    'configs',
    'versions',
    'n-shot',
    'higher_is_better',
    'n-samples',
    'config',
    'git_hash',
    'date',
    'max_length',
    'task_hashes',
    'model_source',
    'model_name',
    'model_name_sanitized',
    'system_instruction',
    'fewshot_as_multiturn',
    'chat_template',
    'start_time',
    'end_time',
    'total_evaluation_time_seconds',
    'lmdeck',
  ]);
  expect(results).toMatchObject({
    results: { sums: { name: 'sums', alias: 'sums', sample_len: 2, 'exact_match,none': 0.5, 'exact_match_stderr,none': 0.5 } },
    group_subtasks: {},
    versions: { sums: 2 },
    'n-shot': { sums: 0 },
    higher_is_better: { sums: { exact_match: true } },
    'n-samples': { sums: { original: 2, effective: 2 } },
    config: { model: 'mock', limit: null, random_seed: 0, numpy_seed: 1234, torch_seed: 1234, fewshot_seed: 1234 },
    model_name: 'mock',
    total_evaluation_time_seconds: expect.any(String),
    lmdeck: { version: '1.2.3', run: result.runId },
  });
  expect(resultsTable(result)).toBe(
    [
      '|Tasks|Version|Filter|n-shot|  Metric   |   |Value |   |Stderr|',
      '|-----|------:|------|-----:|-----------|---|-----:|---|-----:|',
      '|sums |      2|none  |     0|exact_match|↑  |0.5000|±  |0.5000|',
      '',
    ].join('\n'),
  );
});

test('what is written is read back', async () => {
  const { result, paths } = await written(folder, answering(), await questions());
  const stored = readResults(join(folder, 'mock'));
  expect(stored.path).toBe(paths[0]);
  expect([stored.runId, stored.model, stored.startedAt]).toEqual([result.runId, 'mock', result.startedAt]);
  expect(stored.tasks).toMatchObject([
    {
      name: 'sums',
      version: '2',
      shots: '0',
      answered: 2,
      failed: 0,
      metrics: [{ metric: 'exact_match', filter: 'none', value: 0.5, standardError: 0.5, higherIsBetter: true }],
    },
  ]);
  expect(storedTable(stored)).toBe(resultsTable(result));
  const rows = await collected(samplesFile(stored, 'sums') ?? '');
  expect(rows.map(({ docId, target, answers, metrics }) => ({ docId, target, answers, metrics }))).toEqual([
    { docId: 0, target: '4', answers: [['4']], metrics: { exact_match: 1 } },
    { docId: 1, target: '2', answers: [['3']], metrics: { exact_match: 0 } },
  ]);
});

test('files of an unfinished run end in .part and can be read; its last row may be half a row', async () => {
  const names = runFiles(join(folder, 'run'));
  const files = new ResultsFolder(names, { samples: true });
  await evaluate(answering(), [await questions()], { onSample: (sample) => files.add(sample) });
  files.close();
  expect(readdirSync(names.folder)).toEqual(['samples_sums.jsonl.part']);
  const path = samplesFile({ path: names.results }, 'sums') ?? '';
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.slice(0, -20));
  expect(await collected(path)).toHaveLength(1);
});

test('files that are no results, or not there', () => {
  expect(() => readResults(join(folder, 'gone.json'))).toThrow('There are no results at');
  expect(() => readResults(folder)).toThrow('There is no results_….json in');
  writeFileSync(join(folder, 'a.json'), '{"a": 1}');
  expect(() => readResults(join(folder, 'a.json'))).toThrow('a.json: these are no results of an evaluation');
  writeFileSync(join(folder, 'b.json'), '{');
  expect(() => readResults(join(folder, 'b.json'))).toThrow('Cannot read');
});
