import { closeSync, createWriteStream, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';

import { expect, test } from 'vitest';

import { CliIo } from './cli-io.ts';
import { DirectOutput } from './direct-output.ts';

function newFile(): { path: string; fd: number } {
  const path = join(mkdtempSync(join(tmpdir(), 'lmdeck-')), 'out');
  return { path, fd: openSync(path, 'w') };
}

test('the beginning of an output is written at once, what may fill a pipe is left to the stream', () => {
  const { path, fd } = newFile();
  const output = new DirectOutput(fd);
  expect(output.write('Zürich ')).toBe('');
  expect(output.write('a'.repeat(8000))).toBe('');
  expect(output.write('b'.repeat(500))).toBe('b'.repeat(500));
  expect(output.write('c')).toBe('c');
  closeSync(fd);
  expect(readFileSync(path, 'utf8')).toBe(`Zürich ${'a'.repeat(8000)}`);
});

test('what is no pipe, socket or file is left to the stream', () => {
  const fd = openSync('/dev/null', 'w');
  expect(new DirectOutput(fd).write('text')).toBe('text');
  closeSync(fd);
  expect(new DirectOutput(fd).write('text')).toBe('text');
});

test('a printed text keeps its order where the stream takes over', async () => {
  const { path, fd } = newFile();
  const stdout = createWriteStream(path, { fd, autoClose: false });
  const io = new CliIo({ stdin: process.stdin, stdout, stderr: process.stderr, stdoutFd: fd, env: {} });
  const pieces = Array.from({ length: 3000 }, (_, i) => `piece ${i} ö\n`);
  for (const piece of pieces) await io.print(piece);
  await io.flush();
  expect(readFileSync(path, 'utf8')).toBe(pieces.join(''));
});

test('a file or pipe is known not to be a terminal without its stream', () => {
  const asked: string[] = [];
  const ioOn = (fd: number): CliIo =>
    new CliIo({
      stdin: process.stdin,
      get stdout() {
        asked.push('stream');
        return Object.assign(new PassThrough(), { isTTY: true });
      },
      stderr: process.stderr,
      stdoutFd: fd,
      env: {},
    });
  const { fd } = newFile();
  expect(ioOn(fd).isTerminal).toBe(false);
  expect(asked).toEqual([]);
  closeSync(fd);
  const device = openSync('/dev/null', 'w');
  expect(ioOn(device).isTerminal).toBe(true);
  expect(asked).toEqual(['stream']);
  closeSync(device);
});
