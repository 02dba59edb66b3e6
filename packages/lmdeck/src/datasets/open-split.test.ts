import { tableFromArrays, tableToIPC } from '@uwdata/flechette';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { pythonFloat } from '../python/index.ts';
import type { Doc } from './dataset.ts';
import { openSplits, type DatasetLocation } from './open-split.ts';

const folder = mkdtempSync(join(tmpdir(), 'lmdeck-datasets-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function rows(location: Omit<DatasetLocation, 'base'>, split: string = 'test'): Promise<Doc[]> {
  const found = openSplits({ ...location, base: folder }).get(split);
  const docs: Doc[] = [];
  for await (const doc of found?.rows() ?? []) docs.push(doc);
  return docs;
}

function write(name: string, content: string | Uint8Array): string {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), content);
  return name;
}

test('JSON lines: floats stay floats, U+2028 is no line break, blank lines and a missing last break do not matter', async () => {
  const file = write('a.jsonl', `\uFEFF{"x": 1.0, "y": 1}\r\n\n{"x": "a\u2028b", "z": [null, {"k": 2.50}]}`);
  expect(await rows({ path: 'json', dataFiles: { test: [file] } })).toEqual([
    { x: pythonFloat(1), y: 1, z: null },
    { x: 'a\u2028b', y: null, z: [null, { k: 2.5 }] },
  ]);
});

test('the members of objects keep their order, also where their names are digits', async () => {
  const first = write('digits.jsonl', '{"5": 0, "o": {"10": 1, "2": 0.5, "b": {"9": "", "8": null}}}\n{"5": 0, "o": {"2": 1, "1": 1}}\n');
  const inner = new Map([
    ['9', ''],
    ['8', null],
  ]);
  expect(await rows({ path: 'json', dataFiles: { test: [first] } })).toEqual([
    {
      5: 0,
      o: new Map<string, unknown>([
        ['10', 1],
        ['2', 0.5],
        ['b', inner],
      ]),
    },
    {
      5: 0,
      o: new Map<string, unknown>([
        ['2', pythonFloat(1)],
        ['1', 1],
      ]),
    },
  ]);
  const schema = [
    { name: 'root', num_children: 1 },
    { name: 'o', repetition_type: 'OPTIONAL', num_children: 2 },
    { name: '10', type: 'INT32', repetition_type: 'OPTIONAL' },
    { name: '2', type: 'INT32', repetition_type: 'OPTIONAL' },
  ] as const;
  const parquet = parquetWriteBuffer({ columnData: [{ name: 'o', data: [{ 10: 1, 2: 2 }] }], schema: [...schema] });
  write('digits.parquet', new Uint8Array(parquet));
  const [row] = await rows({ path: 'parquet', dataFiles: { test: ['digits.parquet'] } });
  expect(row?.['o']).toEqual(
    new Map([
      ['10', 1],
      ['2', 2],
    ]),
  );
});

// As `datasets` of Hugging Face loads JSON: in a table every row has every column.
test('JSON: what a row lacks is null, also in other files; whole numbers among floats are floats', async () => {
  const first = write('gaps-1.jsonl', '{"a": 1, "in": {"x": 1, "y": 1}}\n{"b": "two", "a": 2}\n');
  const second = write('gaps-2.jsonl', '{"c": true, "a": 0.5, "in": {"y": 2.5}}\n');
  const found = await rows({ path: 'json', dataFiles: { test: [first, second] } });
  expect(found).toEqual([
    { a: pythonFloat(1), in: { x: 1, y: pythonFloat(1) }, b: null, c: null },
    { a: pythonFloat(2), in: null, b: 'two', c: null },
    { a: 0.5, in: { y: 2.5 }, b: null, c: true },
  ]);
  expect(found.map((row) => Object.keys(row).join())).toEqual(['a,in,b,c', 'a,in,b,c', 'a,in,b,c']);
});

test('a character that two reads share stays whole', async () => {
  const text = 'é'.repeat((1 << 18) + 7);
  const file = write('long.jsonl', JSON.stringify({ x: text }));
  expect((await rows({ path: 'json', dataFiles: { test: [file] } }))[0]?.['x']).toBe(text);
});

test('JSON: one list, one object over several lines, rows in a member, compressed', async () => {
  const list = write('list.json', `\uFEFF${JSON.stringify([{ a: 1 }, { a: 2 }], null, 2)}`);
  const field = write('field.json', JSON.stringify({ version: 1, data: [{ a: 3 }] }, null, 2));
  const packed = write('packed.jsonl.gz', gzipSync('{"a": 4}\n{"a": 5}\n'));
  expect(await rows({ path: 'json', dataFiles: { test: [list] } })).toEqual([{ a: 1 }, { a: 2 }]);
  expect(await rows({ path: 'json', dataFiles: { test: [field] }, formatOptions: { field: 'data' } })).toEqual([{ a: 3 }]);
  expect(await rows({ path: 'json', dataFiles: { test: [packed] } })).toEqual([{ a: 4 }, { a: 5 }]);
});

test('a row that is no JSON object is named by file and line', async () => {
  const file = write('bad.jsonl', '{"a": 1}\n{"a": \n');
  await expect(rows({ path: 'json', dataFiles: { test: [file] } })).rejects.toThrow(`${join(folder, 'bad.jsonl')}:2: `);
  const array = write('bad2.jsonl', '{"a": 1}\n[1]\n');
  await expect(rows({ path: 'json', dataFiles: { test: [array] } })).rejects.toThrow(':2: a row must be a JSON object');
});

