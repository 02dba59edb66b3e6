import type { ErrorInfo } from './error.ts';
import type { FinishReason } from './finish.ts';
import type { JsonValue } from './json.ts';
import type { ProviderMetadata } from './part.ts';
import type { TokenLogprob } from './token-logprob.ts';
import type { Usage } from './usage.ts';

/** Fields of every event that belongs to one sample; an absent `sample` means sample 0. */
interface OfSample {
  readonly sample?: number;
  readonly providerMetadata?: ProviderMetadata;
}

/** Text of the answer. */
export interface TextDelta extends OfSample {
  readonly type: 'text-delta';
  readonly text: string;
}

export interface ReasoningDelta extends OfSample {
  readonly type: 'reasoning-delta';
  readonly text: string;
  readonly redacted?: boolean;
}

export interface RefusalDelta extends OfSample {
  readonly type: 'refusal-delta';
  readonly text: string;
}

/** A tool call begins. `index` tells parallel calls of one sample apart; it need not be dense. */
export interface ToolCallStart extends OfSample {
  readonly type: 'tool-call-start';
  readonly index: number;
  readonly id: string;
  readonly name: string;
}

/** A piece of the JSON text of the arguments. */
export interface ToolCallDelta extends OfSample {
  readonly type: 'tool-call-delta';
  readonly index: number;
  readonly arguments: string;
}

/** The arguments of this call are complete. */
export interface ToolCallEnd extends OfSample {
  readonly type: 'tool-call-end';
  readonly index: number;
}

/** Log-probabilities of the tokens that were just sampled. */
export interface LogprobsEvent extends OfSample {
  readonly type: 'logprobs';
  readonly tokens: readonly TokenLogprob[];
}

/** What the provider said about the answer as a whole; later events win field by field. */
export interface MetadataEvent extends OfSample {
  readonly type: 'metadata';
  /** The provider's id of the answer. */
  readonly responseId?: string;
  /** The model that really answered, e.g. `gpt-4o-2024-08-06` for `gpt-4o`. */
  readonly resolvedModel?: string;
}

/** Token counts of the whole call so far: the last one counts, they are never summed. */
export interface UsageEvent {
  readonly type: 'usage';
  readonly usage: Usage;
}

/** A sample is complete. */
export interface FinishEvent extends OfSample {
  readonly type: 'finish';
  readonly reason: FinishReason;
  readonly raw?: string;
}

/** The call failed; what came before it stays valid. Always the last event. */
export interface ErrorEvent {
  readonly type: 'error';
  readonly error: ErrorInfo;
}

/** Something the provider sent that has no event of its own. */
export interface RawEvent {
  readonly type: 'raw';
  readonly raw: JsonValue;
}

/**
 * What happens during a call. JSON-serialisable: the tape, the cache, the replay and the gateway all speak it.
 * The union may grow in minor releases: keep a default branch.
 */
export type ModelEvent =
  | TextDelta
  | ReasoningDelta
  | RefusalDelta
  | ToolCallStart
  | ToolCallDelta
  | ToolCallEnd
  | LogprobsEvent
  | MetadataEvent
  | UsageEvent
  | FinishEvent
  | ErrorEvent
  | RawEvent;

/**
 * The stream that models make and wrappers pass on. An item is one event, or all events that one network read brought:
 * a batch lets a layer cost per read instead of per token. Authors of models may simply yield single events.
 */
export type ModelEvents = AsyncIterable<ModelEvent | readonly ModelEvent[]>;

/** One item of {@link ModelEvents} as a batch. */
export function asBatch(item: ModelEvent | readonly ModelEvent[]): readonly ModelEvent[] {
  return isBatch(item) ? item : [item];
}

/** True when an item of {@link ModelEvents} is a batch. */
export function isBatch(item: ModelEvent | readonly ModelEvent[]): item is readonly ModelEvent[] {
  return Array.isArray(item);
}

/** True for events that carry something the user may already have seen or paid for: after one, a retry is not free. */
export function isContent(event: ModelEvent): boolean {
  switch (event.type) {
    case 'text-delta':
    case 'reasoning-delta':
    case 'refusal-delta':
    case 'tool-call-start':
    case 'tool-call-delta':
    case 'tool-call-end':
    case 'logprobs':
    case 'finish':
      return true;
    default:
      return false;
  }
}
