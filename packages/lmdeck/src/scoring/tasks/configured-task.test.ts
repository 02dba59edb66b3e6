import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Doc } from '../../datasets/index.ts';
import { openTask } from './configured-task.ts';
import type { PromptSettings, TaskItem, TaskRequest } from './evaluation-task.ts';
import { taskConfig } from './task-config.ts';
import { TaskFiles, type TaskFields } from './task-file.ts';
import { TaskFunction } from './task-function.ts';

const folder = mkdtempSync(join(tmpdir(), 'lmdeck-tasks-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;

/** A task over documents that stand in files of the folder. */
function task(fields: TaskFields, test: readonly Doc[], train: readonly Doc[] = []) {
  const name = `data${count++}`;
  mkdirSync(join(folder, name));
  for (const [split, docs] of [
    ['test', test],
    ['train', train],
  ] as const) {
    if (docs.length > 0) writeFileSync(join(folder, name, `${split}.jsonl`), docs.map((doc) => JSON.stringify(doc)).join('\n'));
  }
  const data = { dataset_path: name, test_split: 'test', ...(train.length > 0 ? { fewshot_split: 'train' } : {}) };
  return openTask(taskConfig({ task: 't', ...data, ...fields }, 'test', folder));
}

async function items(opening: ReturnType<typeof task>, settings: PromptSettings = {}): Promise<TaskItem[]> {
  const found: TaskItem[] = [];
  for await (const item of (await opening).items(settings)) found.push(item);
  return found;
}

async function requests(opening: ReturnType<typeof task>, settings: PromptSettings = {}): Promise<readonly TaskRequest[]> {
  return (await items(opening, settings)).flatMap((item) => item.requests);
}

const qa = { doc_to_text: '{{q}}', doc_to_target: '{{a}}', fewshot_config: { sampler: 'first_n' } };

test('a prompt of shots and a question', async () => {
  const shots: Doc[] = [
    { q: 'Q1', a: 'A1' },
    { q: 'Q2', a: 'A2' },
  ];
  const context = async (fields: TaskFields, settings: PromptSettings, train = shots, test: Doc = { q: 'Q3', a: 'A3' }) =>
    (await requests(task({ ...qa, ...fields }, [test], train), settings)).map((request) =>
      'context' in request ? request.context : undefined,
    )[0];
  expect(await context({}, { numFewshot: 2 })).toBe('Q1 A1\n\nQ2 A2\n\nQ3');
  expect(await context({ target_delimiter: '->', fewshot_delimiter: '||' }, { numFewshot: 1 })).toBe('Q1->A1||Q3');
  expect(await context({}, { numFewshot: 1 }, [{ q: 'What is 1+1?', a: '2' }], { q: 'What is 2+2?', a: '4' })).toBe(
    'What is 1+1? 2\n\nWhat is 2+2?',
  );
  expect(
    await context({ description: 'Answer math questions.\n' }, { systemInstruction: 'Be helpful.' }, shots, { q: '2+2?', a: '4' }),
  ).toBe('Be helpful.\n\nAnswer math questions.\n2+2?');
  expect(await context({ gen_prefix: 'Think:' }, { numFewshot: 1 }, [{ q: 'Question?', a: 'Answer' }], { q: 'Next?', a: '' })).toBe(
    'Question? Think: Answer\n\nNext? Think:',
  );
});

test('a chat: turns, or all in one user message', async () => {
  const chat = task({ ...qa, gen_prefix: 'Answer:' }, [{ q: 'Q2', a: 'A2' }], [{ q: 'Q1', a: 'A1' }]);
  const turns = async (fewshotAsTurns: boolean) => {
    const [request] = await requests(chat, { asChat: true, fewshotAsTurns, numFewshot: 1, systemInstruction: 'S' });
    return request !== undefined && 'context' in request && typeof request.context !== 'string'
      ? request.context.map(({ role, content }) => [role, content])
      : request;
  };
  expect(await turns(true)).toEqual([
    ['system', 'S'],
    ['user', 'Q1'],
    ['assistant', 'Answer: A1'],
    ['user', 'Q2'],
    ['assistant', 'Answer:'],
  ]);
  expect(await turns(false)).toEqual([
    ['system', 'S'],
    ['user', 'Q1 Answer: A1\n\nQ2'],
    ['assistant', 'Answer:'],
  ]);
});

test('the random sampler draws as Python does, one document after the other', async () => {
  const pool: Doc[] = Array.from({ length: 10 }, (_, i) => ({ q: `Q${i}`, a: `A${i}` }));
  const tests: Doc[] = [
    { q: 'X', a: '' },
    { q: 'Y', a: '' },
  ];
  const [first, second] = await requests(task({ ...qa, fewshot_config: {} }, tests, pool), { numFewshot: 3 });
  // random.Random(1234).sample(range(10), 3) gives [7, 1, 0], then [1, 0, 9].
  expect(first).toMatchObject({ context: 'Q7 A7\n\nQ1 A1\n\nQ0 A0\n\nX' });
  expect(second).toMatchObject({ context: 'Q1 A1\n\nQ0 A0\n\nQ9 A9\n\nY' });
});

test('a document is no example of itself', async () => {
  const docs: Doc[] = Array.from({ length: 3 }, (_, i) => ({ q: `Q${i}`, a: `A${i}` }));
  const own = task({ ...qa, fewshot_config: {}, fewshot_split: 'test' }, docs);
  for (const [i, request] of (await requests(own, { numFewshot: 2 })).entries()) {
    expect(JSON.stringify(request).split(`Q${i}`)).toHaveLength(2);
  }
  await expect(requests(own, { numFewshot: 3 })).rejects.toThrow('4 few-shot examples are needed, but there are 3');
});

test('multiple choice: one request per choice, columns and templates, list in Python text', async () => {
  const choice = { output_type: 'multiple_choice', doc_to_text: 'q', doc_to_target: 'gold' };
  const doc: Doc = { q: 'Q', options: ['x', 'y'], text: "['x', 'y']", gold: 1 };
  const expected = [' x', ' y'].map((continuation) => ({ type: 'loglikelihood', context: 'Q', continuation }));
  for (const rule of ['options', '{{options}}', '{{ [options[0], options[1]] }}', '{{text}}', "['x', 'y']"]) {
    expect(await requests(task({ ...choice, doc_to_choice: rule }, [doc]))).toEqual(expected);
  }
  expect(await requests(task({ ...choice, doc_to_choice: ['x', 'y'] }, [doc]))).toEqual(expected);
  expect(await requests(task({ ...choice, doc_to_choice: { a: 'x', b: 'y' } }, [doc]))).toEqual(expected);
  // A dict of a document is gone through, which gives its keys.
  const keyed: Doc = { q: 'Q', dict: { x: 'one', y: 'two' }, gold: 1 };
  for (const rule of ['dict', '{{dict}}']) expect(await requests(task({ ...choice, doc_to_choice: rule }, [keyed]))).toEqual(expected);
  expect(await requests(task({ ...choice, doc_to_choice: 'options', metric_list: [{ metric: 'acc_mutual_info' }] }, [doc]))).toEqual([
    ...expected,
    ...[' x', ' y'].map((continuation) => ({ type: 'loglikelihood', context: '', continuation })),
  ]);
});

test('a question in a column or from a function that is all digits is text; one that a template writes is the number of a choice', async () => {
  const docs: Doc[] = [
    { q: '007', gold: 0 },
    { q: 'Q', gold: 1 },
  ];
  const choice = { output_type: 'multiple_choice', doc_to_choice: ['x', 'y'], doc_to_target: 'gold' };
  const contexts = async (rule: TaskFields[string]) =>
    (await requests(task({ ...choice, doc_to_text: rule }, docs))).map((request) => 'context' in request && request.context);
  expect(await contexts('q')).toEqual(['007', '007', 'Q', 'Q']);
  expect(await contexts('{{gold}}')).toEqual(['x', 'y', 'x', 'y']);
});

test('places of examples count from the end when they are negative; one that is not there is told', async () => {
  const pool: Doc[] = Array.from({ length: 4 }, (_, i) => ({ q: `Q${i}`, a: `A${i}` }));
  const shots = (indices: readonly number[]) =>
    requests(task({ ...qa, fewshot_config: { sampler: 'first_n', fewshot_indices: indices } }, [{ q: 'X', a: '' }], pool), {
      numFewshot: 2,
    });
  expect(await shots([-1, 0])).toMatchObject([{ context: 'Q3 A3\n\nQ0 A0\n\nX' }]);
  await expect(shots([0, 4])).rejects.toThrow('fewshot_indices has 4, but there are only 4 documents');
});

test('fields that are null are as good as absent', async () => {
  const fields = { output_type: 'loglikelihood', generation_kwargs: null, doc_to_image: null, metric_list: null };
  expect(await requests(task({ ...qa, ...fields }, [{ q: 'Q', a: ' A' }]))).toMatchObject([{ context: 'Q', continuation: ' A' }]);
});

test('what a column gives as null is no text', async () => {
  const docs: Doc[] = [{ q: 'Q', a: 'A', none: null, options: ['x', null] }];
  const first = (fields: TaskFields) => requests(task({ ...qa, ...fields }, docs));
  await expect(first({ doc_to_text: 'none' })).rejects.toThrow('task t: doc_to_text gives nothing (null)');
  await expect(first({ output_type: 'loglikelihood', doc_to_target: 'none' })).rejects.toThrow('doc_to_target gives nothing (null)');
  await expect(first({ output_type: 'multiple_choice', doc_to_choice: 'options' })).rejects.toThrow('doc_to_choice gives nothing (null)');
});

test('values that a metric of a task gives by name are aggregated as the metric says', async () => {
  writeFileSync(
    join(folder, 'several.ts'),
    'export const both = () => ({ x: 1, y: 2 });\nexport const count = (items: unknown[]) => items.length;\n',
  );
  const several = new TaskFunction('several.both', folder);
  const metrics = [{ metric: several, aggregation: new TaskFunction('several.count', folder), higher_is_better: false }];
  const opened = await task({ ...qa, metric_list: metrics }, [{ q: 'Q', a: 'A' }]);
  const [item] = await items(Promise.resolve(opened));
  if (item !== undefined) expect((await opened.score(item, ['A'])).values).toEqual({ x: 1, y: 2 });
  expect(['x', 'y'].map((name) => [opened.metrics.get(name)?.aggregation.name, opened.metrics.get(name)?.higherIsBetter])).toEqual([
    ['count', false],
    ['count', false],
  ]);
});

test('choices as contexts', async () => {
  const winogrande = { output_type: 'multiple_choice', doc_to_text: 'label', doc_to_choice: ['it is A', 'it is B'], doc_to_target: 'rest' };
  const opened = await task(winogrande, [{ label: 1, rest: 'because' }]);
  const [item] = await items(Promise.resolve(opened));
  expect(item?.requests).toEqual([
    { type: 'loglikelihood', context: 'it is A', continuation: ' because' },
    { type: 'loglikelihood', context: 'it is B', continuation: ' because' },
  ]);
  const responses = [-2, -1].map((logprob) => ({ logprob, isGreedy: false }));
  if (item !== undefined) expect((await opened.score(item, responses)).values).toEqual({ acc: 1, acc_norm: 1 });
});

test('log-likelihood takes the target as it is; rolling the text alone; generation has its options', async () => {
  expect(await requests(task({ ...qa, output_type: 'loglikelihood', doc_to_target: '{{" "+a}}' }, [{ q: 'Q', a: 'A' }]))).toEqual([
    { type: 'loglikelihood', context: 'Q', continuation: ' A' },
  ]);
  expect(await requests(task({ output_type: 'loglikelihood_rolling', doc_to_text: '', doc_to_target: 'text' }, [{ text: 'abc' }]))).toEqual(
    [{ type: 'loglikelihood_rolling', text: 'abc' }],
  );
  const generate = { ...qa, generation_kwargs: { max_gen_toks: 5, temperature: 0 } };
  expect(await requests(task(generate, [{ q: 'Q', a: 'A' }]), { generation: { top_p: 0.5 } })).toMatchObject([
    { type: 'generate_until', generation: { max_gen_toks: 5, until: ['\n\n'], top_p: 0.5 } },
  ]);
});

test('functions of a module: documents, texts, results', async () => {
  writeFileSync(
    join(folder, 'utils.ts'),
    `export const process = (docs: { q: string }[]) => docs.filter((doc) => doc.q !== 'drop').map((doc) => ({ ...doc, q: doc.q + '?' }));
export const text = (doc: { q: string }): string => 'T ' + doc.q;
export const results = (doc: { a: string }, [answer]: [string]) => ({ same: answer === doc.a ? 1 : 0 });\n`,
  );
  writeFileSync(join(folder, 'fn.jsonl'), '{"q": "x", "a": "1"}\n{"q": "drop", "a": "2"}\n');
  writeFileSync(
    join(folder, 'fn.yaml'),
    `task: fn
dataset_path: json
dataset_kwargs: {data_files: {test: fn.jsonl}}
test_split: test
process_docs: !function utils.process
doc_to_text: !function utils.text
doc_to_target: a
process_results: !function utils.results
metric_list: [{metric: same, aggregation: mean, higher_is_better: true}]
`,
  );
  const files = await TaskFiles.load();
  const opened = await openTask(taskConfig(files.read(join(folder, 'fn.yaml')), 'fn.yaml', folder));
  expect(await opened.size()).toBe(1);
  const [item] = await items(Promise.resolve(opened));
  expect(item?.requests).toMatchObject([{ context: 'T x?' }]);
  if (item !== undefined) expect((await opened.score(item, ['1'])).values).toEqual({ same: 1 });
  expect(opened.config['process_docs']).toBe('!function utils.process');
  const missing = taskConfig({ ...files.read(join(folder, 'fn.yaml')) }, 'fn.yaml', join(folder, 'elsewhere'));
  await expect(openTask({ ...missing, processDocs: undefined, metrics: undefined })).resolves.toBeDefined();
});

test.each<[string, TaskFields, string]>([
  ['unknown field', { doc_to_txt: 'x' }, 'doc_to_txt is no field that is known here. Did you mean doc_to_text'],
  ['wrong output type', { output_type: 'choice' }, 'output_type must be one of'],
  ['wrong type', { repeats: -1 }, 'repeats must be a whole number'],
  ['unknown metric', { metric_list: [{ metric: 'exact_mach' }] }, 'there is no metric "exact_mach". Did you mean exact_match'],
  ['unknown aggregation', { metric_list: [{ metric: 'exact_match', aggregation: 'avg' }] }, 'there is no aggregation "avg"'],
  ['images', { doc_to_image: 'image' }, 'images or audio'],
  ['no question', { doc_to_text: null }, 'doc_to_text is missing'],
])('%s', async (_, fields, problem) => {
  await expect((async () => items(task({ ...qa, ...fields }, [{ q: 'Q', a: 'A' }])))()).rejects.toThrow(problem);
});
