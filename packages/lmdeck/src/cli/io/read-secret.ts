import { LmdeckError } from '../../core/index.ts';
import type { CliIo } from './cli-io.ts';
import { readAll } from './read-all.ts';

/** A secret: typed without being shown on a terminal, else all that stdin has. */
export async function readSecret(io: CliIo, question: string): Promise<string> {
  if (io.stdin.isTTY !== true) return readAll(io.stdin);
  const stdin = io.stdin;
  io.tell(question);
  setRaw(stdin, true);
  try {
    return await typed(stdin);
  } finally {
    setRaw(stdin, false);
    stdin.pause();
    io.tell('\n');
  }
}

/** Reads keys until Enter; nothing is echoed, backspace and Ctrl-U work. */
function typed(stdin: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const settle = (done: () => void): void => {
      stdin.removeListener('data', onData);
      stdin.removeListener('end', onEnd);
      done();
    };
    const onEnd = (): void => settle(() => resolve(text));
    const onData = (chunk: Buffer | string): void => {
      for (const key of chunk.toString()) {
        if (key === '\r' || key === '\n' || key === '\u0004') return settle(() => resolve(text));
        if (key === '\u0003') return settle(() => reject(new LmdeckError('aborted', 'Interrupted.')));
        if (key === '\u007F' || key === '\b') text = text.slice(0, -1);
        else if (key === '\u0015') text = '';
        else if (key >= ' ') text += key;
      }
    };
    stdin.on('data', onData);
    stdin.on('end', onEnd);
    stdin.resume();
  });
}

function setRaw(stdin: NodeJS.ReadableStream, raw: boolean): void {
  if ('setRawMode' in stdin && typeof stdin.setRawMode === 'function') stdin.setRawMode(raw);
}
