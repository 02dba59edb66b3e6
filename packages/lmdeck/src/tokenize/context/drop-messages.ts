import type { Message } from '../../core/index.ts';
import { messageGroups } from './message-turns.ts';

/** Messages that fit, with the tokens that they have. */
export interface FittedMessages {
  readonly messages: readonly Message[];
  readonly tokens: number;
}

/**
 * Leaves out groups of messages, the oldest first, as few as it takes.
 * @returns `undefined` when what must stay does not fit.
 */
export async function dropMessages(
  messages: readonly Message[],
  room: number,
  count: (messages: readonly Message[]) => Promise<number>,
): Promise<FittedMessages | undefined> {
  const droppable = messageGroups(messages).filter((group) => !group.keep);
  const without = (groups: number): readonly Message[] => {
    const gone = new Set(droppable.slice(0, groups).flatMap((group) => group.messages));
    return messages.filter((_, index) => !gone.has(index));
  };
  // By halving: each try renders and counts the whole history.
  let low = 1;
  let high = droppable.length;
  let found: FittedMessages | undefined;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const kept = without(middle);
    const tokens = await count(kept);
    if (tokens <= room) {
      found = { messages: kept, tokens };
      high = middle - 1;
    } else low = middle + 1;
  }
  return found;
}
