import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LmdeckError, sha256 } from '../../core/index.ts';
import { openTape } from '../../tape/index.ts';
import { batchServer, type BatchServer } from '../test-support/batch-server.ts';
import { batchOutcomes, batchRuns, submitBatch, waitForBatch } from './offline-batch.ts';
import type { OfflineOptions } from './offline-options.ts';
import { atOnce, batchModel, rowsOf, said, texts } from './test-support/batch-world.ts';

const child = join(import.meta.dirname, 'test-support/batch-child.ts');

/** Runs the process; `undefined` when it was killed. */
function run(args: readonly string[]): Promise<{ run: string; state: string; steps: string[] } | undefined> {
  return new Promise((resolve, reject) => {
    const started = spawn(process.execPath, [child, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    started.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    started.on('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve(undefined);
      else if (code === 0) resolve(JSON.parse(text));
      else reject(new Error(`the process ended with ${code}`));
    });
  });
}

/** What the user does who finds that it was killed: the same again. @returns the run. */
async function goOn(protocol: 'openai' | 'anthropic', url: string, options: OfflineOptions): Promise<string> {
  const model = batchModel(protocol, url);
  let runId: string | undefined;
  try {
    runId = (await submitBatch(rowsOf(texts(6)), model, { ...options, limits: { maxRows: 4 } })).run;
  } catch (error) {
    // Whether a job was taken shows later.
    if (!LmdeckError.isInstance(error) || error.code !== 'conflict') throw error;
    runId = batchRuns(options.folder)[0]?.run;
  }
  expect(await waitForBatch(runId ?? '', model, options)).toMatchObject({ state: 'finished', ok: 6 });
  return runId ?? '';
}

/** Two jobs; the first one expires in the middle, so there is a third. */
function expiringServer(protocol: 'openai' | 'anthropic'): Promise<BatchServer> {
  return batchServer(protocol, {
    ending: ({ number }) => (number === 1 ? 'expired' : 'completed'),
    row: ({ text }, { number }) => (number === 1 && text === 'question 2' ? 'expired' : 'ok'),
  });
}

async function killedAt(protocol: 'openai' | 'anthropic', step: number, isUnknown: boolean): Promise<void> {
  await using server = await expiringServer(protocol);
  const home = mkdtempSync(join(tmpdir(), 'lmdeck-crash-'));
  try {
    await run([protocol, server.url, home, String(step)]);
    await using tape = openTape(join(home, 'tape.db'));
    const options = { tape, folder: join(home, 'batches'), pause: atOnce };
    const runId = await goOn(protocol, server.url, options);
    expect(server.store.jobs.map((job) => job.rows.length)).toEqual([4, 2, 1]);
    expect(Object.fromEntries(server.store.paid)).toEqual(Object.fromEntries(texts(6).map((text) => [text, 1])));
    const outcomes = [];
    for await (const outcome of batchOutcomes(runId, options)) outcomes.push(outcome);
    expect(said(outcomes)).toEqual(texts(6).map((text) => `Re: ${text}`));
    expect(tape.count({ status: 'ok' })).toBe(6);
    // Of a file nobody knows as long as the answer to its upload is on the way.
    if (!isUnknown) expect([...server.store.files.keys()]).toEqual([]);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** The steps of a process that nobody kills. */
async function stepsOf(protocol: 'openai' | 'anthropic'): Promise<readonly string[]> {
  await using server = await expiringServer(protocol);
  const home = mkdtempSync(join(tmpdir(), 'lmdeck-crash-'));
  const whole = await run([protocol, server.url, home]);
  rmSync(home, { recursive: true, force: true });
  expect(whole?.steps.length).toBeGreaterThan(40);
  return whole?.steps ?? [];
}

const isExhaustive = process.env['LMDECK_CRASH_STEPS'] === 'all';

/** One step of every kind, which one of them by the kind's name; LMDECK_CRASH_STEPS=all takes every step. */
function killPoints(steps: readonly string[]): readonly number[] {
  const byKind = Map.groupBy(
    steps.keys().map((i) => i + 1),
    (number) => steps[number - 1] ?? '',
  );
  if (isExhaustive) return [...byKind.values()].flat();
  return [...byKind].map(([kind, numbers]) => numbers[parseInt(sha256(kind).slice(0, 8), 16) % numbers.length] ?? 1);
}

/** Several worlds at a time: each has its own server and its own processes. */
async function killAll(protocol: 'openai' | 'anthropic', steps: readonly string[]): Promise<void> {
  const left = [...killPoints(steps)];
  const work = async (): Promise<void> => {
    for (let point = left.pop(); point !== undefined; point = left.pop())
      await killedAt(protocol, point, steps[point - 1] === 'after POST /v1/files');
  };
  await Promise.all(Array.from({ length: 3 }, work));
}

describe('a process that is killed leaves no job made twice and no row lost or paid twice', () => {
  test(
    'at steps of every kind',
    async () => {
      const steps = await stepsOf('openai');
      for (const kind of [
        'record submitting',
        'record uploaded',
        'record submitted',
        'record fetched',
        'POST /v1/batches',
        'rows of a part',
        'flush',
      ])
        expect(steps).toEqual(expect.arrayContaining([`before ${kind}`, `after ${kind}`]));
      await killAll('openai', steps);
    },
    isExhaustive ? 300_000 : 60_000,
  );

  test('while it makes jobs of a provider that tells later whose they are', async () => {
    const steps = (await stepsOf('anthropic')).slice(0, 16);
    await killAll('anthropic', steps);
  }, 60_000);
});
