import {
  canonicalJson,
  costMicros,
  type Finish,
  type JsonObject,
  type LanguageModel,
  type Message,
  type Score,
  type ScoreInput,
  type TokenLogprob,
  type Usage,
} from '../../core/index.ts';
import type { CollateOptions } from '../requests/collate.ts';

/** One call that a request of a task needs. */
export type Question = ScoreQuestion | PromptQuestion;

interface ScoreQuestion extends ScoreInput {
  readonly type: 'score';
}

interface PromptQuestion {
  readonly type: 'prompt';
  readonly prompt: readonly Message[];
  readonly options: JsonObject;
  /** Tells repeated answers to one prompt apart, from 0. */
  readonly draw: number;
}

/** What a model said to a question. */
export type Reply = ScoreReply | PromptReply;

export interface ScoreReply {
  readonly type: 'score';
  /** Without the tokens: thousands of replies wait for the other ones of their documents. */
  readonly score: Pick<Score, 'logprob' | 'isGreedy' | 'overlap' | 'callId'>;
  readonly costMicros: number | undefined;
}

export interface PromptReply {
  readonly type: 'prompt';
  readonly text: string;
  readonly finish: Finish | undefined;
  readonly logprobs: readonly TokenLogprob[] | undefined;
  readonly callId: string | undefined;
  readonly costMicros: number | undefined;
}

/** What goes with a call of a run. */
export interface QuestionContext {
  readonly runId: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly metadata: JsonObject;
}

/** Makes the call. @throws LmdeckError what it failed with. */
export async function askQuestion(model: LanguageModel, question: Question, context: QuestionContext): Promise<Reply> {
  if (question.type === 'score') {
    const {
      usage,
      tokens: _tokens,
      ...score
    } = await model.score({ context: question.context, continuation: question.continuation }, context);
    return { type: 'score', score, costMicros: cost(model, usage) };
  }
  const { prompt, options, draw } = question;
  const response = model.prompt(prompt, { ...context, options, stream: false, ...(draw === 0 ? {} : { sample: draw }) });
  const text = await response.text();
  return {
    type: 'prompt',
    text,
    finish: await response.finish(),
    logprobs: await response.logprobs(),
    callId: response.callId,
    costMicros: cost(model, await response.usage()),
  };
}

function cost({ price }: LanguageModel, usage: Usage | undefined): number | undefined {
  return price === undefined || usage === undefined ? undefined : costMicros(usage, price);
}

/** How questions are collated: prompts by their options, log-likelihoods by what stands before. */
export const questionOrder: Required<Omit<CollateOptions<Question>, 'batchSize'>> = {
  kind: (question) => (question.type === 'score' ? 'score' : canonicalJson(question.options)),
  context: (question) => (question.type === 'score' ? contextKey(question.context) : JSON.stringify(question.prompt)),
  rest: (question) => (question.type === 'prompt' ? String(question.draw) : textOrIds(question.continuation)),
  length: (question) =>
    question.type === 'prompt' ? promptLength(question.prompt) : contextLength(question.context) + question.continuation.length,
};

function contextKey(context: ScoreInput['context']): string {
  if (typeof context === 'string') return context;
  return isIds(context) ? `ids ${context.join()}` : `messages ${JSON.stringify(context)}`;
}

function textOrIds(value: ScoreInput['continuation']): string {
  return typeof value === 'string' ? value : value.join();
}

function contextLength(context: ScoreInput['context']): number {
  return typeof context === 'string' || isIds(context) ? context.length : promptLength(context);
}

function promptLength(messages: readonly Message[]): number {
  let length = 0;
  for (const { parts } of messages) for (const part of parts) if (part.type === 'text') length += part.text.length;
  return length;
}

function isIds(context: readonly number[] | readonly Message[]): context is readonly number[] {
  return typeof context[0] !== 'object';
}