test('CSV: columns have one type each, empty cells are null', async () => {
  const file = write('a.csv', 'q,n,f,b,gap\n"a, ""b""\nc",1,1.5,True,1\nx,2,2,False,\n');
  expect(await rows({ path: 'csv', dataFiles: { test: [file] } })).toEqual([
    { q: 'a, "b"\nc', n: 1, f: 1.5, b: true, gap: pythonFloat(1) },
    { q: 'x', n: 2, f: pythonFloat(2), b: false, gap: null },
  ]);
  const tabs = write('a.tsv', 'a\tb\n1\tx,y\n');
  expect(await rows({ path: 'csv', dataFiles: { test: [tabs] } })).toEqual([{ a: 1, b: 'x,y' }]);
});

test('Parquet: floats, whole numbers, lists, nulls, several row groups', async () => {
  const bytes = parquetWriteBuffer({
    columnData: [
      { name: 'text', data: ['a', 'ü', 'c'], type: 'STRING' },
      { name: 'f', data: [1, 2.5, 3], type: 'DOUBLE' },
      { name: 'n', data: [1n, 2n, 3n], type: 'INT64' },
      { name: 'maybe', data: ['x', null, 'z'], type: 'STRING', nullable: true },
    ],
    rowGroupSize: 2,
  });
  const file = write('a.parquet', new Uint8Array(bytes));
  expect(await rows({ path: 'parquet', dataFiles: { test: [file] } })).toEqual([
    { text: 'a', f: pythonFloat(1), n: 1, maybe: 'x' },
    { text: 'ü', f: 2.5, n: 2, maybe: null },
    { text: 'c', f: pythonFloat(3), n: 3, maybe: 'z' },
  ]);
});

test('Arrow: stream and file', async () => {
  const table = tableFromArrays({ text: ['a', 'ü'], n: [1, 2], f: Float64Array.of(1, 2.5), list: [['x'], ['y', 'z']] });
  for (const [name, format] of [
    ['a.arrow', 'stream'],
    ['b.arrow', 'file'],
  ] as const) {
    const bytes = tableToIPC(table, { format });
    const file = write(name, bytes ?? new Uint8Array());
    const docs = await rows({ path: 'arrow', dataFiles: { test: [file] } });
    expect(docs.map(({ text, f, list }) => [text, f, list])).toEqual([
      ['a', pythonFloat(1), ['x']],
      ['ü', 2.5, ['y', 'z']],
    ]);
  }
});

// The data of MMLU: "dev" are the examples, "validation" is something else.
test('a folder with dev and validation has both; parts of tables are named as they are', async () => {
  write('mmlu/anatomy/dev.jsonl', '{"a": "dev"}\n');
  write('mmlu/anatomy/validation.jsonl', '{"a": "validation"}\n');
  write('mmlu/anatomy/test.jsonl', '{"a": "test"}\n');
  expect(await rows({ path: 'mmlu', name: 'anatomy' }, 'dev')).toEqual([{ a: 'dev' }]);
  expect(await rows({ path: 'mmlu', name: 'anatomy' }, 'validation')).toEqual([{ a: 'validation' }]);
  for (const part of [0, 1]) write(`parts/auxiliary_train-0000${part}-of-00002.jsonl`, `{"a": ${part}}\n`);
  write('parts/val-00000-of-00001.jsonl', '{"a": 2}\n');
  expect(await rows({ path: 'parts' }, 'auxiliary_train')).toEqual([{ a: 0 }, { a: 1 }]);
  expect(await rows({ path: 'parts' }, 'train')).toEqual([{ a: 0 }, { a: 1 }]);
  for (const split of ['val', 'validation']) expect(await rows({ path: 'parts' }, split)).toEqual([{ a: 2 }]);
});

test('a folder: splits by file name and folder', async () => {
  write('set/train-00000-of-00002.jsonl', '{"a": 1}\n');
  write('set/train-00001-of-00002.jsonl', '{"a": 2}\n');
  write('set/data/dev/x.jsonl', '{"a": 3}\n');
  write('set/german/test.jsonl', '{"a": 4}\n');
  expect([...openSplits({ path: 'set', base: folder }).keys()].sort()).toEqual(['dev', 'test', 'train', 'validation']);
  expect(await rows({ path: 'set' }, 'train')).toEqual([{ a: 1 }, { a: 2 }]);
  expect(await rows({ path: 'set' }, 'validation')).toEqual([{ a: 3 }]);
  expect([...openSplits({ path: 'set', name: 'german', base: folder }).keys()]).toEqual(['test']);
});

test('what is not there is said with what to do', () => {
  expect(() => openSplits({ path: 'allenai/ai2_arc', base: folder })).toThrow('Datasets are not downloaded');
  expect(() => openSplits({ path: 'json', dataFiles: { test: ['nope.jsonl'] }, base: folder })).toThrow(join(folder, 'nope.jsonl'));
  mkdirSync(join(folder, 'empty'), { recursive: true });
  expect(() => openSplits({ path: 'empty', base: folder })).toThrow('has no data files');
});
