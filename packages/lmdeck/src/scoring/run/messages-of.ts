import { assistant, system, user, type Message } from '../../core/index.ts';
import type { PromptTurn } from '../tasks/prompt-turns.ts';

/** Turns as messages of a chat. */
export function messagesOf(turns: readonly PromptTurn[]): readonly Message[] {
  return turns.map(({ role, content }) => (role === 'system' ? system(content) : role === 'user' ? user(content) : assistant(content)));
}
