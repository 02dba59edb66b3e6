import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { languageModel } from '../../core/index.ts';
import { describeModel, modelTypes, parameters } from '../../deck/configure/index.ts';
import { record } from '../../middleware/index.ts';
import { mock } from '../../models/index.ts';
import { openTape } from '../../tape/index.ts';
import { writeBatch } from '../run/write-batch.ts';
import { loadBatch, readBatch, saveBatch } from './batch-file.ts';
import { batchParameters } from './batch-parameters.ts';
import type { BatchPlan } from './batch-plan.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'lmdeck-plan-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const text = fc.string({ minLength: 1 });
const count = fc.integer({ min: 1, max: 1000 });
const object = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.oneof(text, fc.integer(), fc.boolean()), { maxKeys: 4 });
const plans: fc.Arbitrary<BatchPlan> = fc.record(
  {
    source: fc.constantFrom('/rows/in.jsonl', '-'),
    from: fc.constantFrom('jsonl', 'csv', 'sql'),
    sql: text,
    model: fc.oneof(text, object),
    template: text,
    system: text,
    options: object,
    schema: object,
    samples: count,
    rowSettings: fc.boolean(),
    lineModels: fc.boolean(),
    limit: count,
    output: fc.constant('/rows/out.csv'),
    format: fc.constantFrom('jsonl', 'openai-batch', 'csv', 'parquet'),
    join: fc.constantFrom('nested', 'flat', 'none'),
    keep: fc.array(text.filter((name) => !name.startsWith('['))),
    asCompleted: fc.boolean(),
    offline: fc.boolean(),
    concurrency: count,
    window: count,
    retries: count,
    cache: fc.boolean(),
    maxErrors: count,
    maxCost: fc.double({ min: 0, max: 1e6, noNaN: true }),
  },
  { requiredKeys: [] },
);

test.each(['run.yaml', 'run.json'])('what is saved as %s is read again', async (name) => {
  const path = join(folder(), name);
  await fc.assert(
    fc.asyncProperty(plans, async (plan) => {
      await saveBatch(plan, path);
      const read = await readBatch(path, {
        onWarning: (message) => {
          throw new Error(message);
        },
      });
      expect(JSON.parse(JSON.stringify(read))).toEqual(JSON.parse(JSON.stringify(plan)));
    }),
  );
});

test('every setting of a run is a parameter and the other way round', () => {
  const names = parameters(batchParameters).map(({ name }) => name);
  const [all] = fc.sample(
    plans.filter((plan) => Object.keys(plan).length === names.length),
    1,
  );
  expect(names.toSorted()).toEqual(Object.keys(all ?? {}).toSorted());
});

test('paths beside the file are relative to it, wherever it is moved', async () => {
  const [home, away] = [folder(), folder()];
  mkdirSync(join(home, 'data'));
  await saveBatch({ source: join(home, 'data/rows.csv'), output: '/elsewhere/out.jsonl' }, join(home, 'run.yaml'));
  const saved = readFileSync(join(home, 'run.yaml'), 'utf8');
  expect(saved).toBe('source: data/rows.csv\noutput: /elsewhere/out.jsonl\n');
  writeFileSync(join(away, 'run.yaml'), saved);
  expect(await readBatch(join(away, 'run.yaml'))).toMatchObject({ source: join(away, 'data/rows.csv'), output: '/elsewhere/out.jsonl' });
});

test('what there is not is left out with the nearest name; what is wrong is an error with the file', async () => {
  const path = join(folder(), 'run.yaml');
  writeFileSync(path, 'source: rows.txt\ntemplte: "{{ text }}"\nsamples: 2\n');
  const warnings: string[] = [];
  expect(await readBatch(path, { onWarning: (message) => warnings.push(message) })).toMatchObject({ samples: 2, template: undefined });
  expect(warnings).toEqual([`${path}: There is no parameter templte: it is left out. Did you mean template?`]);
  for (const [content, message] of [
    ['samples: 0', /samples must be at least 1/],
    ['format: xls', /format must be one of jsonl/],
    ['model: [1]', /model must be a name or an object/],
    ['- source', /must be an object/],
    ['a: b: c', /is not YAML/],
  ] as const) {
    writeFileSync(path, content);
    await expect(readBatch(path)).rejects.toThrow(message);
    await expect(readBatch(path)).rejects.toThrow(path);
  }
});

test('a run out of a file asks what it says; only listed types of models are made', async () => {
  const home = folder();
  writeFileSync(join(home, 'rows.txt'), 'cat\ndog\n');
  const described = { ...describeModel(mock({ id: 'main', outputs: ['ok'] })) };
  const plan = { source: join(home, 'rows.txt'), model: described, template: 'Plural of {{ text }}?', output: join(home, 'out.jsonl') };
  await saveBatch({ ...plan, join: 'flat' }, join(home, 'run.json'));
  const { open, model, options } = await loadBatch(join(home, 'run.json'));
  await using tape = openTape(join(home, 'tape.db'));
  const recorded = model === undefined ? undefined : languageModel(model, record(tape));
  const report = await writeBatch(open, recorded, { ...options, runId: 'r', folder: join(home, 'r'), tape });
  expect(report.tally).toMatchObject({ ok: 2 });
  expect(readFileSync(join(home, 'out.jsonl'), 'utf8')).toContain('"input_text":"cat"');
  expect(tape.calls({ runId: 'r', order: 'oldest' })[0]?.request.messages).toMatchObject([{ parts: [{ text: 'Plural of cat?' }] }]);

  await saveBatch({ ...plan, model: { type: 'evil' } }, join(home, 'run.json'));
  await expect(loadBatch(join(home, 'run.json'))).rejects.toThrow('no type of model "evil"');
  const types = modelTypes({ types: { evil: () => mock({ id: 'tame', outputs: ['x'] }) } });
  expect((await loadBatch(join(home, 'run.json'), { types })).model?.id).toBe('tame');
  await saveBatch({ ...plan, model: 'tiny' }, join(home, 'run.json'));
  await expect(loadBatch(join(home, 'run.json'))).rejects.toThrow('one of a deck');
});
