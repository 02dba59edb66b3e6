import type { Interface } from 'node:readline';

import type { CliIo } from '../io/cli-io.ts';
import type { ChatHistory } from './chat-history.ts';
import { INTERRUPTED, type LineSource } from './line-source.ts';
import { BRACKETED_PASTE, fromEditable, PasteFilter, toEditable } from './pasted-text.ts';

/**
 * Lines that somebody types. The terminal is in line mode between two questions, so that Ctrl-C during an answer is a
 * signal, and raw while a line is edited.
 */
export function terminalLines(io: CliIo, history: ChatHistory): LineSource {
  const waiting: string[] = [];
  let leaving = false;
  return {
    next: async (prompt, continues = false) => {
      const ready = waiting.shift();
      if (ready !== undefined) return ready;
      const hint = continues ? '(the message is given up)' : leaving ? undefined : '(Ctrl-C again, Ctrl-D or exit to leave)';
      const lines = await question(io, prompt, history, hint);
      leaving = lines === INTERRUPTED && !continues;
      if (lines === INTERRUPTED) return INTERRUPTED;
      if (lines === 'end') return undefined;
      waiting.push(...lines.slice(1));
      const [line = ''] = lines;
      if (line.trim() !== '') history.add(line);
      return line;
    },
    close: () => undefined,
  };
}

type Answer = readonly string[] | 'end' | typeof INTERRUPTED;

/** @param hint told after a Ctrl-C on an empty line; without one that is the end. */
async function question(io: CliIo, prompt: string, history: ChatHistory, hint: string | undefined): Promise<Answer> {
  const { createInterface } = process.getBuiltinModule('node:readline');
  const input = pasteInput(io);
  io.tell(BRACKETED_PASTE.on);
  const reader = createInterface({
    input: input.stream,
    output: io.stderr,
    terminal: true,
    prompt,
    history: history.newestFirst().map(toEditable),
    historySize: 1000,
  });
  const lines: string[] = [];
  try {
    return await new Promise<Answer>((resolve) => {
      reader.on('line', (line) => {
        lines.push(fromEditable(line));
        // Lines that came in the same moment belong to this read.
        if (lines.length === 1) queueMicrotask(() => resolve(lines));
      });
      reader.on('close', () => resolve(lines.length > 0 ? lines : 'end'));
      reader.on('SIGINT', () => {
        if (reader.line !== '') return clearLine(reader, io);
        io.note(hint === undefined ? '' : `\n${hint}`);
        resolve(hint === undefined ? 'end' : INTERRUPTED);
      });
      reader.prompt();
    });
  } finally {
    reader.close();
    input.close();
    io.tell(BRACKETED_PASTE.off);
  }
}

function clearLine(reader: Interface, io: CliIo): void {
  io.tell('^C\n');
  reader.write(null, { ctrl: true, name: 'e' });
  reader.write(null, { ctrl: true, name: 'u' });
}

/** Stdin with pasted texts made editable, raw while it is read. */
function pasteInput(io: CliIo): { readonly stream: NodeJS.ReadWriteStream; close(): void } {
  const { PassThrough } = process.getBuiltinModule('node:stream');
  const filter = new PasteFilter();
  const decoder = new TextDecoder();
  const stream = new PassThrough();
  const onData = (chunk: Buffer | string): void => {
    stream.write(filter.push(typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })));
  };
  const onEnd = (): void => void stream.end();
  const setRaw = (raw: boolean): void => {
    if ('setRawMode' in io.stdin && typeof io.stdin.setRawMode === 'function') io.stdin.setRawMode(raw);
  };
  setRaw(true);
  io.stdin.on('data', onData);
  io.stdin.on('end', onEnd);
  io.stdin.resume();
  return {
    stream,
    close: () => {
      io.stdin.removeListener('data', onData);
      io.stdin.removeListener('end', onEnd);
      io.stdin.pause();
      setRaw(false);
    },
  };
}
