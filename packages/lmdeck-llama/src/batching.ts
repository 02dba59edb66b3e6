import type { BatchItem, EvaluationPriority, PrioritizedBatchItem } from 'node-llama-cpp';

/** Tells the sequences of one context apart, in the order in which the context made them. */
export type Lane = EvaluationPriority;

export const LANES: readonly Lane[] = [1, 2, 3, 4, 5];

/**
 * What goes into the next batch of a context: the next token of every sequence that waits for one, in the order of the sequences; or
 * one prompt, alone; in turns when there are both.
 *
 * Any other mixture gives wrong answers now and then. llama.cpp computes the sequences of a batch in an order of its own and puts the
 * results back in place when they are first read (`output_reorder`), but node-llama-cpp reads them from several threads at once, so that
 * a sequence can get the result of another one. Batches made here are computed in the order they have: nothing is ever moved. The
 * lane travels as the item's priority, the only thing that an item tells about its sequence.
 */
export function batchStrategy(): (options: { items: readonly BatchItem[]; size: number }) => PrioritizedBatchItem[] {
  let promptsTurn = false;
  return ({ items, size }) => {
    const prompt = items.find((item) => item.tokens.length > 1);
    const next = items.filter((item) => item.tokens.length === 1).sort((a, b) => a.evaluationPriority - b.evaluationPriority);
    promptsTurn = prompt !== undefined && (next.length === 0 || !promptsTurn);
    if (prompt !== undefined && promptsTurn) return [{ item: prompt, processAmount: Math.min(prompt.tokens.length, size) }];
    return next.slice(0, size).map((item) => ({ item, processAmount: 1 }));
  };
}

/** How many sequences each context gets so that all have a lane: evenly, as few contexts as will do. */
export function sequencesPerContext(sequences: number): readonly number[] {
  const contexts = Math.ceil(sequences / LANES.length);
  return Array.from({ length: contexts }, (_, i) => Math.floor((sequences + i) / contexts));
}
