import { Conversation, type ConversationOptions } from './conversation.ts';
import { LmdeckError } from './error.ts';
import { system, user, type Message } from './message.ts';
import { createRequest, type ModelRequest } from './model-request.ts';
import type { CallContext, Model } from './model.ts';
import { didYouMean } from './near-names.ts';
import type { PromptInput, PromptOptions } from './prompt-options.ts';
import { Response } from './response.ts';
import type { Score, ScoreInput, ScoreOptions } from './score.ts';
import { scorer, type ScoreQuestion } from './scorer.ts';
import { surrounded } from './surroundings.ts';
import { ulid } from './ulid.ts';
import { compose, type Wrapper } from './wrapper.ts';
import type { JsonObject } from './json.ts';

/** A model as users hold it: a {@link Model} that can be prompted. It is a Model itself and can be wrapped again. */
export interface LanguageModel extends Model {
  /** The options that its calls start from; what a call says wins. Absent: none. */
  readonly defaultOptions?: JsonObject;
  /**
   * Asks. Nothing is sent until the response is read.
   * @throws LmdeckError `usage` for options that the model does not take.
   */
  prompt(input: PromptInput, options?: PromptOptions): Response;
  /**
   * The log-probability of a given continuation. A score is a call like any other: recorded, cached, repeated; scores that are asked
   * at the same time share requests to the server where it can. Unlike `prompt` it starts at once.
   *
   * Of a list all are scored before the first failure is thrown (`data.index` says whose it is); for an outcome of each, ask for each.
   * @throws LmdeckError `capability` for a model that cannot, with the reason; `invalid-request` for a text that is too long; `usage`
   * for an empty continuation.
   *
   * @example
   * ```ts
   * import { languageModel, mock } from 'lmdeck';
   *
   * const model = languageModel(mock({ scores: [-0.1, -4.6] }));
   * const [paris, rome] = await model.score([
   *   { context: 'The capital of France is', continuation: ' Paris' },
   *   { context: 'The capital of France is', continuation: ' Rome' },
   * ]);
   * console.log(paris?.logprob, rome?.logprob, paris?.isGreedy); // -0.1 -4.6 true
   * ```
   */
  score(input: ScoreInput, options?: ScoreOptions): Promise<Score>;
  score(inputs: readonly ScoreInput[], options?: ScoreOptions): Promise<readonly Score[]>;
  /** Turns that build on each other. */
  conversation(options?: ConversationOptions): Conversation;
}

/**
 * Makes a model promptable and puts wrappers around it, the first one outermost.
 *
 * @example
 * ```ts
 * import { languageModel, mock, retry } from 'lmdeck';
 *
 * const model = languageModel(mock({ outputs: ['Paris'] }), retry({ retries: 5 }));
 * console.log(await model.prompt('What is the capital of France?').text()); // Paris
 * ```
 */
export function languageModel(model: Model, ...wrappers: readonly Wrapper[]): LanguageModel {
  const run = surrounded(compose(model, wrappers));
  const self: LanguageModel = {
    ...optionalParts(model),
    generate: run,
    prompt: (input, options = {}) => prompt(self, input, options),
    score: scorer((question, options) => scoreCall(self, question, options)),
    conversation: (options) => new Conversation(self, options),
  };
  return self;
}

/** Everything of a model but its way to answer; methods stay bound to the model they belong to. */
function optionalParts(model: Model): Omit<Model, 'generate' | 'scoreBatch'> {
  const { id, capabilities, endpoint, revision, options, price, batches } = model;
  return {
    id,
    capabilities,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(revision === undefined ? {} : { revision }),
    ...(options === undefined ? {} : { options }),
    ...(price === undefined ? {} : { price }),
    ...(batches === undefined ? {} : { batches }),
    ...(model.hiddenStates === undefined ? {} : { hiddenStates: model.hiddenStates.bind(model) }),
    ...(model.tokenizer === undefined ? {} : { tokenizer: model.tokenizer.bind(model) }),
    ...(model.contextSize === undefined ? {} : { contextSize: model.contextSize.bind(model) }),
    ...(model.load === undefined ? {} : { load: () => model.load?.() ?? Promise.resolve() }),
    ...(model.toJSON === undefined ? {} : { toJSON: model.toJSON.bind(model) }),
    ...(model.unload === undefined ? {} : { unload: () => model.unload?.() ?? Promise.resolve() }),
  };
}

