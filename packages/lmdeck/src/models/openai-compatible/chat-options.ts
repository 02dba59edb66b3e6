import { defineOptions, type OptionSpec, type OptionsSchema } from '../../core/index.ts';

interface ChatOption extends OptionSpec {
  /** Name of the field in the request body. */
  readonly wire: string;
}

/** Options by their lmdeck names, with the body field that each one becomes. */
export const CHAT_OPTIONS = {
  temperature: { wire: 'temperature', type: 'number', minimum: 0, description: 'Sampling temperature; 0 takes the likeliest token.' },
  topP: {
    wire: 'top_p',
    type: 'number',
    minimum: 0,
    maximum: 1,
    description: 'Samples from the likeliest tokens that together have this probability.',
  },
  topK: { wire: 'top_k', type: 'integer', description: 'Samples from this many of the likeliest tokens; not on OpenAI.' },
  minP: {
    wire: 'min_p',
    type: 'number',
    minimum: 0,
    maximum: 1,
    description: 'Drops tokens below this share of the likeliest one; not on OpenAI.',
  },
  maxTokens: { wire: 'max_tokens', type: 'integer', minimum: 1, description: 'Most tokens to generate, reasoning included.' },
  stop: { wire: 'stop', type: 'strings', description: 'Texts that end the answer; they are not part of it.' },
  suffix: {
    wire: 'suffix',
    type: 'string',
    description: 'What comes after the answer, which is to fit in between; with raw prompts only.',
  },
  seed: { wire: 'seed', type: 'integer', description: 'Makes sampling repeatable where the server can.' },
  presencePenalty: {
    wire: 'presence_penalty',
    type: 'number',
    minimum: -2,
    maximum: 2,
    description: 'Penalty for tokens that have occurred.',
  },
  frequencyPenalty: {
    wire: 'frequency_penalty',
    type: 'number',
    minimum: -2,
    maximum: 2,
    description: 'Penalty for tokens by how often they have occurred.',
  },
  repetitionPenalty: {
    wire: 'repetition_penalty',
    type: 'number',
    minimum: 0,
    description: 'Factor against repeated tokens; 1 is none; not on OpenAI.',
  },
  logitBias: { wire: 'logit_bias', type: 'json', description: 'Object from token id to what is added to its logit, -100 to 100.' },
  logprobs: { wire: 'logprobs', type: 'boolean', description: "Asks for the log-probabilities of the answer's tokens." },
  topLogprobs: {
    wire: 'top_logprobs',
    type: 'integer',
    minimum: 0,
    maximum: 20,
    description: 'How many alternatives per token; turns logprobs on.',
  },
  reasoningEffort: {
    wire: 'reasoning_effort',
    type: 'string',
    description: 'How much to think: none, minimal, low, medium, high, xhigh, as far as the model knows them.',
  },
  verbosity: { wire: 'verbosity', type: 'string', choices: ['low', 'medium', 'high'], description: 'How long answers should be.' },
  parallelToolCalls: { wire: 'parallel_tool_calls', type: 'boolean', description: 'Whether one answer may call several tools.' },
  serviceTier: { wire: 'service_tier', type: 'string', description: 'Processing class: auto, default, flex, priority.' },
  user: { wire: 'user', type: 'string', description: "An opaque id of the end user, for the provider's abuse checks." },
  extraBody: { wire: '', type: 'json', description: 'Object of further fields, merged into the request body last.' },
} as const satisfies Readonly<Record<string, ChatOption>>;

const WIRE: ReadonlyMap<string, string> = new Map(Object.entries(CHAT_OPTIONS).map(([name, option]) => [name, option.wire]));

/** The body field that an option becomes; `undefined` for an unknown one. */
export function wireField(option: string): string | undefined {
  return WIRE.get(option);
}

const BY_FIELD: ReadonlyMap<string, string> = new Map([
  ...Object.entries(CHAT_OPTIONS).flatMap(([name, { wire }]): [string, string][] => (wire === '' ? [] : [[wire, name]])),
  ['max_completion_tokens', 'maxTokens'],
]);

/** The option that a body field becomes; `undefined` for a field that is no option. */
export function chatOptionOf(field: string): string | undefined {
  return BY_FIELD.get(field);
}

/** The options of an endpoint, without those it rejects. */
export function chatOptions(refuses: readonly string[] = []): OptionsSchema {
  const taken: Record<string, OptionSpec> = {};
  for (const [name, { wire, ...spec }] of Object.entries<ChatOption>(CHAT_OPTIONS)) if (!refuses.includes(wire)) taken[name] = spec;
  return defineOptions(taken);
}
