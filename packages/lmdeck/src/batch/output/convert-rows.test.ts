import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { RowOutcome } from '../row-outcome.ts';
import { convertRows } from './convert-rows.ts';
import { writeOutcomes } from './write-outcomes.ts';

const folder = mkdtempSync(join(tmpdir(), 'lmdeck-tables-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const lines = join(folder, 'lines.jsonl');
const rows = [
  { id: 'a', text: 'x, "y"\n', n: 1, f: 1, b: true, mixed: 1, usage: { input_tokens: 3 }, nested: { k: [1] } },
  { id: 'b', text: null, n: null, f: 0.5, b: false, mixed: 'one', error: { code: 'server', message: 'no' }, late: 'l' },
];
writeFileSync(lines, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));

test('CSV has all columns of all rows, cells quoted where they must be', async () => {
  const path = join(folder, 'out.csv');
  await convertRows(lines, path, 'csv');
  expect(readFileSync(path, 'utf8').split('\r\n')).toEqual([
    'id,text,n,f,b,mixed,input_tokens,nested,error_code,error_message,late',
    'a,"x, ""y""\n",1,1,true,1,3,"{""k"":[1]}",,,',
    'b,,,0.5,false,one,,,server,no,l',
    '',
  ]);
});

test('a table without rows has columns', async () => {
  const none = join(folder, 'none.jsonl');
  writeFileSync(none, '');
  await convertRows(none, join(folder, 'none.csv'), 'csv');
  expect(readFileSync(join(folder, 'none.csv'), 'utf8')).toBe('id,index,status\r\n');
  await convertRows(none, join(folder, 'none.parquet'), 'parquet');
  expect(await parquetReadObjects({ file: await asyncBufferFromFile(join(folder, 'none.parquet')) })).toEqual([]);
});

test('Parquet columns have the type that all of their values have', async () => {
  const path = join(folder, 'out.parquet');
  await convertRows(lines, path, 'parquet');
  expect(await parquetReadObjects({ file: await asyncBufferFromFile(path) })).toEqual([
    {
      id: 'a',
      text: 'x, "y"\n',
      n: 1n,
      f: 1,
      b: true,
      mixed: '1',
      input_tokens: 3n,
      nested: '{"k":[1]}',
      error_code: null,
      error_message: null,
      late: null,
    },
    {
      id: 'b',
      text: null,
      n: null,
      f: 0.5,
      b: false,
      mixed: 'one',
      input_tokens: null,
      nested: null,
      error_code: 'server',
      error_message: 'no',
      late: 'l',
    },
  ]);
});

test.skipIf(process.platform === 'win32')('a table goes behind a symbolic link, and so do lines that are written as a whole', async () => {
  mkdirSync(join(folder, 'links'));
  const target = join(folder, 'links', 'target');
  const link = join(folder, 'links', 'link');
  symlinkSync('target', link);
  for (const write of [
    () => convertRows(lines, link, 'csv'),
    () => convertRows(lines, link, 'parquet'),
    () => writeOutcomes(noOutcomes(), link),
    () => writeOutcomes(noOutcomes(), link, { format: 'csv' }),
  ]) {
    writeFileSync(target, 'old');
    await write();
    expect(readlinkSync(link)).toBe('target');
    expect(readFileSync(target, 'utf8')).not.toBe('old');
  }
});

async function* noOutcomes(): AsyncGenerator<RowOutcome> {
  yield* [];
}

test('what processes left that died while they wrote is taken off, and nothing else', async () => {
  const mine = join(folder, 'swept');
  mkdirSync(mine);
  // As high as no process' number is.
  const dead = 2 ** 31 - 2;
  const kept = [`t.csv.${process.ppid}.part`, `t.csv.${dead}.parts`, `other.csv.${dead}.part`, 't.csv.x.part'];
  for (const name of [...kept, `t.csv.${dead}.part`, `t.csv.${dead}.lines`]) writeFileSync(join(mine, name), '');
  await convertRows(lines, join(mine, 't.csv'), 'csv');
  expect(readdirSync(mine).toSorted()).toEqual(['t.csv', ...kept].toSorted());
});

test('what cannot be written leaves nothing behind', async () => {
  const before = readdirSync(folder);
  await expect(convertRows(lines, join(folder, 'no/such/out.csv'), 'csv')).rejects.toThrow('Cannot write');
  await expect(convertRows(lines, join(folder, 'no/such/out.parquet'), 'parquet')).rejects.toThrow('Cannot write');
  expect(readdirSync(folder)).toEqual(before);
});
