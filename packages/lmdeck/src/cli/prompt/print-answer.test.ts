import { EventEmitter, once } from 'node:events';
import { Writable } from 'node:stream';
import { expect, test } from 'vitest';

import { languageModel, type ModelEvent, type Response } from '../../core/index.ts';
import { CliIo } from '../io/cli-io.ts';
import { printAnswer } from './print-answer.ts';

type Batch = readonly ModelEvent[];
type Write = readonly [to: 'out' | 'err', text: string];

const text = (piece: string): ModelEvent => ({ type: 'text-delta', text: piece });
const reasoning = (piece: string): ModelEvent => ({ type: 'reasoning-delta', text: piece });
const end: Batch = [{ type: 'finish', reason: 'stop' }];
const shown = { stream: true, markdown: true, hideReasoning: false };

function answering(batches: () => AsyncGenerator<Batch, void>): Response {
  return languageModel({ id: 'told', capabilities: { streaming: true }, generate: batches }).prompt('hi');
}

/** Two outputs that keep in one list what was written, write by write. */
function screen(): { readonly io: CliIo; readonly writes: Write[]; readonly written: EventEmitter } {
  const writes: Write[] = [];
  const written = new EventEmitter();
  const output = (to: 'out' | 'err'): Writable =>
    new Writable({
      write: (chunk, _, done) => {
        writes.push([to, String(chunk)]);
        written.emit('write');
        done();
      },
    });
  return { io: new CliIo({ stdin: process.stdin, stdout: output('out'), stderr: output('err'), env: {} }), writes, written };
}

test('what comes at once is one write, and it is not kept until more comes', async () => {
  const { io, writes, written } = screen();
  const response = answering(async function* () {
    const first = once(written, 'write');
    yield [text('a'), text('b')];
    await first;
    yield [text('c'), text('d')];
    yield end;
  });
  expect(await printAnswer(response, io, shown)).toMatchObject({ error: undefined });
  expect(writes).toEqual([
    ['out', 'ab'],
    ['out', 'cd\n'],
  ]);
});

test('text comes before the reasoning that follows it', async () => {
  const { io, writes } = screen();
  const response = answering(async function* () {
    yield [text('a'), text('b'), reasoning('hm'), text('c\n')];
    yield end;
  });
  await printAnswer(response, io, shown);
  expect(writes).toEqual([
    ['out', 'ab'],
    ['err', 'hm'],
    ['err', '\n\n'],
    ['out', 'c\n'],
  ]);
});

test('a slow reader of stdout holds the answer back', async () => {
  const taken = new EventEmitter();
  const waiting: (() => void)[] = [];
  const stdout = new Writable({
    highWaterMark: 1,
    write: (_, __, done) => {
      waiting.push(done);
      taken.emit('write');
    },
  });
  const io = new CliIo({ stdin: process.stdin, stdout, stderr: process.stderr, env: {} });
  let asked = 0;
  const response = answering(async function* () {
    const first = once(taken, 'write');
    yield [text('a')];
    await first;
    for (const piece of 'bcdefgh') {
      asked++;
      yield [text(piece)];
    }
    yield end;
  });
  const printed = printAnswer(response, io, shown);
  await once(taken, 'write');
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  expect(asked).toBe(1);
  // From now on it is quick.
  taken.on('write', () => waiting.shift()?.());
  waiting.shift()?.();
  await printed;
  expect(asked).toBe(7);
});

test('that nobody reads stdout any more is told', async () => {
  const stdout = new Writable({ write: (_, __, done) => done(Object.assign(new Error('gone'), { code: 'EPIPE' })) });
  const io = new CliIo({ stdin: process.stdin, stdout, stderr: process.stderr, env: {} });
  const response = answering(async function* () {
    const failed = once(stdout, 'close');
    yield [text('a')];
    await failed;
    yield [text('b')];
    yield [text('c')];
    yield end;
  });
  await expect(printAnswer(response, io, shown)).rejects.toMatchObject({ name: 'OutputClosed' });
});
