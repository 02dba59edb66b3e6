import { tokenAt } from './collate.ts';
import type { EncodedPair } from './encode-pair.ts';

/** Requests that one pass through the model answers: all but their last token is the same. */
export interface ContextGroup {
  /** Places in the input, in order. */
  readonly members: readonly number[];
  /** The member with the longest continuation: its pass has the predictions that all members need. */
  readonly representative: number;
}

/**
 * Finds the requests that differ in nothing but their last token, such as the one-token choices of a question: the probabilities after the
 * shared tokens answer all of them. Groups come in the order of their first members. As `Collator(group_by="contexts")` of
 * lm-evaluation-harness.
 */
export function groupByContext(requests: readonly EncodedPair[]): ContextGroup[] {
  const groups: { readonly members: number[]; representative: number }[] = [];
  const buckets = new Map<number, (typeof groups)[number][]>();
  for (const [index, request] of requests.entries()) {
    const hash = contextHash(request);
    const bucket = buckets.get(hash) ?? [];
    if (bucket.length === 0) buckets.set(hash, bucket);
    const group = bucket.find(({ representative }) => sameContext(requests[representative], request));
    if (group === undefined) {
      const fresh = { members: [index], representative: index };
      bucket.push(fresh);
      groups.push(fresh);
      continue;
    }
    group.members.push(index);
    if (request.continuation.length > (requests[group.representative]?.continuation.length ?? 0)) group.representative = index;
  }
  return groups;
}

/** FNV-1a over the tokens but the last; requests of one bucket are compared in full. */
function contextHash(request: EncodedPair): number {
  const length = request.context.length + request.continuation.length - 1;
  let hash = 0x811c9dc5;
  for (let i = 0; i < length; i++) hash = Math.imul(hash ^ tokenAt(request, i), 0x01000193);
  return hash;
}

function sameContext(a: EncodedPair | undefined, b: EncodedPair): boolean {
  if (a === undefined || a.context.length + a.continuation.length !== b.context.length + b.continuation.length) return false;
  const length = b.context.length + b.continuation.length - 1;
  for (let i = 0; i < length; i++) if (tokenAt(a, i) !== tokenAt(b, i)) return false;
  return true;
}
