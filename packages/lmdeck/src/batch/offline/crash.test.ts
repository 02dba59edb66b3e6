import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LmdeckError } from '../../core/index.ts';
import { openTape } from '../../tape/index.ts';
import { batchServer } from '../test-support/batch-server.ts';
import { batchOutcomes, batchRuns, submitBatch, waitForBatch } from './offline-batch.ts';
import type { OfflineOptions } from './offline-options.ts';
import { atOnce, batchModel, rowsOf, said, texts } from './test-support/batch-world.ts';

const child = join(import.meta.dirname, 'test-support/batch-child.ts');

/** Runs the process; `undefined` when it was killed. */
function run(args: readonly string[]): Promise<{ run: string; state: string; steps: number } | undefined> {
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
async function killedAt(protocol: 'openai' | 'anthropic', step: number): Promise<void> {
  await using server = await batchServer(protocol, {
    ending: ({ number }) => (number === 1 ? 'expired' : 'completed'),
    row: ({ text }, { number }) => (number === 1 && text === 'question 2' ? 'expired' : 'ok'),
  });
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
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** How many steps a process takes that nobody kills. */
async function stepsOf(protocol: 'openai' | 'anthropic'): Promise<number> {
  await using server = await batchServer(protocol);
  const home = mkdtempSync(join(tmpdir(), 'lmdeck-crash-'));
  const whole = await run([protocol, server.url, home]);
  rmSync(home, { recursive: true, force: true });
  expect(whole?.steps).toBeGreaterThan(30);
  return whole?.steps ?? 0;
}

const PIECES = 5;

describe('a process that is killed leaves no job made twice and no row lost or paid twice', () => {
  test.each(Array.from({ length: PIECES }, (_, piece) => piece))(
    'between any two steps, the whole way (%i)',
    async (piece) => {
      // With a job that expires there are some more.
      const steps = (await stepsOf('openai')) + 15;
      for (let step = 1 + piece; step <= steps; step += PIECES) await killedAt('openai', step);
    },
    120_000,
  );

  test('while it makes jobs of a provider that tells later whose they are', async () => {
    for (let step = 1; step <= 16; step++) await killedAt('anthropic', step);
  }, 120_000);
});
