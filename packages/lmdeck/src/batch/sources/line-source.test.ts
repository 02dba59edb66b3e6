import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { LineSource } from './line-source.ts';
import { START, type RowSource, type SourcePosition, type SourceRow } from './row-source.ts';

const folder = mkdtempSync(join(tmpdir(), 'lmdeck-lines-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function rowsOf(source: RowSource, from: SourcePosition = START, wanted?: (index: number) => boolean): Promise<SourceRow[]> {
  const rows: SourceRow[] = [];
  for await (const group of source.read(from, wanted))
    for (const { index, line, offset, next, content, problem } of group) rows.push({ index, line, offset, next, content, problem });
  return rows;
}

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

/** A stream in pieces of a size. */
async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array, undefined> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  return undefined;
}

test('blank lines are no rows but count, a mark and CRLF do not matter, a last line needs no end', async () => {
  const path = file('a.jsonl', '\uFEFF{"a": 1}\r\n\n  \n"text"\n{"b": "\u2028"}');
  expect(await rowsOf(new LineSource(path, 'jsonl'))).toMatchObject([
    { index: 0, line: 1, offset: 0, content: { a: 1 }, next: { index: 1, line: 2, offset: 13 } },
    { index: 1, line: 4, offset: 17, content: 'text' },
    { index: 2, line: 5, content: { b: '\u2028' } },
  ]);
  expect((await rowsOf(new LineSource(file('a.txt', 'one\r\n{two}\n'), 'text'))).map((row) => row.content)).toEqual(['one', '{two}']);
});

test('UTF-16 is told, and not asked', async () => {
  for (const encoded of [Buffer.from('\uFEFFone\n', 'utf16le'), Buffer.from('\uFEFFone\n', 'utf16le').swap16()])
    await expect(rowsOf(new LineSource(file('wide.txt', encoded), 'text'))).rejects.toMatchObject({
      code: 'config',
      message: 'wide.txt is UTF-16. Convert it: iconv -f UTF-16 -t UTF-8',
    });
});

test('whole numbers that JavaScript cannot hold stay what they are, as text', async () => {
  const path = file('ids.jsonl', '{"id": 1234567890123456789, "in": [-9007199254740993, 9007199254740991], "f": 0.12345678901234567}\n');
  expect((await rowsOf(new LineSource(path, 'jsonl')))[0]?.content).toEqual({
    id: '1234567890123456789',
    in: ['-9007199254740993', 9007199254740991],
    f: 0.12345678901234567,
  });
});

test('a line that is no row is told with its number, and the others are read', async () => {
  const bytes = Buffer.concat([Buffer.from('{"a": \n[1]\n'), Buffer.from([0x22, 0xff, 0x22, 10]), Buffer.from('{"ok": 1}\n')]);
  const rows = await rowsOf(new LineSource(file('bad.jsonl', bytes), 'jsonl'));
  expect(rows.map(({ line, problem }) => [line, problem?.replace(/:.*/, '')])).toEqual([
    [1, 'the line is not JSON'],
    [2, 'the line is JSON, but neither an object nor a text'],
    [3, 'the line is not UTF-8'],
    [4, undefined],
  ]);
});

test('however the bytes come, packed or not, and from whichever row on: the same rows', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.string({ unit: 'grapheme', maxLength: 30 }), fc.constant('')), { maxLength: 30 }),
      fc.integer({ min: 1, max: 9 }),
      fc.nat(),
      async (lines, size, start) => {
        const text = lines.map((line) => (line === '' ? '\n' : `${JSON.stringify({ line })}\n`)).join('');
        const path = file('any.jsonl', text);
        const rows = await rowsOf(new LineSource(path, 'jsonl'));
        expect(rows.map((row) => row.content)).toEqual(lines.filter((line) => line !== '').map((line) => ({ line })));
        const streamed = await rowsOf(new LineSource(pieces(Buffer.from(text), size), 'either'));
        expect(streamed).toEqual(rows);
        const packed = file('any.jsonl.gz', gzipSync(text));
        expect(await rowsOf(new LineSource(packed, 'jsonl'))).toEqual(rows);
        const from = rows[start % (rows.length + 1)];
        if (from === undefined) return;
        expect(await rowsOf(new LineSource(path, 'jsonl'), from)).toEqual(rows.slice(from.index));
        expect(await rowsOf(new LineSource(packed, 'jsonl'), from)).toEqual(rows.slice(from.index));
        expect(await rowsOf(new LineSource(path, 'jsonl'), START, (index) => index % 2 === 1)).toEqual(
          rows.filter((row) => row.index % 2 === 1),
        );
      },
    ),
    { numRuns: 60 },
  );
});

test('the beginning of a file is recognised when the rest has changed, over the borders of blocks', async () => {
  const lines = Array.from({ length: 9000 }, (_, i) => `${JSON.stringify({ i, text: 'x'.repeat(i % 150) })}\n`);
  const path = file('long.jsonl', lines.join(''));
  const source = new LineSource(path, 'jsonl');
  source.prefix?.begin();
  const digests: [number, string][] = [];
  for await (const group of source.read(START)) {
    for (const row of group) if (row.index % 997 === 0) digests.push([row.offset, source.prefix?.digest(row.offset) ?? '']);
  }
  expect(digests.length).toBeGreaterThan(8);
  appendFileSync(path, '{"more": 1}\n');
  for (const [offset, digest] of digests) expect(await new LineSource(path, 'jsonl').prefix?.matches(offset, digest)).toBe(true);
  // What goes on after a digest makes the same ones.
  const [middle, later] = [digests[4], digests[6]];
  const second = new LineSource(path, 'jsonl');
  second.prefix?.begin(middle?.[1]);
  for await (const group of second.read({ index: 4 * 997, line: 4 * 997 + 1, offset: middle?.[0] ?? 0 })) {
    if (group.some((row) => row.offset === later?.[0])) expect(second.prefix?.digest(later?.[0] ?? 0)).toBe(later?.[1]);
  }
  // One byte makes another file.
  const bytes = Buffer.from(lines.join(''));
  bytes[(middle?.[0] ?? 0) - 10] = 32;
  file('long.jsonl', bytes);
  for (const [i, [offset, digest]] of digests.entries())
    expect(await new LineSource(path, 'jsonl').prefix?.matches(offset, digest)).toBe(i < 4);
});
