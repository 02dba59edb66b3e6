import { isUtf8 } from 'node:buffer';
import { fstatSync, readFileSync, statSync } from 'node:fs';

import { LmdeckError } from '../../core/index.ts';
import type { CliIo } from '../io/cli-io.ts';
import { readDescriptor } from '../io/read-descriptor.ts';
import { withoutMark } from '../io/without-mark.ts';

/** How long stdin may be silent before the user is told that it is being waited for. */
const PATIENCE_MS = 3000;

/**
 * The prompt: what stdin has, one space, the words of the command line. On a terminal stdin is asked only when there is no
 * other prompt.
 *
 * @param needed false when something else (an attachment) can stand alone.
 * @throws LmdeckError `usage` when there is nothing to ask.
 */
export async function readPrompt(words: readonly string[], io: CliIo, needed: boolean): Promise<string> {
  const argument = words.join(' ');
  const piped = await readStdin(io, argument === '' && needed);
  const prompt = piped === '' || argument === '' ? piped + argument : `${piped} ${argument}`;
  if (needed && prompt.trim() === '')
    throw new LmdeckError('usage', 'There is nothing to ask. Give a prompt: lmdeck "…", or pipe a text into it. See lmdeck --help.');
  return prompt;
}

async function readStdin(io: CliIo, asked: boolean): Promise<string> {
  const kind = io.stdinFd === undefined ? 'stream' : kindOf(io.stdinFd);
  if (kind === 'nothing') return '';
  if (io.stdinFd !== undefined && kind === 'file') return asText(readFileSync(io.stdinFd), io);
  if (kind === 'stream' && io.stdin.isTTY === true) {
    if (!asked) return '';
    io.note('Type the prompt and end it with Ctrl-D.');
    return readStream(io);
  }
  // Nobody closes an inherited pipe by itself: better say what is being waited for than hang in silence.
  const hint = setTimeout(() => io.note('Waiting for stdin to end (give < /dev/null when there is nothing to read).'), PATIENCE_MS);
  try {
    const start = io.stdinFd !== undefined && kind === 'pipe' ? await readDescriptor(io.stdinFd) : undefined;
    return start?.complete === true ? asText(start.bytes, io) : await readStream(io, start?.bytes);
  } finally {
    clearTimeout(hint);
  }
}

async function readStream(io: CliIo, start: Buffer = Buffer.alloc(0)): Promise<string> {
  const { readAllBytes } = await import('../io/read-all.ts');
  return asText(Buffer.concat([start, await readAllBytes(io.stdin)]), io);
}

function asText(bytes: Buffer, io: CliIo): string {
  if (!isUtf8(bytes)) io.note('Warning: stdin is not UTF-8; what cannot be read of it is sent as "\uFFFD". To attach it as it is: -a -');
  return withoutMark(bytes.toString('utf8'));
}

/** How to read what is behind a file descriptor: at once, waiting for it, or as a stream (terminals). */
function kindOf(fd: number): 'nothing' | 'file' | 'pipe' | 'stream' {
  try {
    const stat = fstatSync(fd);
    if (stat.isFile()) return 'file';
    if (stat.isFIFO() || stat.isSocket()) return 'pipe';
    return stat.isCharacterDevice() && stat.rdev === statSync('/dev/null', { throwIfNoEntry: false })?.rdev ? 'nothing' : 'stream';
  } catch {
    // Started without any stdin.
    return 'nothing';
  }
}
