import type { Message } from '../../core/index.ts';

/** Messages that stay or go together, by their places in the history. */
export interface MessageGroup {
  readonly messages: readonly number[];
  readonly keep: boolean;
}

/**
 * A history in groups, in the order in which they may go: first whole turns, the oldest first (a turn is what a user says and all that
 * follows until the next user message); then, in the last turn, rounds of tools (an assistant's message and the results of its
 * calls). What must stay: system messages, the last user message, and the last of what follows it.
 */
export function messageGroups(messages: readonly Message[]): readonly MessageGroup[] {
  const lastUser = messages.findLastIndex((message) => message.role === 'user');
  const groups: MessageGroup[] = [];
  let turn: number[] = [];
  for (const [index, message] of messages.slice(0, Math.max(0, lastUser)).entries()) {
    if (message.role === 'system') {
      groups.push({ messages: [index], keep: true });
      continue;
    }
    if (message.role === 'user' && turn.length > 0) {
      groups.push({ messages: turn, keep: false });
      turn = [];
    }
    turn.push(index);
  }
  if (turn.length > 0) groups.push({ messages: turn, keep: false });
  if (lastUser >= 0) groups.push({ messages: [lastUser], keep: true });
  return [...groups, ...rounds(messages, lastUser + 1)];
}

/** Each message of the assistant with what comes after it until its next one. */
function rounds(messages: readonly Message[], from: number): MessageGroup[] {
  const groups: { messages: number[]; keep: boolean }[] = [];
  for (let index = from; index < messages.length; index++) {
    const role = messages[index]?.role;
    const last = groups.at(-1);
    if (role === 'system') groups.push({ messages: [index], keep: true });
    else if (role === 'assistant' || last === undefined || last.keep) groups.push({ messages: [index], keep: false });
    else last.messages.push(index);
  }
  const end = groups.at(-1);
  if (end !== undefined) end.keep = true;
  return groups;
}
