import { decodeChunks, type Chunk, type ModelEvent } from '../core/index.ts';
import { answerEvents } from './answer-events.ts';
import type { Replayed } from './replay-lookup.ts';

/** Events that come together, and how long after those before. */
export interface TimedBatch {
  readonly waitMs: number;
  readonly events: readonly ModelEvent[];
}

/** A recorded answer in batches, with the time that passed between them when it came. */
export function timedBatches(call: Replayed, inPieces: boolean): TimedBatch[] {
  const events = answerEvents(call, inPieces);
  const chunks = call.chunks === undefined ? [] : (decodeChunks(call.chunks) ?? []);
  const total = Math.max(
    call.durationMs ?? 0,
    chunks.reduce((sum, { waitMs }) => sum + waitMs, 0),
  );
  const batches: TimedBatch[] = [];
  let next = 0;
  let waitMs = 0;
  let waited = 0;
  let batch: ModelEvent[] = [];
  const flush = (): void => {
    if (batch.length > 0) batches.push({ waitMs, events: batch });
    if (batch.length > 0) waitMs = 0;
    batch = [];
  };
  for (const chunk of inPieces ? chunks : []) {
    if (chunk.waitMs > 0) {
      flush();
      waitMs += chunk.waitMs;
      waited += chunk.waitMs;
    }
    // What has no piece of its own (which model answered) comes with the one that follows it.
    while (isApart(events[next])) batch.push(...events.slice(next, ++next));
    const event = events[next];
    // A piece without content was left out.
    if (event !== undefined && isOf(chunk, event)) {
      batch.push(event);
      next++;
    }
  }
  if (total > waited) {
    flush();
    waitMs += total - waited;
  }
  batch.push(...events.slice(next));
  flush();
  return batches;
}

function isApart(event: ModelEvent | undefined): boolean {
  return event?.type === 'metadata' || event?.type === 'usage';
}

function isOf({ kind, sample, index, length }: Chunk, event: ModelEvent): boolean {
  if (!('sample' in event ? (event.sample ?? 0) === sample : sample === 0)) return false;
  switch (event.type) {
    case 'text-delta':
    case 'reasoning-delta':
    case 'refusal-delta':
      return event.type === `${kind}-delta` && event.text.length === length;
    case 'tool-call-start':
    case 'tool-call-end':
      return event.type === kind && event.index === index;
    case 'tool-call-delta':
      return event.type === kind && event.index === index && event.arguments.length === length;
    case 'logprobs':
      return event.type === kind && event.tokens.length === length;
    default:
      return false;
  }
}
