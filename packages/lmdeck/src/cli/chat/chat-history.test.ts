import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { fileHistory } from './chat-history.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lmdeck-history-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('is there again, newest first, without repetitions, for its owner alone', () => {
  const path = join(folder, 'history');
  const history = fileHistory(path);
  for (const text of ['one', 'two\nlines', 'one']) history.add(text);
  expect(history.newestFirst()).toEqual(['one', 'two\nlines']);
  expect(fileHistory(path).newestFirst()).toEqual(['one', 'two\nlines']);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a file that grew too long is cut to the newest thousand', () => {
  const path = join(folder, 'history');
  const history = fileHistory(path);
  for (let i = 0; i < 2005; i++) history.add(`line ${i}`);
  expect(fileHistory(path).newestFirst()).toHaveLength(1000);
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  expect([lines.length, lines.at(-1)]).toEqual([1000, '"line 2004"']);
});

test('a folder that cannot be written is no reason to fail', () => {
  const history = fileHistory(join(folder, 'missing', 'history'));
  history.add('text');
  expect(history.newestFirst()).toEqual(['text']);
});