function prompt(model: LanguageModel, input: PromptInput, options: PromptOptions): Response {
  const checked = checkOptions(model, options.options);
  const { messages = [] } = options;
  const request = (history: readonly Message[]): ModelRequest =>
    createRequest({ ...options, options: checked, messages: turn(history, input, options) });
  return new Response({
    request: typeof messages === 'function' ? async () => request(await messages()) : request(messages),
    run: (request, context) => model.generate(request, context),
    signal: options.signal,
    context: (stream, signal) => callContext(model, options, stream, signal),
    reply: (before, next, nextOptions) => {
      // What belongs to one turn alone is not carried over to the next.
      const {
        system: _system,
        attachments: _attachments,
        schema: _schema,
        samples: _samples,
        sample: _sample,
        messages: _messages,
        ...kept
      } = options;
      const carried = { ...kept, ...nextOptions, options: { ...options.options, ...nextOptions?.options } };
      return prompt(model, next, {
        ...carried,
        messages: before.complete ? [...before.prompt.messages, before.partial] : () => before.history(),
        conversationId: carried.conversationId ?? (() => before.conversationId),
      });
    },
  });
}

function scoreCall(model: LanguageModel, question: ScoreQuestion, options: ScoreOptions): Response {
  return new Response({
    request: createRequest({ ...question, options: checkOptions(model, options.options) }),
    run: (asked, context) => model.generate(asked, context),
    signal: options.signal,
    context: (_stream, signal) => callContext(model, options, false, signal),
    reply: () => {
      throw new LmdeckError('usage', 'A score has no next turn.');
    },
  });
}

function turn(history: readonly Message[], input: PromptInput, options: PromptOptions): readonly Message[] {
  const lead = options.system !== undefined && !history.some((message) => message.role === 'system') ? [system(options.system)] : [];
  const attachments = options.attachments ?? [];
  if (typeof input === 'string') return [...lead, ...history, user(input, attachments)];
  if (attachments.length > 0)
    throw new LmdeckError('usage', 'attachments go with a text prompt; put them into the parts of the message instead.');
  return [...lead, ...history, ...('role' in input ? [input] : input)];
}

function callContext(model: Model, options: PromptOptions, stream: boolean, signal: AbortSignal): CallContext {
  const { conversationId } = options;
  const startedAt = Date.now();
  // Field by field and not by spreads: this runs for every call, and most fields are absent.
  const context: { -readonly [K in keyof CallContext]: CallContext[K] } = {
    callId: ulid(startedAt),
    model,
    startedAt,
    signal,
    stream: (options.stream ?? stream) && model.capabilities.streaming === true,
    trace: { attempts: 0 },
  };
  const conversation = typeof conversationId === 'function' ? conversationId() : conversationId;
  if (conversation !== undefined) context.conversationId = conversation;
  if (options.apiKey !== undefined) context.apiKey = options.apiKey;
  if (options.headers !== undefined) context.headers = options.headers;
  if (options.timeouts !== undefined) context.timeouts = options.timeouts;
  if (options.runId !== undefined) context.runId = options.runId;
  if (options.parentCallId !== undefined) context.parentCallId = options.parentCallId;
  if (options.metadata !== undefined) context.metadata = options.metadata;
  if (options.log !== undefined) context.log = options.log;
  return context;
}

/** Options as the model takes them. @throws LmdeckError `usage` that names what it does not take. */
export function checkOptions(model: Model, options: JsonObject | undefined): JsonObject {
  if (options === undefined || model.options === undefined) return options ?? {};
  const result = model.options['~standard'].validate(options);
  if (result.issues === undefined) return result.value;
  const known = Object.keys(model.options.properties);
  const lines = result.issues.map(({ message, path }) => {
    const name = path.join('.');
    return message.startsWith('unknown') ? `${message}.${didYouMean(name, known)}` : `option ${name} ${message}.`;
  });
  throw new LmdeckError('usage', `${model.id}: ${lines.join(' ')} Options: ${known.join(', ')}.`);
}
