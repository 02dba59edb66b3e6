import { LmdeckError, type LanguageModel, type Message, type ScoreInput, type Tokenizer } from '../../core/index.ts';
import { encodePair, movedSpace, type EncodedPair } from '../requests/encode-pair.ts';
import { disjointWindow, rollingTokenWindows } from '../requests/rolling-windows.ts';
import { truncateLoglikelihood } from '../requests/truncate-loglikelihood.ts';
import type { EvaluationTask, TaskContext, TaskRequest } from '../tasks/evaluation-task.ts';
import type { PromptTurn } from '../tasks/prompt-turns.ts';
import { planChatLabel } from './chat-labels.ts';
import { planGeneration } from './generation-plan.ts';
import { knowsOption } from './knows-option.ts';
import { messagesOf } from './messages-of.ts';
import type { Reply, ScoreReply } from './question.ts';
import type { Answered, RequestPlan } from './request-plan.ts';

/** How requests of tasks become calls of a model. */
export interface AskOptions {
  /** The most tokens of a context and what follows; absent: what the model says of itself. */
  readonly maxLength?: number | undefined;
  /** Of requests that do not say it. Default: 256. */
  readonly maxGenerationTokens?: number | undefined;
  /** Seed of generation. Default: 1234. Repeats have the following ones. */
  readonly seed?: number | undefined;
  /** What ends the thinking of a reasoning model that writes it into its answer, `</think>`. */
  readonly thinkEnd?: string | undefined;
  /** The token that stands before a text that nothing stands before. Default: the tokenizer's BOS, else its end token. */
  readonly prefixToken?: number | undefined;
  /** Puts before every text what the tokenizer puts there by itself (BOS), where token ids are sent. Default: false. */
  readonly addBos?: boolean | undefined;
  /** Where a request that is too long is cut. Default: left. */
  readonly truncate?: 'left' | 'refuse' | undefined;
  /**
   * Scores choices by their labels (A, B, C) among so many of the likeliest first tokens of a chat answer: for models that cannot score given
   * text. The numbers are not comparable with log-likelihoods, and results say so. Absent: such models are refused.
   */
  readonly chatLabels?: number | undefined;
}

/** What of a model decides how a text is cut into tokens and windows. */
interface TokenFacts {
  readonly tokenizer: Tokenizer | undefined;
  /** The most tokens before the last one, which is predicted and never read. */
  readonly maxLength: number | undefined;
}

/**
 * Finds out which calls the requests of tasks need. Made once per run: it gets the tokenizer and the context size of the model once, when the first
 * request needs them.
 */
export class RequestPlanner {
  readonly #model: LanguageModel;
  readonly #options: AskOptions;
  readonly #tokenizer: Tokenizer | undefined;
  #tokenFacts: Promise<TokenFacts> | undefined;

  /** @param tokenizer in place of the model's own. */
  constructor(model: LanguageModel, options: AskOptions, tokenizer?: Tokenizer) {
    this.#model = model;
    this.#options = options;
    this.#tokenizer = tokenizer;
  }

