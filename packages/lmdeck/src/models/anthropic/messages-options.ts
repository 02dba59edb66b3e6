import { defineOptions, type OptionSpec } from '../../core/index.ts';

/** What the Messages API takes, by lmdeck's names. */
const OPTIONS = {
  temperature: { type: 'number', minimum: 0, maximum: 1, description: 'Sampling temperature; 0 takes the likeliest token.' },
  topP: {
    type: 'number',
    minimum: 0,
    maximum: 1,
    description: 'Samples from the likeliest tokens that together have this probability.',
  },
  topK: { type: 'integer', minimum: 0, description: 'Samples from this many of the likeliest tokens.' },
  maxTokens: { type: 'integer', minimum: 1, default: 8192, description: 'Most tokens to generate, reasoning included.' },
  stop: { type: 'strings', description: 'Texts that end the answer; they are not part of it.' },
  thinkingBudget: { type: 'integer', minimum: 0, description: 'Most tokens to think with, at least 1024; 0 turns thinking off.' },
  reasoningEffort: { type: 'string', description: 'How much to put into the answer: low, medium, high, as far as the model knows them.' },
  parallelToolCalls: { type: 'boolean', description: 'Whether one answer may call several tools.' },
  serviceTier: { type: 'string', description: 'Processing class: auto, standard_only.' },
  user: { type: 'string', description: "An opaque id of the end user, for the provider's abuse checks." },
  extraBody: { type: 'json', description: 'Object of further fields, merged into the request body last.' },
} as const satisfies Readonly<Record<string, OptionSpec>>;

export const messagesOptions = defineOptions(OPTIONS);
