import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, truncateSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createRequest, derivedId, LmdeckError, user } from '../core/index.ts';
import { openTape } from '../tape/index.ts';
import type { CallFormat } from './call-format.ts';
import { importCalls } from './import-calls.ts';
import { callLine } from './lmdeck/call-line.ts';
import { callStart } from '../tape/test-support/calls.ts';
import { temporaryFolder } from './test-support/temporary-folder.ts';
import { promptId, writeTapeData } from './test-support/tapedata.ts';

const lineOf = (prompt: string, startedAt: number): string =>
  callLine({ ...callStart(prompt, { startedAt, id: derivedId(startedAt, prompt) }), status: 'ok', samples: [] });

describe('importCalls', () => {
  test('many rows: every one once, progress told, a dry run writes nothing', async () => {
    const path = join(temporaryFolder(), 'calls.jsonl');
    const lines = Array.from({ length: 1000 }, (_, i) => lineOf(`call ${i} \u2028`, 1_700_000_000_000 + i));
    writeFileSync(path, `\uFEFF${lines.join('')}${lines[0]}`);
    await using tape = openTape(':memory:');
    expect(await importCalls(tape, path, { dryRun: true })).toMatchObject({ calls: 1001, skipped: 0 });
    expect(tape.count()).toBe(0);
    const seen: number[] = [];
    const report = await importCalls(tape, path, { runId: 'old', onProgress: ({ rows }) => seen.push(rows) });
    expect(report).toMatchObject({ calls: 1000, skipped: 1 });
    expect(seen).toEqual([400, 800, 1001]);
    expect(tape.count({ runId: 'old' })).toBe(1000);
    expect(await importCalls(tape, path)).toMatchObject({ calls: 0, skipped: 1001 });
    expect(tape.search('"call 999"')).toHaveLength(1);
  });

  test('two imports of one file at the same time put every call there once', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'calls.jsonl');
    writeFileSync(path, Array.from({ length: 900 }, (_, i) => lineOf(`call ${i}`, 1_700_000_000_000 + i)).join(''));
    await using a = openTape(join(folder, 'tape.db'));
    await using b = openTape(join(folder, 'tape.db'));
    const reports = await Promise.all([importCalls(a, path), importCalls(b, path)]);
    expect(reports.map((report) => report.calls + report.skipped)).toEqual([900, 900]);
    expect(reports.map((report) => report.failedCount)).toEqual([0, 0]);
    expect(a.count()).toBe(900);
  });

  test('stops when it is told to; what is there stays, and the next import goes on', async () => {
    const path = join(temporaryFolder(), 'calls.jsonl');
    writeFileSync(path, Array.from({ length: 1000 }, (_, i) => lineOf(`call ${i}`, 1_700_000_000_000 + i)).join(''));
    await using tape = openTape(':memory:');
    const controller = new AbortController();
    const stopped = importCalls(tape, path, { signal: controller.signal, onProgress: () => controller.abort() });
    await expect(stopped).rejects.toMatchObject({ code: 'aborted', message: expect.stringContaining('are on the tape') });
    const there = tape.count();
    expect(there).toBeGreaterThan(0);
    expect(there).toBeLessThan(1000);
    expect(await importCalls(tape, path)).toMatchObject({ calls: 1000 - there, skipped: there });
  });

  test('a signal from outside is heard also while a database is read', async () => {
    const path = join(temporaryFolder(), 'tapedata.sqlite');
    writeTapeData(
      path,
      Array.from({ length: 2000 }, (_, i) => ({ prompt_id: promptId(i) })),
    );
    await using tape = openTape(':memory:');
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    await expect(importCalls(tape, path, { signal: controller.signal })).rejects.toMatchObject({ code: 'aborted' });
    expect(tape.count()).toBeLessThan(2000);
  });

  test('a format of one’s own is asked first', async () => {
    const path = join(temporaryFolder(), 'notes.txt');
    writeFileSync(path, 'Q: one\nQ: two\nnonsense\n');
    const notes: CallFormat = {
      name: 'notes',
      summary: 'questions',
      sniff: ({ firstLine }) => firstLine.startsWith('Q:'),
      async *read(source, { model }) {
        for await (const { number, text } of source.lines()) {
          const where = `line ${number}`;
          if (!text.startsWith('Q: ')) yield { where, problem: 'it is no question' };
          else {
            const request = createRequest({ messages: [user(text.slice(3))] });
            yield {
              where,
              call: {
                start: { id: derivedId(number, text), startedAt: number, model, request, stream: false },
                end: { status: 'ok', samples: [] },
              },
            };
          }
        }
      },
    };
    await using tape = openTape(':memory:');
    const failures: string[] = [];
    const report = await importCalls(tape, path, { formats: [notes], model: 'me', onFailure: ({ where }) => failures.push(where) });
    expect(report).toMatchObject({ format: 'notes', calls: 2, failedCount: 1 });
    expect(failures).toEqual(['line 3']);
    expect(tape.count({ model: 'me' })).toBe(2);
  });

  test('a call that the tape cannot keep does not hold up the others', async () => {
    const path = join(temporaryFolder(), 'x.txt');
    writeFileSync(path, 'x\n');
    const bad: CallFormat = {
      name: 'bad',
      summary: '',
      *read() {
        for (const i of [1, 2, 3]) {
          const request = createRequest({ messages: [user(`call ${i}`)] });
          const metadata = {
            get label(): string {
              if (i === 2) throw new Error('it has no JSON form');
              return 'x';
            },
          };
          const start = { id: derivedId(i, ''), startedAt: i, model: 'm', request, stream: false, metadata };
          yield { where: `row ${i}`, call: { start, end: { status: 'ok', samples: [] } } };
        }
      },
    };
    await using tape = openTape(':memory:');
    const report = await importCalls(tape, path, { format: 'bad', formats: [bad] });
    expect(report).toMatchObject({ calls: 2, failed: [{ where: 'row 2', reason: 'the tape cannot keep it' }] });
    expect(tape.count()).toBe(2);
  });

  test.each([Number.NaN, -1, 9e12])('the time %d is refused', async (startedAt) => {
    const path = join(temporaryFolder(), 'x.jsonl');
    const line = JSON.stringify({ ...JSON.parse(lineOf('x', 5)), startedAt: String(startedAt) });
    writeFileSync(
      path,
      line.replace(/"startedAt":"([^"]+)"/, (_, value: string) => `"startedAt":${value === 'NaN' ? '1e999' : value}`),
    );
    await using tape = openTape(':memory:');
    expect(await importCalls(tape, path)).toMatchObject({
      calls: 0,
      failed: [{ where: 'line 1', reason: expect.stringContaining('out of range') }],
    });
  });
});

