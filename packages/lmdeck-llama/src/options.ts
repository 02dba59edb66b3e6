import { defineOptions, type Capabilities, type JsonObject, type OptionsSchema } from 'lmdeck/core';

/** What every GGUF model can do here; tools need a chat template that has a form for them. */
export const llamaCapabilities: Capabilities = {
  streaming: true,
  tools: true,
  schema: true,
  logprobs: true,
  samples: true,
  raw: true,
  // Texts that share a beginning should meet.
  score: { contexts: ['text', 'tokens', 'chat'], batch: 256 },
  hiddenStates: true,
};

/** The request options of every GGUF model. */
export const llamaOptions: OptionsSchema = defineOptions({
  temperature: { type: 'number', description: 'Randomness: 0 always takes the likeliest token.', minimum: 0, default: 0 },
  topK: { type: 'integer', description: 'Samples among the k likeliest tokens; 0 for all.', minimum: 0, default: 40 },
  topP: {
    type: 'number',
    description: 'Samples among the likeliest tokens that make up this share of the probability.',
    minimum: 0,
    maximum: 1,
    default: 0.95,
  },
  minP: {
    type: 'number',
    description: 'Leaves out tokens less likely than this share of the likeliest.',
    minimum: 0,
    maximum: 1,
    default: 0,
  },
  seed: {
    type: 'integer',
    description: 'Makes sampling repeatable; sample i of a call uses seed + i.',
    minimum: 0,
    maximum: 4_294_967_295,
  },
  maxTokens: { type: 'integer', description: 'Most tokens to generate; absent: as many as the context holds.', minimum: 1 },
  stop: { type: 'strings', description: 'Ends the answer before any of these texts.' },
  repeatPenalty: {
    type: 'number',
    description: 'Divides the scores of the last 64 tokens of the answer; 1 is off.',
    minimum: 0,
    default: 1,
  },
  presencePenalty: { type: 'number', description: 'Taken from the score of every token among the last 64 of the answer.', default: 0 },
  frequencyPenalty: {
    type: 'number',
    description: 'Taken from the score of a token for each time it is among the last 64 of the answer.',
    default: 0,
  },
  logprobs: {
    type: 'boolean',
    description: 'Returns log-probabilities (nats); at temperature 0 and without schema, penalties or a forced tool.',
    default: false,
  },
  topLogprobs: {
    type: 'integer',
    description: 'Returns the log-probabilities of so many likeliest tokens at each place.',
    minimum: 0,
    maximum: 100,
    default: 0,
  },
});

/** Request options as the generation reads them. */
export interface GenerateOptions {
  readonly temperature: number;
  readonly topK: number | undefined;
  readonly topP: number | undefined;
  readonly minP: number | undefined;
  readonly seed: number | undefined;
  readonly maxTokens: number;
  readonly stop: readonly string[];
  readonly repeatPenalty: number;
  readonly presencePenalty: number;
  readonly frequencyPenalty: number;
  readonly logprobs: boolean;
  readonly topLogprobs: number;
}

/** Reads options that {@link llamaOptions} has checked. */
export function readOptions(options: JsonObject): GenerateOptions {
  const number = (name: string): number | undefined => {
    const value = options[name];
    return typeof value === 'number' ? value : undefined;
  };
  const { stop } = options;
  const topLogprobs = number('topLogprobs') ?? 0;
  return {
    temperature: number('temperature') ?? 0,
    topK: number('topK'),
    topP: number('topP'),
    minP: number('minP'),
    seed: number('seed'),
    maxTokens: number('maxTokens') ?? Number.POSITIVE_INFINITY,
    stop: (typeof stop === 'string' ? [stop] : Array.isArray(stop) ? stop : []).filter(
      (each): each is string => typeof each === 'string' && each !== '',
    ),
    repeatPenalty: number('repeatPenalty') ?? 1,
    presencePenalty: number('presencePenalty') ?? 0,
    frequencyPenalty: number('frequencyPenalty') ?? 0,
    logprobs: options['logprobs'] === true || topLogprobs > 0,
    topLogprobs,
  };
}