  /** Has what requests of a task need. @throws LmdeckError when the model's tokenizer cannot be had: no request would be answered. */
  async prepare({ outputType }: Pick<EvaluationTask, 'outputType'>): Promise<void> {
    if (outputType !== 'generate_until' && this.#options.chatLabels === undefined) await this.#facts();
  }

  /**
   * @param requests all requests of the document.
   * @param draw tells repeated answers to one request apart, from 0.
   * @throws LmdeckError when the request cannot be asked.
   */
  async plan(request: TaskRequest, requests: readonly TaskRequest[], draw: number): Promise<RequestPlan> {
    const { chatLabels } = this.#options;
    if (request.type === 'generate_until') return planGeneration(request, { ...this.#options, model: this.#model, draw });
    if (chatLabels !== undefined) {
      const { seed = 1234 } = this.#options;
      const options = knowsOption(this.#model, 'seed') ? { seed } : {};
      return planChatLabel(request, requests, { modelId: this.#model.id, alternatives: chatLabels, options });
    }
    return request.type === 'loglikelihood' ? this.#score(request.context, request.continuation) : this.#rolling(request.text);
  }

  /** What a server says of itself cannot be told from the tape: nobody asks for it who only generates. */
  #facts(): Promise<TokenFacts> {
    return (this.#tokenFacts ??= (async () => {
      const { maxLength } = this.#options;
      const tokenizer = this.#tokenizer ?? (await this.#model.tokenizer?.());
      if (tokenizer === undefined || maxLength !== undefined) return { tokenizer, maxLength };
      const contextSize = await this.#model.contextSize?.();
      const spare = this.#model.capabilities.score?.spareTokens ?? 0;
      return { tokenizer, maxLength: contextSize === undefined ? undefined : contextSize - spare };
    })());
  }

  async #score(context: TaskContext, continuation: string): Promise<RequestPlan> {
    const { tokenizer, maxLength } = await this.#facts();
    const before = typeof context === 'string' ? context : rendered(context, tokenizer);
    if (typeof before !== 'string' || tokenizer === undefined || !this.#takes('tokens')) {
      const { head, tail } = typeof before === 'string' ? movedSpace(before, continuation) : { head: before, tail: continuation };
      if (tail === '') throw new LmdeckError('invalid-request', 'loglikelihood: there is no text to score after the context.');
      return scored([{ context: head, continuation: tail }], loglikelihood(0));
    }
    const { addBos = false } = this.#options;
    const prefixToken = this.#prefixOf(tokenizer);
    const prefix = prefixToken === undefined ? {} : { prefixToken };
    const pair = await encodePair(tokenizer, before, continuation, { ...prefix, addSpecial: addBos });
    if (LmdeckError.isInstance(pair)) throw pair;
    const { fitted, cut } = this.#fit(pair, maxLength);
    return scored([fitted], loglikelihood(cut));
  }

  /** What stands before is cut so that all of the continuation and one token before it fit. */
  #fit(pair: EncodedPair, maxLength: number | undefined): { readonly fitted: EncodedPair; readonly cut: number } {
    if (maxLength === undefined) return { fitted: pair, cut: 0 };
    // The last token is predicted and never read.
    const input = truncateLoglikelihood(pair, { maxLength: maxLength + 1 });
    if (LmdeckError.isInstance(input)) throw input;
    if (input.truncated > 0 && this.#options.truncate === 'refuse') {
      const length = pair.context.length + pair.continuation.length;
      throw new LmdeckError('invalid-request', `loglikelihood: ${length} tokens do not fit into ${maxLength}, and nothing may be cut off.`);
    }
    return { fitted: { ...pair, context: input.tokens.slice(0, input.contextLength) }, cut: input.truncated };
  }

  async #rolling(text: string): Promise<RequestPlan> {
    const { tokenizer, maxLength: most } = await this.#facts();
    if (tokenizer === undefined || !this.#takes('tokens'))
      return text === '' ? NOTHING : scored([{ context: '', continuation: text }], total);
    const prefixToken = this.#prefixOf(tokenizer);
    if (prefixToken === undefined)
      throw new LmdeckError(
        'capability',
        `${this.#model.id}: its tokenizer has neither BOS nor an end token that could stand before a text; give one (--prefix_token ID), or name the tokenizer.json of this model (--tokenizer, or "tokenizer" in endpoints.yaml).`,
      );
    const tokens = await tokenizer.encode(text, { addSpecial: this.#options.addBos, special: 'token' });
    const maxLength = Math.max(1, most ?? tokens.length);
    const windows = [...rollingTokenWindows(tokens, { prefixToken, maxLength })].map(disjointWindow);
    return windows.length === 0 ? NOTHING : scored(windows, total);
  }

  /** What stands before a text that nothing stands before. */
  #prefixOf(tokenizer: Tokenizer): number | undefined {
    return this.#options.prefixToken ?? tokenizer.bos?.id ?? tokenizer.eos?.id;
  }

  #takes(kind: 'text' | 'tokens' | 'chat'): boolean {
    return this.#model.capabilities.score?.contexts.includes(kind) === true;
  }
}

/** The plan of a text without tokens. */
const NOTHING: RequestPlan = {
  questions: [],
  answer: () => ({ response: 0, calls: [], notes: ['the text has no tokens'], truncatedTokens: 0 }),
};

/** Turns as the text that the model's template makes of them; as messages when there is no template at hand. */
function rendered(turns: readonly PromptTurn[], tokenizer: Tokenizer | undefined): string | readonly Message[] {
  const template = tokenizer?.chatTemplate;
  const messages = messagesOf(turns);
  if (template === undefined) return messages;
  const open = turns.at(-1)?.role === 'assistant';
  return template.render(messages, { addGenerationPrompt: !open, continueFinalMessage: open });
}

/** Scores as the questions of a request. */
function scored(inputs: readonly ScoreInput[], answer: (scores: readonly ScoreReply[]) => Answered): RequestPlan {
  return {
    questions: inputs.map(({ context, continuation }) => ({ type: 'score', context, continuation })),
    answer: (replies: readonly Reply[]) => answer(replies.filter((reply) => reply.type === 'score')),
  };
}

/** @param cut how many tokens of the context were cut off. */
function loglikelihood(cut: number): (replies: readonly ScoreReply[]) => Answered {
  return (replies) => {
    const scores = replies.map((reply) => reply.score);
    const notes = [
      ...(cut > 0 ? [`${cut} tokens of the context were cut off`] : []),
      ...(scores.some((score) => score.overlap !== undefined) ? ['a token reaches from the context into the continuation'] : []),
      ...(scores.some((score) => score.isGreedy === undefined) ? ['the server does not say which tokens were the likeliest'] : []),
    ];
    return {
      response: { logprob: sum(scores.map((score) => score.logprob)), isGreedy: scores.every((score) => score.isGreedy === true) },
      calls: scores.map((score) => score.callId),
      notes,
      truncatedTokens: cut,
    };
  };
}

/** The log-likelihood of a text from those of its windows; which tokens were the likeliest does not matter. */
function total(replies: readonly ScoreReply[]): Answered {
  return {
    response: sum(replies.map(({ score }) => score.logprob)),
    calls: replies.map(({ score }) => score.callId),
    notes: replies.some(({ score }) => score.overlap !== undefined) ? ['a token reaches from the context into the continuation'] : [],
    truncatedTokens: 0,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
