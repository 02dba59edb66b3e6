import { parquetWriteBuffer } from 'hyparquet-writer';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, test } from 'vitest';
import { openSource } from './open-source.ts';
import { placeOf, START, type RowSource } from './row-source.ts';

const folder = mkdtempSync(join(tmpdir(), 'lmdeck-sources-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function contents(source: RowSource): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const group of source.read(START)) for (const row of group) found.push([placeOf(source, row), row.content ?? row.problem]);
  return found;
}

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

test('CSV: every cell is text; a record of another length, and a quote that is not closed, are told with their lines', async () => {
  const path = file('a.csv', 'a,b\n1,"x\ny"\n\n2\n3,z\n4,"open\n');
  expect(await contents(openSource(path))).toEqual([
    ['a.csv:2', { a: '1', b: 'x\ny' }],
    ['a.csv:4', '1 cells, and there are 2 columns'],
    ['a.csv:6', { a: '3', b: 'z' }],
    ['a.csv:7', expect.stringContaining('Quote Not Closed')],
  ]);
});

test('CSV: of two columns of one name one would be lost; those without a name may be many', async () => {
  await expect(contents(openSource(file('twice.csv', 'a,b,a\n1,2,3\n')))).rejects.toMatchObject({
    code: 'config',
    message: expect.stringContaining('two columns are named "a"'),
  });
  expect(await contents(openSource(file('blank.csv', 'a,,\n1,,\n')))).toEqual([['blank.csv:2', { a: '1', '': '' }]]);
});

test('CSV: what is not UTF-8 is told, wherever it stands', async () => {
  const rows = Array.from({ length: 20_000 }, (_, i) =>
    Buffer.from(i % 5000 === 4999 ? `${i},h\xe4\r\n` : `${i},ü \ufffd\r\n`, i % 5000 === 4999 ? 'latin1' : 'utf8'),
  );
  const found = await contents(openSource(file('far.csv', Buffer.concat([Buffer.from('\ufeffa,b\r\n'), ...rows]))));
  const problems = found.filter((row) => Array.isArray(row) && typeof row[1] === 'string');
  expect(found).toHaveLength(20_000);
  expect(problems).toEqual([5001, 10_001, 15_001, 20_001].map((line) => [`far.csv:${line}`, 'the record is not UTF-8']));
});

test('CSV: what is not UTF-8 is told, with a mark UTF-16 is read too', async () => {
  expect(await contents(openSource(file('latin.csv', Buffer.from('a,b\nx,h\xe4\ny,\xef\xbf\xbd\n', 'latin1'))))).toEqual([
    ['latin.csv:2', 'the record is not UTF-8'],
    ['latin.csv:3', { a: 'y', b: '\uFFFD' }],
  ]);
  await expect(contents(openSource(file('names.csv', Buffer.from('h\xe4,b\n1,2\n', 'latin1'))))).rejects.toThrow('iconv');
  expect(await contents(openSource(file('utf16.csv', Buffer.from('\uFEFFa\r\nhä\r\n', 'utf16le'))))).toEqual([
    ['utf16.csv:2', { a: 'hä' }],
  ]);
});

test('Parquet and a JSON list', async () => {
  const bytes = parquetWriteBuffer({
    columnData: [
      { name: 'text', data: ['a', 'b'], type: 'STRING' },
      { name: 'n', data: [1n, 2n ** 60n], type: 'INT64' },
      { name: 'f', data: [1, 2.5], type: 'DOUBLE' },
    ],
  });
  expect(await contents(openSource(file('a.parquet', new Uint8Array(bytes))))).toEqual([
    ['a.parquet, row 1', { text: 'a', n: 1, f: 1 }],
    ['a.parquet, row 2', { text: 'b', n: '1152921504606846976', f: 2.5 }],
  ]);
  await expect(contents(openSource(file('none.parquet', '')))).rejects.toThrow('none.parquet: the file is too short');
  expect(await contents(openSource(file('a.json', '[{"a": 1.0}, {"a": [null]}]')))).toEqual([
    ['a.json, row 1', { a: 1 }],
    ['a.json, row 2', { a: [null] }],
  ]);
});

test('a query of a SQLite file, which is only read; a change shows', async () => {
  const path = join(folder, 'a.db');
  const database = new DatabaseSync(path);
  database.exec(
    "PRAGMA journal_mode = WAL; CREATE TABLE docs (id, body, blob); INSERT INTO docs VALUES (1, 'one', x'00ff'), (9007199254740993, NULL, 1.5)",
  );
  const source = openSource(path, { query: 'SELECT * FROM docs ORDER BY rowid' });
  expect(await contents(source)).toEqual([
    ['a.db, row 1', { id: 1, body: 'one', blob: 'AP8=' }],
    ['a.db, row 2', { id: '9007199254740993', body: null, blob: 1.5 }],
  ]);
  const before = source.fingerprint?.();
  database.exec("INSERT INTO docs VALUES (3, 'three', 0)");
  expect(source.fingerprint?.()).not.toEqual(before);
  await expect(contents(openSource(path, { query: 'DELETE FROM docs' }))).rejects.toThrow('readonly');
  await expect(contents(openSource(path, { query: 'SELECT id, body AS id FROM docs' }))).rejects.toThrow('two columns "id"');
  await expect(contents(openSource(path, { query: 'SELECT nope' }))).rejects.toThrow('the query failed');
  expect(() => openSource(path)).toThrow('--sql');
  database.close();
});

test('a JSON list of texts; what is neither a text nor an object is told with its row', async () => {
  expect(await contents(openSource(file('texts.json', '["a", {"b": 1}, 3, ["x"]]')))).toEqual([
    ['texts.json, row 1', 'a'],
    ['texts.json, row 2', { b: 1 }],
    ['texts.json, row 3', 'it is JSON, but neither an object nor a text'],
    ['texts.json, row 4', 'it is JSON, but neither an object nor a text'],
  ]);
});

test('a file that is not there, and a name that tells nothing', () => {
  expect(() => openSource(join(folder, 'nope.jsonl'))).toThrow('nope.jsonl');
  expect(() => openSource(file('rows', ''))).toThrow('its name tells no format');
});
