import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { openTape, type Tape } from '../tape/index.ts';
import { put } from '../tape/test-support/calls.ts';
import { exportCalls } from './export-calls.ts';
import { temporaryFolder } from './test-support/temporary-folder.ts';

function filled(): Tape {
  const tape = openTape(':memory:');
  for (let i = 0; i < 300; i++) {
    put(tape, `question ${i}`, `answer ${i}`, {
      startedAt: 1000 + i,
      model: i % 2 === 0 ? 'even' : 'odd',
      runId: i < 100 ? 'first' : 'rest',
    });
  }
  put(tape, 'failed', undefined, { startedAt: 5000 }, { status: 'error' });
  return tape;
}

const times = (text: string): number[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).startedAt);

describe('exportCalls', () => {
  test('the calls that a filter lets through, oldest first', async () => {
    await using tape = filled();
    const exported = async (options: Parameters<typeof exportCalls>[2]): Promise<number[]> => {
      let text = '';
      await exportCalls(tape, (piece) => void (text += piece), options);
      return text === '' ? [] : times(text);
    };
    expect(await exported({})).toHaveLength(301);
    expect(await exported({ filter: { model: 'odd', runId: 'first', limit: 3 } })).toEqual([1001, 1003, 1005]);
    expect(await exported({ filter: { since: 1298, until: 1300 } })).toEqual([1298, 1299]);
    expect(await exported({ filter: { query: '"answer 7"' } })).toEqual([1007]);
    expect(await exported({ filter: { status: 'error' } })).toEqual([5000]);
    // The limit counts what the condition lets through.
    expect(await exported({ filter: { limit: 2 }, where: (call) => call.startedAt > 1200 })).toEqual([1201, 1202]);
  });

  test('a reader that is slow holds the export back, one that fails ends it', async () => {
    await using tape = filled();
    let open = 0;
    const report = await exportCalls(tape, async () => {
      expect(++open).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      open--;
    });
    expect(report).toMatchObject({ calls: 301, lines: 301, failedCount: 0 });
    await expect(exportCalls(tape, () => Promise.reject(new Error('full')))).rejects.toThrow('full');
  });

  test('a file appears whole, is not replaced unasked, and is compressed by its name', async () => {
    await using tape = filled();
    const folder = temporaryFolder();
    const path = join(folder, 'calls.jsonl.gz');
    await exportCalls(tape, path);
    expect(times(gunzipSync(readFileSync(path)).toString())).toHaveLength(301);
    await expect(exportCalls(tape, path)).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining('--overwrite') });
    await exportCalls(tape, path, { overwrite: true, filter: { limit: 1 } });
    expect(times(gunzipSync(readFileSync(path)).toString())).toEqual([1000]);
    expect(readdirSync(folder)).toEqual(['calls.jsonl.gz']);
  });

  test('stopped half-way it leaves the old file as it was and nothing else', async () => {
    await using tape = filled();
    const folder = temporaryFolder();
    const path = join(folder, 'calls.jsonl');
    writeFileSync(path, 'before');
    const controller = new AbortController();
    const stopped = exportCalls(tape, path, {
      overwrite: true,
      signal: controller.signal,
      where: (call) => {
        if (call.startedAt === 1200) controller.abort();
        return true;
      },
    });
    await expect(stopped).rejects.toMatchObject({ code: 'aborted' });
    expect([readFileSync(path, 'utf8'), readdirSync(folder)]).toEqual(['before', ['calls.jsonl']]);
    const stoppedToo = exportCalls(tape, join(folder, 'x.sqlite'), { format: 'tapeagents', signal: AbortSignal.abort() });
    await expect(stoppedToo).rejects.toMatchObject({ code: 'aborted' });
    expect(existsSync(join(folder, 'x.sqlite'))).toBe(false);
  });

  test.each(['lmdeck', 'tapeagents'])('a signal from outside is heard while %s is written', async (format) => {
    await using tape = filled();
    const folder = temporaryFolder();
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    await expect(exportCalls(tape, join(folder, 'x'), { format, signal: controller.signal })).rejects.toMatchObject({ code: 'aborted' });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('formats that it does not know, or that are no text, are refused', async () => {
    await using tape = filled();
    await expect(exportCalls(tape, () => undefined, { format: 'nope' })).rejects.toMatchObject({ code: 'usage' });
    await expect(exportCalls(tape, () => undefined, { format: 'tape' })).rejects.toThrow('can only be imported');
    await expect(exportCalls(tape, () => undefined, { format: 'tapeagents' })).rejects.toThrow('name the file');
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'sub'));
    await expect(exportCalls(tape, join(folder, 'gone', 'x.jsonl'))).rejects.toMatchObject({ code: 'config' });
  });
});
