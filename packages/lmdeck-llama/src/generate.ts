import { LmdeckError, type ModelEvent, type ModelRequest, type TokenLogprob, type Usage } from 'lmdeck/core';
import type { LlamaGrammar, LlamaModel, SequenceEvaluateOptions, Token } from 'node-llama-cpp';
import { planAnswer, type AnswerPlan } from './answer-plan.ts';
import { AnswerReader } from './chat/answer-reader.ts';
import type { LoadedModel } from './loaded-model.ts';
import type { GenerateOptions } from './options.ts';
import type { Lease } from './sequence-pool.ts';
import { TokenText } from './token-text.ts';

/** So many tokens of the answer count for the penalties. */
const PENALTY_TOKENS = 64;

interface Ending {
  readonly reason: 'stop' | 'length' | 'tool-calls';
  readonly raw: 'end-of-generation' | 'stop-sequence' | 'max-tokens' | 'context-full';
  readonly outputTokens: number;
}

/** What the engine says of a token; the rest only when it is asked for. */
interface Sampled {
  readonly token: Token;
  readonly confidence?: number;
  readonly probabilities?: ReadonlyMap<Token, number>;
}

/** One sample: where it is computed and how. */
interface Run {
  readonly lease: Lease;
  readonly grammar: LlamaGrammar | undefined;
  readonly seed: number;
  readonly signal: AbortSignal;
}

/** Answers a request; several samples one after the other, for which the prompt is evaluated only once. */
export async function* generate(
  loaded: LoadedModel,
  modelId: string,
  request: ModelRequest,
  options: GenerateOptions,
  signal: AbortSignal,
): AsyncGenerator<readonly ModelEvent[], void, undefined> {
  if (signal.aborted) throw LmdeckError.from(signal.reason, 'aborted');
  const plan = planAnswer(loaded, modelId, request, options);
  checkRoom(plan.tokens.length, loaded.contextTokens, modelId);
  const grammar = plan.grammar === undefined ? undefined : await loaded.grammar(plan.grammar);
  const samples = request.samples ?? 1;
  const firstSeed = (options.seed ?? Math.floor(Math.random() * 2 ** 32)) + (request.sample ?? 0);
  let outputTokens = 0;
  let cachedInputTokens = 0;
  for (let sample = 0; sample < samples; sample++) {
    const lease = await loaded.pool.acquire(plan.tokens, signal);
    if (sample === 0) cachedInputTokens = lease.cachedTokens;
    let intact = false;
    // Whoever aborts may never come back for more: what is lent has to be given back without it.
    let atRest = false;
    const letGo = (): void => {
      if (atRest) lease.release();
    };
    signal.addEventListener('abort', letGo, { once: true });
    const events = answer(loaded, plan, options, { lease, grammar, signal, seed: (firstSeed + sample) % 2 ** 32 });
    try {
      let next = await events.next();
      for (; next.done !== true; next = await events.next()) {
        atRest = true;
        yield ofSample(next.value, sample);
        atRest = false;
        if (signal.aborted) throw LmdeckError.from(signal.reason, 'aborted');
      }
      const { reason, raw, outputTokens: count } = next.value;
      intact = true;
      outputTokens += count;
      lease.release();
      const usage: Usage = { inputTokens: plan.tokens.length, outputTokens, ...(cachedInputTokens > 0 ? { cachedInputTokens } : {}) };
      yield [{ type: 'usage', usage }, ...ofSample([{ type: 'finish', reason, raw }], sample)];
    } finally {
      signal.removeEventListener('abort', letGo);
      // An abort is noticed between two tokens, where the state is sound, and so does a reader leave; after a failure it may be anything.
      lease.release(!intact && !atRest && !signal.aborted);
      if (!intact) await events.return({ reason: 'stop', raw: 'end-of-generation', outputTokens: 0 });
    }
  }
}

