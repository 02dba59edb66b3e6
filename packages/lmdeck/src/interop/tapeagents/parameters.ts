import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from '../../core/index.ts';

/** Parameters of litellm that are options of a model, by lmdeck's names. */
const OPTIONS: Readonly<Record<string, string>> = {
  temperature: 'temperature',
  top_p: 'topP',
  top_k: 'topK',
  min_p: 'minP',
  max_tokens: 'maxTokens',
  stop: 'stop',
  seed: 'seed',
  presence_penalty: 'presencePenalty',
  frequency_penalty: 'frequencyPenalty',
  repetition_penalty: 'repetitionPenalty',
  logit_bias: 'logitBias',
  logprobs: 'logprobs',
  top_logprobs: 'topLogprobs',
  reasoning_effort: 'reasoningEffort',
  parallel_tool_calls: 'parallelToolCalls',
};

const PARAMETERS: ReadonlyMap<string, string> = new Map(Object.entries(OPTIONS).map(([wire, name]) => [name, wire]));

/** Parameters that say how to call, not what to ask; one answer is recorded whatever `n` says. */
const NO_EFFECT = new Set([
  'api_base',
  'api_version',
  'base_url',
  'cache',
  'caching',
  'drop_params',
  'max_retries',
  'metadata',
  'n',
  'num_retries',
  'organization',
  'request_timeout',
  'stream',
  'stream_options',
  'timeout',
]);

/** Parameters that can hold a key or a token: they are not taken over. */
const SECRET = /(?:^|_)(?:api_?key|key|token|secret|password|authorization|credentials?|headers)$/i;

/** What the parameters of a recorded call were. */
export interface ImportedParameters {
  readonly options: JsonObject;
  /** All of them but secrets. */
  readonly parameters: JsonObject;
}

/** Parameters of a call as options. */
export function optionsOf(parameters: JsonObject): ImportedParameters {
  const options: Record<string, JsonValue> = {};
  const extra: Record<string, JsonValue> = {};
  const kept: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined || SECRET.test(name)) continue;
    kept[name] = value;
    const option = OPTIONS[name];
    if (value === null || NO_EFFECT.has(name)) continue;
    if (option === undefined) extra[name] = value;
    else options[option] = value;
  }
  if (Object.keys(extra).length > 0) options['extraBody'] = extra;
  return { options, parameters: kept };
}

/** True when options give exactly these parameters again. */
export function isSaidBy(options: JsonObject, parameters: JsonObject): boolean {
  return canonicalJson(parametersOf(options)) === canonicalJson(parameters);
}

/** Options as parameters, the inverse of {@link optionsOf} as far as it goes. */
export function parametersOf(options: JsonObject): JsonObject {
  const parameters: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (name === 'extraBody' && isJsonObject(value)) Object.assign(parameters, value);
    else parameters[PARAMETERS.get(name) ?? name] = value;
  }
  return parameters;
}
