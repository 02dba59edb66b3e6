import { fstatSync, readFileSync, statSync } from 'node:fs';

import { LmdeckError } from '../../core/index.ts';
import type { CliIo } from '../io/cli-io.ts';
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
  const known = io.stdinFd === undefined ? undefined : readAtOnce(io.stdinFd);
  if (known !== undefined) return known;
  if (io.stdin.isTTY === true) {
    if (!asked) return '';
    io.note('Type the prompt and end it with Ctrl-D.');
  }
  // Nobody closes an inherited pipe by itself: better say what is being waited for than hang in silence.
  const hint =
    io.stdin.isTTY === true
      ? undefined
      : setTimeout(() => io.note('Waiting for stdin to end (give < /dev/null when there is nothing to read).'), PATIENCE_MS);
  try {
    const { readAll } = await import('../io/read-all.ts');
    return await readAll(io.stdin);
  } finally {
    clearTimeout(hint);
  }
}

/** What a file or `/dev/null` has; `undefined` for what may have to be waited for. */
function readAtOnce(fd: number): string | undefined {
  try {
    const stat = fstatSync(fd);
    if (stat.isFile()) return withoutMark(readFileSync(fd, 'utf8'));
    return stat.isCharacterDevice() && stat.rdev === statSync('/dev/null', { throwIfNoEntry: false })?.rdev ? '' : undefined;
  } catch {
    // Started without any stdin.
    return '';
  }
}