async function* answer(
  { model, visible, contextTokens, engine }: LoadedModel,
  plan: AnswerPlan,
  options: GenerateOptions,
  { lease, grammar, signal, seed }: Run,
): AsyncGenerator<readonly ModelEvent[], Ending, undefined> {
  const { sequence, lane, cachedTokens } = lease;
  const reader = new AnswerReader(plan.syntax);
  const text = new TokenText(model, visible, plan.tokens);
  const generated: Token[] = [];
  const state = grammar === undefined ? undefined : new engine.library.LlamaGrammarEvaluationState({ model, grammar });
  const tokens: AsyncIterable<Sampled> = sequence.evaluateWithMetadata(
    plan.tokens.slice(cachedTokens),
    { confidence: options.logprobs, probabilities: options.topLogprobs > 0 },
    {
      ...samplingOptions(options, seed, generated),
      grammarEvaluationState: () => (reader.reasoning ? undefined : state),
      evaluationPriority: lane,
    },
  );
  const begun = reader.push(plan.primed);
  if (begun.length > 0) yield begun;
  let ending: Pick<Ending, 'reason' | 'raw'> = { reason: 'stop', raw: 'end-of-generation' };
  for await (const { token, confidence, probabilities } of tokens) {
    if (signal.aborted) throw LmdeckError.from(signal.reason, 'aborted');
    generated.push(token);
    const events = reader.push(text.push(token));
    const logprob = options.logprobs ? [logprobOf(model, token, confidence, probabilities, options.topLogprobs)] : [];
    if (events.length + logprob.length > 0) yield logprob.length > 0 ? [{ type: 'logprobs', tokens: logprob }, ...events] : events;
    if (reader.stopped) ending = { reason: 'stop', raw: 'stop-sequence' };
    else if (generated.length >= options.maxTokens) ending = { reason: 'length', raw: 'max-tokens' };
    // One token more and the engine would drop the beginning of the prompt.
    else if (sequence.nextTokenIndex >= contextTokens) ending = { reason: 'length', raw: 'context-full' };
    else continue;
    break;
  }
  const held = [...reader.push(text.end()), ...reader.end()];
  if (held.length > 0) yield held;
  const reason = ending.reason === 'stop' && reader.calls > 0 ? 'tool-calls' : ending.reason;
  return { reason, raw: ending.raw, outputTokens: generated.length };
}

function samplingOptions(options: GenerateOptions, seed: number, generated: readonly Token[]): SequenceEvaluateOptions {
  const { temperature, topK, topP, minP, repeatPenalty, presencePenalty, frequencyPenalty } = options;
  const penalised = repeatPenalty !== 1 || presencePenalty !== 0 || frequencyPenalty !== 0;
  return {
    temperature,
    seed,
    ...(topK === undefined ? {} : { topK }),
    ...(topP === undefined ? {} : { topP }),
    ...(minP === undefined ? {} : { minP }),
    ...(penalised
      ? {
          repeatPenalty: {
            punishTokens: () => generated.slice(-PENALTY_TOKENS),
            maxPunishTokens: PENALTY_TOKENS,
            penalty: repeatPenalty,
            presencePenalty,
            frequencyPenalty,
          },
        }
      : {}),
  };
}

function logprobOf(
  model: LlamaModel,
  token: Token,
  confidence: number | undefined,
  probabilities: ReadonlyMap<Token, number> | undefined,
  count: number,
): TokenLogprob {
  const textOf = (each: Token): string => model.detokenize([each], true);
  const logprob = { token: textOf(token), tokenId: token, logprob: Math.log(confidence ?? probabilities?.get(token) ?? 0) };
  if (count === 0 || probabilities === undefined) return logprob;
  // The engine lists them from the likeliest on; what rounds to zero has no logarithm that JSON could carry.
  const top = [...probabilities.entries().take(count)].filter(([, probability]) => probability > 0);
  return { ...logprob, top: top.map(([each, probability]) => ({ token: textOf(each), logprob: Math.log(probability) })) };
}

function checkRoom(promptTokens: number, contextTokens: number, modelId: string): void {
  if (promptTokens === 0) throw new LmdeckError('invalid-request', `${modelId}: the prompt is empty.`);
  if (promptTokens < contextTokens) return;
  throw new LmdeckError(
    'invalid-request',
    `${modelId}: the prompt has ${promptTokens} tokens, the context holds ${contextTokens}, the answer included. Shorten the prompt, or load the model with a larger contextSize.`,
    { data: { promptTokens, contextTokens } },
  );
}

function ofSample(events: readonly ModelEvent[], sample: number): readonly ModelEvent[] {
  return sample === 0 ? events : events.map((event) => ({ ...event, sample }));
}
