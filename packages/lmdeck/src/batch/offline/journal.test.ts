import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Journal, readJournal, type JournalRecord } from './journal.ts';
import { isFinished, runState } from './run-state.ts';

const head: JournalRecord = { type: 'run', version: 1, run: 'r', model: 'm', provider: 'openai', endpoint: 'e', at: 1 };
const part: JournalRecord = { type: 'part', part: 1, rows: 2, bytes: 10, tokens: 5, attempt: 1 };

function inFolder(work: (path: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'lmdeck-journal-'));
  try {
    work(join(folder, 'run', 'journal.jsonl'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('a record that a crash cut off is dropped, and the next one does not stick to it', () =>
  inFolder((path) => {
    {
      using journal = new Journal(path);
      journal.add(head);
      journal.add(part);
    }
    appendFileSync(path, '{"type":"submitting","pa');
    expect(readJournal(path)).toEqual([head, part]);
    {
      using journal = new Journal(path);
      journal.add({ type: 'cancelled', at: 2 });
    }
    expect(readJournal(path)).toEqual([head, part, { type: 'cancelled', at: 2 }]);
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(4);
  }));

test('what is no journal, or a newer one, is refused', () =>
  inFolder((path) => {
    using _journal = new Journal(path);
    writeFileSync(path, '[]\n');
    expect(() => readJournal(path)).toThrow(expect.objectContaining({ code: 'config', message: expect.stringContaining('line 1') }));
    writeFileSync(path, '{"type":"run","version":2}\n');
    expect(() => readJournal(path)).toThrow('newer lmdeck');
    writeFileSync(path, '{"type":"prepared"}\n');
    expect(() => runState(readJournal(path), path)).toThrow('which run');
  }));

test('a run is finished when every part is, retries included', () => {
  const prepared: JournalRecord = { type: 'prepared', rows: 2, refused: 0, digest: 'd' };
  const submitted: readonly JournalRecord[] = [
    { type: 'submitting', part: 1, at: 2 },
    { type: 'submitted', part: 1, job: 'j', createdAt: 3 },
  ];
  const retry = { part: 2, rows: 1, bytes: 5, tokens: 2, attempt: 2, of: 1 };
  const fetched: JournalRecord = { type: 'fetched', part: 1, ok: 1, failed: 0, missing: 1, retry };
  const state = (...records: readonly JournalRecord[]) => runState([head, ...records], 'j');
  expect(isFinished(state(part))).toBe(false);
  expect(state(part, prepared, ...submitted.slice(0, 1)).parts[0]?.stage).toBe('uncertain');
  expect(isFinished(state(part, prepared, ...submitted))).toBe(false);
  expect(isFinished(state(part, prepared, ...submitted, fetched))).toBe(false);
  expect(state(part, prepared, ...submitted, fetched).parts[1]).toMatchObject({ stage: 'planned', of: 1, attempt: 2 });
  expect(isFinished(state(part, prepared, ...submitted, fetched, { type: 'cancelled', at: 9 }))).toBe(true);
  expect(isFinished(state(part, prepared, ...submitted, { type: 'fetched', part: 1, ok: 2, failed: 0, missing: 0 }))).toBe(true);
});
