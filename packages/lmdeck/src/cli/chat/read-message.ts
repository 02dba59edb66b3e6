import { LmdeckError } from '../../core/index.ts';
import { isOneEdit } from '../args/one-edit.ts';
import type { CliIo } from '../io/cli-io.ts';
import { editText } from './edit-text.ts';
import { INTERRUPTED, type LineSource } from './line-source.ts';

/** What the user wants next. */
export type ChatInput =
  | { readonly type: 'message'; readonly text: string }
  | { readonly type: 'model'; readonly name: string | undefined }
  | { readonly type: 'undo' }
  | { readonly type: 'help' }
  | { readonly type: 'nothing' }
  | { readonly type: 'end' };

const COMMANDS = ['!multi', '!edit', '!model', '!undo', '!help'];

/** Reads the next message or chat command. */
export async function readMessage(lines: LineSource, io: CliIo): Promise<ChatInput> {
  const line = await lines.next('> ');
  if (line === undefined) return { type: 'end' };
  if (line === INTERRUPTED) return { type: 'nothing' };
  const text = line.trim();
  if (text === '') return { type: 'nothing' };
  if (text === 'exit' || text === 'quit') return { type: 'end' };
  const [word = '', ...rest] = text.split(/\s+/);
  switch (word) {
    case '!multi':
      return message(await readMulti(lines, rest.join(' ')));
    case '!edit':
      return message(edited(text.slice(word.length).trim(), io));
    case '!model':
      return { type: 'model', name: rest[0] };
    case '!undo':
      return { type: 'undo' };
    case '!help':
      return { type: 'help' };
    default: {
      const meant = COMMANDS.find((command) => isOneEdit(word, command));
      if (meant === undefined) return { type: 'message', text: line };
      io.note(`Unknown command ${word}. Did you mean ${meant}?`);
      return { type: 'nothing' };
    }
  }
}

async function readMulti(lines: LineSource, token: string): Promise<string> {
  const end = token === '' ? '!end' : `!end ${token}`;
  const collected: string[] = [];
  for (;;) {
    const line = await lines.next('. ', true);
    if (line === INTERRUPTED) return '';
    if (line === undefined || line.trim() === end) return collected.join('\n');
    collected.push(line);
  }
}

function edited(text: string, io: CliIo): string {
  try {
    return editText(text, io.env);
  } catch (error) {
    io.note(`Error: ${LmdeckError.from(error).message}`);
    return '';
  }
}

function message(text: string): ChatInput {
  return text.trim() === '' ? { type: 'nothing' } : { type: 'message', text };
}
