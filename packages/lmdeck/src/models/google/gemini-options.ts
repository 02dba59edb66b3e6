import { defineOptions, type OptionSpec } from '../../core/index.ts';

interface GeminiOption extends OptionSpec {
  /** Name of the field in `generationConfig`; with a dot, in an object of it. */
  readonly wire: string;
}

/** What `generateContent` takes, by lmdeck's names. */
export const GEMINI_OPTIONS = {
  temperature: {
    wire: 'temperature',
    type: 'number',
    minimum: 0,
    maximum: 2,
    description: 'Sampling temperature; 0 takes the likeliest token.',
  },
  topP: {
    wire: 'topP',
    type: 'number',
    minimum: 0,
    maximum: 1,
    description: 'Samples from the likeliest tokens that together have this probability.',
  },
  topK: { wire: 'topK', type: 'integer', minimum: 1, description: 'Samples from this many of the likeliest tokens.' },
  maxTokens: { wire: 'maxOutputTokens', type: 'integer', minimum: 1, description: 'Most tokens to generate, reasoning included.' },
  stop: { wire: 'stopSequences', type: 'strings', description: 'Texts that end the answer; they are not part of it.' },
  seed: { wire: 'seed', type: 'integer', description: 'Makes sampling repeatable where the server can.' },
  presencePenalty: { wire: 'presencePenalty', type: 'number', description: 'Penalty for tokens that have occurred.' },
  frequencyPenalty: {
    wire: 'frequencyPenalty',
    type: 'number',
    description: 'Penalty for tokens by how often they have occurred.',
  },
  thinkingBudget: {
    wire: 'thinkingConfig.thinkingBudget',
    type: 'integer',
    description: 'Most tokens to think with; 0 turns thinking off.',
  },
  reasoningEffort: {
    wire: 'thinkingConfig.thinkingLevel',
    type: 'string',
    description: 'How much to think: low, high, as far as the model knows them.',
  },
  showReasoning: { wire: 'thinkingConfig.includeThoughts', type: 'boolean', description: 'Sends summaries of the thoughts along.' },
  extraBody: { wire: '', type: 'json', description: 'Object of further fields, merged into the request body last.' },
} as const satisfies Readonly<Record<string, GeminiOption>>;

export const geminiOptions = defineOptions(
  Object.fromEntries(Object.entries<GeminiOption>(GEMINI_OPTIONS).map(([name, { wire: _wire, ...spec }]) => [name, spec])),
);
