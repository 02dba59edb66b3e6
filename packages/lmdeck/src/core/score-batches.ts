import { LmdeckError } from './error.ts';
import { canonicalJson } from './canonical-json.ts';
import { EventPipe, type EventReceiver } from './event-pipe.ts';
import { Gatherer } from './gatherer.ts';
import { messageText } from './message.ts';
import type { ModelEvent } from './model-event.ts';
import type { ModelRequest } from './model-request.ts';
import type { CallContext, Model } from './model.ts';
import type { ScoredText, ScoreRequest } from './score.ts';
import type { Next } from './wrapper.ts';

/** True for a request whose answer is given and not sampled. */
export function isScoreRequest(request: ModelRequest): request is ScoreRequest {
  return request.continuation !== undefined;
}

/**
 * The way of scores into a model: those that are asked at the same time go to `scoreBatch` together, as many as the model takes at once.
 * A score is an answer like any other: the continuation as text, its tokens as log-probabilities.
 */
export function scoreBatches(model: Model): Next {
  const gatherer = new Gatherer<ScoreRequest, ScoredText>({
    size: Math.max(1, model.capabilities.score?.batch ?? 1),
    kind: (request) => canonicalJson(request.options),
    send: async (requests, context) => (await model.scoreBatch?.(requests, context)) ?? [],
  });
  return (request, context) => new ScoreEvents(model, request, context, gatherer);
}

const done: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** A score is one item and the end. */
class ScoreEvents extends EventPipe {
  readonly #model: Model;
  readonly #request: ModelRequest;
  readonly #context: CallContext;
  readonly #gatherer: Gatherer<ScoreRequest, ScoredText>;
  #isAsked = false;

  constructor(model: Model, request: ModelRequest, context: CallContext, gatherer: Gatherer<ScoreRequest, ScoredText>) {
    super();
    this.#model = model;
    this.#request = request;
    this.#context = context;
    this.#gatherer = gatherer;
  }

  pull(receiver: EventReceiver): void {
    const request = this.#request;
    if (this.#isAsked || !isScoreRequest(request)) return receiver.ended();
    this.#isAsked = true;
    this.#gatherer
      .ask(request, this.#context)
      .then((scored) => scoreEvents(this.#model, request, scored))
      .then(
        (events) => receiver.received(events),
        (error: unknown) => receiver.failed(error),
      );
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.#isAsked = true;
    return Promise.resolve(done);
  }
}

/**
 * A score as events.
 * @throws LmdeckError `invalid-response` for tokens that are not the continuation, or without a log-probability: a wrong number is
 * worse than none.
 */
function scoreEvents(model: Pick<Model, 'id'>, request: ScoreRequest, scored: ScoredText): readonly ModelEvent[] {
  const { tokens, usage, responseId, resolvedModel } = scored;
  const problem = problemOf(request, scored);
  if (problem !== undefined) throw new LmdeckError('invalid-response', `${model.id}: ${problem}, so there is no score of it.`);
  const text = typeof request.continuation === 'string' ? request.continuation : tokens.map((each) => each.token).join('');
  const events: ModelEvent[] = [];
  if (responseId !== undefined || resolvedModel !== undefined) {
    events.push({
      type: 'metadata',
      ...(responseId === undefined ? {} : { responseId }),
      ...(resolvedModel === undefined ? {} : { resolvedModel }),
    });
  }
  events.push({ type: 'text-delta', text }, { type: 'logprobs', tokens });
  if (usage !== undefined) events.push({ type: 'usage', usage });
  events.push({ type: 'finish', reason: 'stop' });
  return events;
}

function problemOf({ continuation, messages }: ScoreRequest, { tokens }: ScoredText): string | undefined {
  if (tokens.length === 0) return 'no tokens came back for the continuation';
  const bad = tokens.findIndex(({ logprob }) => !Number.isFinite(logprob));
  if (bad !== -1) return `token ${bad + 1} of ${tokens.length} of the continuation has no log-probability`;
  if (typeof continuation !== 'string') {
    if (tokens.length === continuation.length) return undefined;
    return `${tokens.length} tokens came back for a continuation of ${continuation.length}`;
  }
  const joined = tokens.map((each) => each.token).join('');
  if (joined === continuation) return undefined;
  const overlap = overlapOf(joined, continuation);
  const context = messages[0]?.role === 'raw' ? messageText(messages[0]) : undefined;
  if (overlap !== undefined && (context === undefined || context.endsWith(overlap))) return undefined;
  return `the tokens that came back say ${quoted(joined)} and not ${quoted(continuation)}`;
}

/** What stands before the continuation in the joined tokens; `undefined` when they do not end in it. */
export function overlapOf(joined: string, continuation: string): string | undefined {
  return joined.endsWith(continuation) ? joined.slice(0, joined.length - continuation.length) : undefined;
}

function quoted(text: string): string {
  return JSON.stringify(text.length <= 80 ? text : `${text.slice(0, 80)}…`);
}
