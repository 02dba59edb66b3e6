import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { TaskFiles } from './task-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'lmdeck-task-file-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const files = await TaskFiles.load();

function read(text: string): unknown {
  const path = join(folder, 'task.yaml');
  writeFileSync(path, text);
  return files.read(path);
}

// As PyYAML reads them; all of it occurs in task files of lm-evaluation-harness.
test.each([
  ['of equal keys the last counts', 'a: 1\nb: {c: 2, c: 3}\na: 4\n', { a: 4, b: { c: 3 } }],
  ['a text in double quotes goes on without indent', 'a: "one\ntwo\n\n  three:\n#four"\nb: 1\n', { a: 'one two\nthree: #four', b: 1 }],
  ['in single quotes, inside of a list', "a:\n  - b: 'it''s\n  one'\n    c: 1\n", { a: [{ b: "it's one", c: 1 }] }],
  ['a line of it may end with a quote', 'a:\n  - b: "{\n      \\"c\\": \\"d\\"\n    }"\n    e: 1\n', { a: [{ b: '{ "c": "d" }', e: 1 }] }],
  ['times and 08 are texts', 'a: [02:00, 08, 00:00, 017, 12:30]\n', { a: ['02:00', '08', '00:00', 15, 750] }],
  ['a date is what is written', 'a: 2001-12-14\n', { a: '2001-12-14' }],
])('%s', (_, text, value) => {
  expect(read(text)).toEqual(value);
});

test('choices are in the order of the file, whatever their keys look like', () => {
  expect(read('doc_to_choice: {"10": x, 2: y, a: z}\n')).toEqual({
    doc_to_choice: new Map([
      ['10', 'x'],
      ['2', 'y'],
      ['a', 'z'],
    ]),
  });
  expect(read('doc_to_choice: {1: x, 2: y, a: z}\n')).toEqual({ doc_to_choice: { 1: 'x', 2: 'y', a: 'z' } });
});

test('a quote that is never closed is told', () => {
  expect(() => read('a: 1\nb:\n  - "one\nc: 2\nd: 3\n')).toThrow(/task\.yaml:\d+:\d+: Missing closing "quote/);
});
