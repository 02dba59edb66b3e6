import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EvalRuns } from './eval-runs.ts';
import { differences, type EvalRecord } from './run-record.ts';

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'lmdeck-runs-'));
});

afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

const OLD = `01kaa${'0'.repeat(21)}`;
const NEW = `01kab${'0'.repeat(21)}`;

function record(run: string, status: EvalRecord['status'], limit = 5): EvalRecord {
  return { run, settings: { model: 'mock', tasks: ['a'], limit }, startedAt: 1, status, tasks: ['a'] };
}

/** The id of a process that has ended. */
function goneProcess(): number {
  return spawnSync(process.execPath, ['-e', '']).pid;
}

test('runs are found by the beginning of their id, newest first', () => {
  const runs = new EvalRuns(home);
  expect(runs.list()).toEqual([]);
  expect(() => runs.get('latest')).toThrow('There is no evaluation run yet');
  runs.write(record(OLD, 'finished'));
  runs.write(record(NEW, 'stopped'));
  expect(runs.list().map(({ run }) => run)).toEqual([NEW, OLD]);
  expect(runs.get('01kaa').run).toBe(OLD);
  expect(runs.get('latest').run).toBe(NEW);
  expect(() => runs.get('01k')).toThrow('Several evaluation runs begin with 01k');
  expect(() => runs.get('01z')).toThrow('There is no evaluation run 01z');
});

test('what goes on is the newest unfinished run with the same settings', () => {
  const runs = new EvalRuns(home);
  const { settings } = record(OLD, 'stopped');
  runs.write(record(OLD, 'stopped'));
  runs.write(record(NEW, 'finished'));
  expect(runs.unfinished(settings)?.run).toBe(OLD);
  expect(runs.unfinished({ ...settings, limit: 6 })).toBeUndefined();
  runs.write(record(NEW, 'incomplete'));
  expect(runs.unfinished(settings)?.run).toBe(NEW);
});

test('a run whose process is gone is interrupted; one that is worked on is left alone', () => {
  const runs = new EvalRuns(home);
  runs.write(record(NEW, 'running'));
  const lock = join(runs.folderOf(NEW), 'process');
  writeFileSync(lock, String(goneProcess()));
  expect(runs.get(NEW).status).toBe('interrupted');
  expect(runs.unfinished(record(NEW, 'running').settings)?.run).toBe(NEW);
  runs.claim(NEW)();
  expect(existsSync(lock)).toBe(false);
  // The parent of this process lives.
  writeFileSync(lock, String(process.ppid));
  expect(runs.get(NEW).status).toBe('running');
  expect(runs.unfinished(record(NEW, 'running').settings)).toBeUndefined();
  expect(() => runs.claim(NEW)).toThrow(`Process ${process.ppid} is working on the run ${NEW}`);
});

test('differences name the settings', () => {
  const { settings } = record(OLD, 'stopped');
  expect(differences(settings, { ...settings })).toEqual([]);
  expect(differences(settings, { ...settings, limit: 6, chat: true })).toEqual(['limit', 'chat']);
});