describe('a file that cannot be imported is refused with the reason', () => {
  const refused = async (path: string, options = {}): Promise<LmdeckError> => {
    await using tape = openTape(':memory:');
    const error = await importCalls(tape, path, options).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!LmdeckError.isInstance(error)) throw new Error('it was not refused');
    return error;
  };

  test('missing, a folder, empty', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'sub'));
    writeFileSync(join(folder, 'empty'), '');
    expect(await refused(join(folder, 'gone'))).toMatchObject({
      code: 'config',
      message: expect.stringContaining('there is no such file'),
    });
    expect(await refused(join(folder, 'sub'))).toMatchObject({ message: expect.stringContaining('it is a folder') });
    expect(await refused(join(folder, 'empty'))).toMatchObject({ message: expect.stringContaining('the file is empty') });
  });

  test('of no known kind, or of a format that there is not', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a.csv'), 'prompt,answer\n');
    expect(await refused(join(folder, 'a.csv'))).toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/No format knows .*a\.csv\. It begins with "prompt,answer"\. Name one of lmdeck, tape, tapeagents/),
    });
    expect((await refused(join(folder, 'a.csv'), { format: 'lmdekc' })).message).toContain('Did you mean lmdeck?');
    expect((await refused(join(folder, 'a.csv'), { format: 'tapeagents' })).message).toContain('a.csv is no log of TapeAgents');
    writeTapeData(join(folder, 'other.sqlite'), [], { without: ['prompt'] });
    expect((await refused(join(folder, 'other.sqlite'))).message).toContain('an SQLite file with the tables LLMCalls');
  });

  test('damaged, compressed or not; nothing is left behind', async () => {
    const folder = temporaryFolder();
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('lmdeck-import-'));
    const path = join(folder, 'tapedata.sqlite');
    writeTapeData(
      path,
      Array.from({ length: 50 }, (_, i) => ({ prompt_id: promptId(i) })),
    );
    execFileSync('gzip', ['-k', path]);
    truncateSync(`${path}.gz`, statSync(`${path}.gz`).size >> 1);
    expect(await refused(`${path}.gz`)).toMatchObject({ code: 'config', message: expect.stringContaining('damaged') });
    writeFileSync(join(folder, 'bad.db'), `SQLite format 3\0${'x'.repeat(5000)}`);
    expect(await refused(join(folder, 'bad.db'))).toMatchObject({ code: 'config', message: expect.stringContaining('damaged') });
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('lmdeck-import-'))).toEqual(before);
  });

  test('a zone that there is not', async () => {
    const path = join(temporaryFolder(), 'tapedata.sqlite');
    writeTapeData(path, [{}]);
    expect(await refused(path, { timeZone: 'Mars' })).toMatchObject({ code: 'usage' });
  });
});
