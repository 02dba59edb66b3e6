import {
  assistant,
  LmdeckError,
  raw,
  system,
  user,
  type JsonObject,
  type JsonValue,
  type LanguageModel,
  type Message,
  type ScoreInput,
  type Tokenizer,
} from '../../core/index.ts';
import { PythonFloat, pythonStr, type PythonValue } from '../../python/index.ts';
import { encodePair, type EncodedPair } from '../requests/encode-pair.ts';
import { normalizeGenerationOptions } from '../requests/generation-options.ts';
import { disjointWindow, rollingTokenWindows } from '../requests/rolling-windows.ts';
import { answerText, handleStopSequences } from '../requests/stop-sequences.ts';
import { truncateLoglikelihood } from '../requests/truncate-loglikelihood.ts';
import type { Loglikelihood } from '../metrics/loglikelihood-metrics.ts';
import type { EvaluationTask, TaskContext, TaskRequest } from '../tasks/evaluation-task.ts';
import type { PromptTurn } from '../tasks/prompt-turns.ts';

/** How requests of tasks become calls of a model. */
export interface AskOptions {
  readonly runId?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The most tokens of a context and what follows; absent: what the model says of itself. */
  readonly maxLength?: number | undefined;
  /** Of requests that do not say it. Default: 256. */
  readonly maxGenerationTokens?: number | undefined;
  /** Seed of generation. Default: 1234. Repeats have the following ones. */
  readonly seed?: number | undefined;
  /** What ends the thinking of a reasoning model that writes it into its answer, `</think>`. */
  readonly thinkEnd?: string | undefined;
  /** Where a request that is too long is cut. Default: left. */
  readonly truncate?: 'left' | 'refuse' | undefined;
}

/** The answer to one request. */
export interface Answered {
  readonly response: Loglikelihood | number | string;
  /** ULIDs of the calls it took. */
  readonly calls: readonly string[];
  /** What was not as it should be: tokens cut off, thinking cut off. */
  readonly notes: readonly string[];
  /** Tokens of the context that were cut off. */
  readonly truncatedTokens: number;
}

/** What of a model decides how a text is cut into tokens and windows. */
interface TokenFacts {
  readonly tokenizer: Tokenizer | undefined;
  /** The most tokens before the last one, which is predicted and never read. */
  readonly maxLength: number | undefined;
}

