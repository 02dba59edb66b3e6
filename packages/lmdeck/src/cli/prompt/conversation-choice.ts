import { existsSync } from 'node:fs';

import { LmdeckError, system, type Message } from '../../core/index.ts';
import type { Deck } from '../../deck/index.ts';
import type { StoredConversation, Tape } from '../../tape/index.ts';
import type { ParsedOptions } from '../args/parsed-options.ts';

/**
 * The conversation that `-c` or `--cid` continues; `undefined` when neither is there.
 *
 * @throws LmdeckError `usage` when there is no such conversation, or its end asks for tools.
 */
export async function chosenConversation(options: ParsedOptions, deck: Deck): Promise<StoredConversation | undefined> {
  const id = options.text('conversation');
  if (id === undefined && !options.flag('continue')) return undefined;
  const path = deck.paths.tape;
  const conversation =
    path !== undefined && existsSync(path)
      ? await readTape(deck, path, (tape) => (id === undefined ? tape.latestConversation() : tape.conversation(id)))
      : undefined;
  if (conversation !== undefined) return answeredTools(conversation);
  throw new LmdeckError(
    'usage',
    id === undefined
      ? 'There is no conversation to continue: nothing is recorded yet. Start one without -c.'
      : `There is no conversation ${id}. List them: lmdeck logs conversations`,
  );
}

/** A server refuses what comes behind calls of tools that have no result, and the command line has no tools. */
function answeredTools(conversation: StoredConversation): StoredConversation {
  const names = (conversation.messages.at(-1)?.parts ?? []).flatMap((part) => (part.type === 'tool-call' ? part.name : []));
  if (names.length === 0) return conversation;
  throw new LmdeckError(
    'usage',
    `The conversation ${conversation.id} ends with calls of tools that have no result yet (${names.join(', ')}): only the program that has the tools can go on with it. Start another conversation without -c, or name one with --cid ID (lmdeck logs conversations).`,
  );
}

/** A tape that may not be written can be read all the same; that the call is not recorded is told when the deck closes. */
async function readTape<T>(deck: Deck, path: string, read: (tape: Tape) => T): Promise<T> {
  try {
    return read(await deck.tape());
  } catch {
    const { openTape } = await import('../../tape/index.ts');
    await using tape = openTape(path, { readOnly: true });
    return read(tape);
  }
}

/** The name of the model to ask: `-m`, that of the conversation, or the default one. */
export function chosenModel(
  options: ParsedOptions,
  conversation: StoredConversation | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const fromEnv = env['LMDECK_MODEL'];
  return options.text('model') ?? conversation?.model ?? (fromEnv === '' ? undefined : fromEnv);
}

/** What was said before, under a system prompt of its own if one is given. */
export function historyOf(conversation: StoredConversation | undefined, systemPrompt: string | undefined): readonly Message[] {
  const messages = conversation?.messages ?? [];
  if (systemPrompt === undefined || messages.length === 0) return messages;
  return [system(systemPrompt), ...messages.filter((message) => message.role !== 'system')];
}
