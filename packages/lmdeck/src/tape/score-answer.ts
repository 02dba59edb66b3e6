import type { SQLOutputValue } from 'node:sqlite';
import type { Continuation, Message, Sample } from '../core/index.ts';
import { plainText } from './message-rows.ts';

/** True for the answer that {@link scoreAnswer} gives back: it needs no row of its own. */
export function isScoreAnswer({ message, finish }: Sample, continuation: Continuation | undefined): boolean {
  if (typeof continuation !== 'string' || finish === undefined) return false;
  return message.role === 'assistant' && plainText(message) === continuation;
}

/** The answer of a call that has none in its row, by its columns `continuation` and `finish_reason`: what was scored. */
export function scoreAnswer(continuation: SQLOutputValue | undefined, reason: SQLOutputValue | undefined): Message | undefined {
  if (typeof continuation !== 'string' || typeof reason !== 'string') return undefined;
  const scored: Continuation = JSON.parse(continuation);
  return typeof scored === 'string' ? { role: 'assistant', parts: [{ type: 'text', text: scored }] } : undefined;
}