/** Asks a model what tasks want to know. Made once per run: it gets the tokenizer and the context size of the model once, when the first request needs them. */
export class ModelAsker {
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
    if (outputType !== 'generate_until') await this.#facts();
  }

  /**
   * @param draw tells repeated answers to one request apart, from 0.
   * @throws LmdeckError when the request cannot be answered: what failed, for this request alone.
   */
  async ask(request: TaskRequest, metadata: JsonObject, draw: number): Promise<Answered> {
    switch (request.type) {
      case 'loglikelihood':
        return this.#score(request.context, request.continuation, metadata);
      case 'loglikelihood_rolling':
        return this.#rolling(request.text, metadata);
      default:
        return this.#generate(request, metadata, draw);
    }
  }

  /** What a server says of itself cannot be told from the tape: nobody asks for it who only generates. */
  #facts(): Promise<TokenFacts> {
    return (this.#tokenFacts ??= (async () => {
      const tokenizer = this.#tokenizer ?? (await this.#model.tokenizer?.());
      if (tokenizer === undefined || this.#options.maxLength !== undefined) return { tokenizer, maxLength: this.#options.maxLength };
      const contextSize = await this.#model.contextSize?.();
      const spare = this.#model.capabilities.score?.spareTokens ?? 0;
      return { tokenizer, maxLength: contextSize === undefined ? undefined : contextSize - spare };
    })());
  }

  async #score(context: TaskContext, continuation: string, metadata: JsonObject): Promise<Answered> {
    const { tokenizer, maxLength } = await this.#facts();
    const before = typeof context === 'string' ? context : rendered(context, tokenizer);
    if (typeof before !== 'string') return this.#scored([{ context: before, continuation }], metadata, 0);
    if (tokenizer === undefined || !this.#takes('tokens')) return this.#scored([{ context: before, continuation }], metadata, 0);
    const prefixToken = prefixOf(tokenizer);
    const pair = await encodePair(tokenizer, before, continuation, prefixToken === undefined ? {} : { prefixToken });
    if (LmdeckError.isInstance(pair)) throw pair;
    const { fitted, cut } = this.#fit(pair, maxLength);
    return this.#scored([fitted], metadata, cut);
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

  async #scored(inputs: readonly ScoreInput[], metadata: JsonObject, cut: number): Promise<Answered> {
    const { runId, signal } = this.#options;
    const scores = await this.#model.score(inputs, { runId, signal, metadata });
    const logprob = scores.reduce((sum, score) => sum + score.logprob, 0);
    const isGreedy = scores.every((score) => score.isGreedy === true);
    const notes = [
      ...(cut > 0 ? [`${cut} tokens of the context were cut off`] : []),
      ...(scores.some((score) => score.overlap !== undefined) ? ['a token reaches from the context into the continuation'] : []),
      ...(scores.some((score) => score.isGreedy === undefined) ? ['the server does not say which tokens were the likeliest'] : []),
    ];
    return { response: { logprob, isGreedy }, calls: scores.map((score) => score.callId), notes, truncatedTokens: cut };
  }

  async #rolling(text: string, metadata: JsonObject): Promise<Answered> {
    const { tokenizer, maxLength: most } = await this.#facts();
    if (tokenizer === undefined || !this.#takes('tokens')) {
      const whole = await this.#scored([{ context: '', continuation: text }], metadata, 0);
      return { ...whole, response: sumOf(whole.response) };
    }
    const prefixToken = prefixOf(tokenizer);
    if (prefixToken === undefined)
      throw new LmdeckError(
        'capability',
        `${this.#model.id}: its tokenizer has neither BOS nor an end token that could stand before a text. Name the tokenizer.json of this model (--tokenizer, or "tokenizer" in endpoints.yaml).`,
      );
    const tokens = await tokenizer.encode(text, { special: 'token' });
    const maxLength = Math.max(1, most ?? tokens.length);
    const windows = [...rollingTokenWindows(tokens, { prefixToken, maxLength })].map(disjointWindow);
    if (windows.length === 0) return { response: 0, calls: [], notes: ['the text has no tokens'], truncatedTokens: 0 };
    const scored = await this.#scored(windows, metadata, 0);
    return { ...scored, response: sumOf(scored.response) };
  }

  async #generate(
    { context, generation }: Extract<TaskRequest, { type: 'generate_until' }>,
    metadata: JsonObject,
    draw: number,
  ): Promise<Answered> {
    const { runId, signal, thinkEnd, maxGenerationTokens, seed = 1234 } = this.#options;
    const { options } = normalizeGenerationOptions(generation, maxGenerationTokens);
    const stops = handleStopSequences(options.until);
    const asked = {
      ...this.#modelOptions(options),
      maxTokens: options.max_gen_toks,
      ...(this.#knows('temperature') ? { temperature: numberOf(options['temperature']) ?? 0 } : {}),
      ...(this.#knows('seed') ? { seed: seed + draw } : {}),
      // A stop sequence may occur in the thinking: then only what follows the thinking is cut, here.
      ...(stops.length > 0 && thinkEnd === undefined && this.#knows('stop') ? { stop: stops } : {}),
    };
    const prompt = await this.#prompt(context);
    const response = this.#model.prompt(prompt, {
      options: asked,
      runId,
      signal,
      metadata,
      stream: false,
      ...(draw === 0 ? {} : { sample: draw }),
    });
    const text = await response.text();
    const finish = await response.finish();
    const cutThinking = thinkEnd !== undefined && finish?.reason === 'length' && !text.includes(thinkEnd);
    return {
      response: cutThinking ? '' : answerText(text, stops, thinkEnd),
      calls: response.callId === undefined ? [] : [response.callId],
      notes: [
        ...(cutThinking ? ['the thinking was cut off by the token limit'] : []),
        ...(text === '' && finish?.reason === 'content-filter' ? ['the provider refused the prompt'] : []),
      ],
      truncatedTokens: 0,
    };
  }

  /** Options of the task that the model has under a name of its own; others go into the request as they are, where that is possible. */
  #modelOptions({
    until: _until,
    max_gen_toks: _limit,
    do_sample: _sample,
    temperature: _temperature,
    ...rest
  }: Readonly<Record<string, PythonValue>>): JsonObject {
    const known: Record<string, JsonValue> = {};
    const extra: Record<string, JsonValue> = {};
    for (const [name, value] of Object.entries(rest)) {
      const own = name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      (this.#knows(own) ? known : extra)[this.#knows(own) ? own : name] = jsonOf(value);
    }
    if (Object.keys(extra).length === 0) return known;
    if (this.#knows('extraBody')) return { ...known, extraBody: extra };
    throw new LmdeckError(
      'usage',
      `${this.#model.id} has no option ${Object.keys(extra).join(', ')}, which the task's generation_kwargs set.`,
    );
  }

  #knows(option: string): boolean {
    return this.#model.options === undefined || Object.hasOwn(this.#model.options.properties, option);
  }

  #takes(kind: 'text' | 'tokens' | 'chat'): boolean {
    return this.#model.capabilities.score?.contexts.includes(kind) === true;
  }

  async #prompt(context: TaskContext): Promise<Message | readonly Message[]> {
    if (typeof context !== 'string') return messagesOf(context);
    if (this.#model.capabilities.raw === true) return raw(context);
    throw new LmdeckError(
      'capability',
      `${this.#model.id} takes no plain text: it has only its chat format. Use --apply_chat_template, or a model that continues raw text.`,
      {
        data: { model: this.#model.id, capability: 'raw' },
      },
    );
  }
}

/** Turns as the text that the model's template makes of them; as messages when there is no template at hand. */
function rendered(turns: readonly PromptTurn[], tokenizer: Tokenizer | undefined): string | readonly Message[] {
  const template = tokenizer?.chatTemplate;
  const messages = messagesOf(turns);
  if (template === undefined) return messages;
  const open = turns.at(-1)?.role === 'assistant';
  return template.render(messages, { addGenerationPrompt: !open, continueFinalMessage: open });
}

function messagesOf(turns: readonly PromptTurn[]): readonly Message[] {
  return turns.map(({ role, content }) => (role === 'system' ? system(content) : role === 'user' ? user(content) : assistant(content)));
}

/** What stands before a text that nothing stands before. */
function prefixOf(tokenizer: Tokenizer): number | undefined {
  return tokenizer.bos?.id ?? tokenizer.eos?.id;
}

function sumOf(response: Answered['response']): number {
  return typeof response === 'object' ? response.logprob : Number(response);
}

function numberOf(value: PythonValue): number | undefined {
  return value instanceof PythonFloat ? value.value : typeof value === 'number' ? value : undefined;
}

function jsonOf(value: PythonValue): JsonValue {
  if (value instanceof PythonFloat) return value.value;
  if (typeof value === 'bigint') return Number(value);
  if (value === undefined || value === null) return null;
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(jsonOf);
  const entries: readonly (readonly [PythonValue, PythonValue])[] = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(entries.map(([key, member]) => [pythonStr(key), jsonOf(member)]));
}
