import type { SQLOutputValue } from 'node:sqlite';
import { assistant, type Continuation, type Message, type Sample } from '../core/index.ts';
import { plainText } from './message-rows.ts';

/** True for the answer that {@link scoreAnswer} gives back: it needs no row of its own. */
export function isScoreAnswer({ message, finish }: Sample, continuation: Continuation | undefined): boolean {
  if (typeof continuation !== 'string' || finish === undefined) return false;
  return message.role === 'assistant' && plainText(message) === continuation;
}

/** The answer of a call that has none in its row, by its columns `continuation` and `finish_reason`: what was scored. */
export function scoreAnswer(continuation: SQLOutputValue | undefined, reason: SQLOutputValue | undefined): Message | undefined {
  const scored = typeof reason === 'string' ? continuationOf(continuation) : undefined;
  return typeof scored === 'string' ? assistant(scored) : undefined;
}

/** What the column `continuation` says. */
export function continuationOf(text: SQLOutputValue | undefined): Continuation | undefined {
  if (typeof text !== 'string') return undefined;
  const continuation: Continuation = JSON.parse(text);
  return continuation;
}
