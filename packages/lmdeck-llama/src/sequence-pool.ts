import { LmdeckError } from 'lmdeck/core';
import type { LlamaContext, LlamaContextSequence, Token } from 'node-llama-cpp';
import { LANES, type Lane } from './batching.ts';

/** A sequence of the context, lent to one call. */
export interface Lease {
  readonly sequence: LlamaContextSequence;
  /** To be given as the priority of every evaluation, see {@link batchStrategy}. */
  readonly lane: Lane;
  /** So many tokens of the prompt are in the sequence already; the rest is to be evaluated. */
  readonly cachedTokens: number;
  /** Gives the sequence back; `broken` when its state cannot be trusted any more. */
  release(broken?: boolean): void;
}

interface Slot {
  readonly sequence: LlamaContextSequence;
  readonly lane: Lane;
  usedAt: number;
  broken: boolean;
}

interface Waiter {
  readonly tokens: readonly Token[];
  readonly give: (slot: Slot) => void;
}

/**
 * Shares the sequences of a model's contexts: as many calls as there are sequences run at once, those of one context in one batch
 * per step; others wait in order. A call gets the free sequence that holds most of its prompt already.
 */
export class SequencePool {
  readonly #free: Slot[] = [];
  readonly #waiting: Waiter[] = [];
  readonly #size: number;
  #idle: PromiseWithResolvers<void> | undefined;
  #clock = 0;

  constructor(contexts: readonly LlamaContext[]) {
    for (const context of contexts) {
      for (const lane of LANES.slice(0, context.totalSequences)) {
        this.#free.push({ sequence: context.getSequence(), lane, usedAt: 0, broken: false });
      }
    }
    this.#size = this.#free.length;
  }

  /** @throws LmdeckError `aborted` when the signal fires while it waits. */
  async acquire(tokens: readonly Token[], signal: AbortSignal): Promise<Lease> {
    const slot = this.#waiting.length === 0 ? this.#take(tokens) : undefined;
    return this.#prepare(slot ?? (await this.#wait(tokens, signal)), tokens);
  }

  /** Resolves when nothing is lent and nobody waits. */
  async idle(): Promise<void> {
    if (this.#free.length < this.#size) await (this.#idle ??= Promise.withResolvers<void>()).promise;
  }

  #wait(tokens: readonly Token[], signal: AbortSignal): Promise<Slot> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        tokens,
        give: (slot) => {
          signal.removeEventListener('abort', onAbort);
          resolve(slot);
        },
      };
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(LmdeckError.from(signal.reason, 'aborted'));
      };
      if (signal.aborted) return reject(LmdeckError.from(signal.reason, 'aborted'));
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(waiter);
    });
  }

  /** The free slot with the longest common beginning; among equals the one that was not used for the longest time. */
  #take(tokens: readonly Token[]): Slot | undefined {
    let best: Slot | undefined;
    let most = -1;
    for (const slot of this.#free) {
      const common = slot.broken ? 0 : commonPrefix(slot.sequence, tokens);
      if (common > most || (common === most && best !== undefined && slot.usedAt < best.usedAt)) {
        best = slot;
        most = common;
      }
    }
    if (best !== undefined) this.#free.splice(this.#free.indexOf(best), 1);
    return best;
  }

  async #prepare(slot: Slot, tokens: readonly Token[]): Promise<Lease> {
    try {
      const cachedTokens = await keepPrefix(slot.sequence, slot.broken ? [] : tokens);
      slot.broken = false;
      let released = false;
      return {
        sequence: slot.sequence,
        lane: slot.lane,
        cachedTokens,
        release: (broken = false) => {
          if (released) return;
          released = true;
          slot.broken = broken;
          this.#giveBack(slot);
        },
      };
    } catch (error) {
      slot.broken = true;
      this.#giveBack(slot);
      throw error;
    }
  }

  #giveBack(slot: Slot): void {
    slot.usedAt = ++this.#clock;
    const next = this.#waiting.shift();
    if (next !== undefined) return next.give(slot);
    this.#free.push(slot);
    if (this.#free.length === this.#size) {
      this.#idle?.resolve();
      this.#idle = undefined;
    }
  }
}

/**
 * Leaves in the sequence what it shares with the beginning of the prompt and drops the rest; returns the length of that.
 * `adaptStateToTokens` of the engine does not cut a state that is longer than its target, so the cut is made here. At least
 * the last token of the prompt has to be evaluated again: its logits are not kept.
 */
async function keepPrefix(sequence: LlamaContextSequence, tokens: readonly Token[]): Promise<number> {
  const had = sequence.nextTokenIndex;
  if (had === 0) return 0;
  const common = Math.min(commonPrefix(sequence, tokens), tokens.length - 1);
  // A recurrent or sliding-window state cannot be cut, only continued.
  if (common <= 0 || (common < had && sequence.needsCheckpoints)) {
    await sequence.clearHistory();
    return 0;
  }
  if (common < had) await sequence.eraseContextTokenRanges([{ start: common, end: had }]);
  return sequence.nextTokenIndex;
}

function commonPrefix(sequence: LlamaContextSequence, tokens: readonly Token[]): number {
  const state = sequence.contextTokens;
  let length = 0;
  while (length < state.length && length < tokens.length && state[length] === tokens[length]) length++;
  return length;
}
