import { isJsonObject, type Capabilities, type JsonObject, type JsonValue, type Timeouts } from '../core/index.ts';
import type { BatchProtocol } from '../models/index.ts';
import {
  ConfigMistake,
  expectFlag,
  expectKeys,
  expectList,
  expectObject,
  expectText,
  expectTexts,
  expectTimeouts,
  type ConfigPath,
} from './config-shape.ts';
import { expectBatches } from './endpoint-batches.ts';
import {
  expectCapabilities,
  expectCount,
  expectHeaders,
  expectModel,
  expectOneOf,
  expectReference,
  expectSendReasoning,
  expectTls,
  expectTokenizer,
  expectUrl,
} from './endpoint-fields.ts';

/** A text, or where to find it: a stored key or an environment variable, so that secrets need not stand in the file. */
export type SecretText = string | { readonly env: string } | { readonly key: string };

/** A model that an endpoint is known to have. */
export interface EndpointModel {
  /** Behind the endpoint's name and a slash. */
  readonly id: string;
  /** What the server calls it; the id when absent. */
  readonly name?: string;
  /** Full names, used as they are. */
  readonly aliases?: readonly string[];
  /** Default options, below the user's. */
  readonly options?: JsonObject;
  readonly capabilities?: Capabilities;
  /** In place of the endpoint's, see there. */
  readonly tokenizer?: string | false;
  /** In place of the endpoint's. */
  readonly contextSize?: number;
}

/** A server as `endpoints.yaml` describes it. */
export interface EndpointDefinition {
  /** The prefix of its models' ids. */
  readonly name: string;
  /** Name of a built-in endpoint whose peculiarities it shares. */
  readonly preset?: string;
  /** Up to the `/v1`; only an endpoint that has or is a preset can do without. */
  readonly baseUrl?: string;
  /** Name of a stored key, or the environment variable that holds it. */
  readonly key?: string | { readonly env: string };
  readonly headers?: Readonly<Record<string, SecretText>>;
  /** Fields added to the body of every request. */
  readonly extraBody?: JsonObject;
  /** Fields of the request body that this server does not take. */
  readonly refuses?: readonly string[];
  readonly models?: readonly EndpointModel[];
  /** Field of the body for the token limit. */
  readonly maxTokensField?: 'max_tokens' | 'max_completion_tokens';
  /** Field of answers that carries reasoning, besides the usual ones. */
  readonly reasoningField?: string;
  /** Fields of this server's messages that go back with them unchanged. */
  readonly sendBack?: readonly string[];
  /** How reasoning goes back in a history; absent: not at all. */
  readonly sendReasoning?: { readonly field: 'reasoning_content' | 'reasoning'; readonly when: 'always' | 'with-tool-calls' };
  readonly tls?: {
    /** Path of a PEM file, relative to `endpoints.yaml`. */
    readonly ca?: string;
    readonly verify?: boolean;
  };
  /** URL of a proxy; false for none. */
  readonly proxy?: string | false;
  readonly timeouts?: Timeouts;
  /** What its models can do, over what the preset says. */
  readonly capabilities?: Capabilities;
  /**
   * Tokenizer of its models: `remote` (the server's own), `tiktoken` (OpenAI's by the model's name), a tiktoken encoding, or the path of a
   * `tokenizer.json` or its folder, relative to `endpoints.yaml`. False for none.
   */
  readonly tokenizer?: string | false;
  /** Tokens that prompt and answer can have together; absent: what the server says. */
  readonly contextSize?: number;
  /** How many requests at once, all its models together; absent: as many as are made. */
  readonly concurrency?: number;
  /** Asks for the log-probabilities of every answer, unless a call says otherwise: they are recorded. */
  readonly logprobs?: boolean;
  /** How it takes jobs of many requests, where that differs from its preset; false: not at all. */
  readonly batches?: BatchProtocol | false;
  /** How many raw prompts go into one request; absent: 1. */
  readonly batchPrompts?: number;
  /** How many texts are scored in one request. */
  readonly batchScores?: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const FIELDS = [
  'name',
  'preset',
  'baseUrl',
  'key',
  'headers',
  'extraBody',
  'refuses',
  'models',
  'maxTokensField',
  'reasoningField',
  'sendBack',
  'sendReasoning',
  'tls',
  'proxy',
  'timeouts',
  'capabilities',
  'tokenizer',
  'contextSize',
  'concurrency',
  'logprobs',
  'batches',
  'batchPrompts',
  'batchScores',
] as const satisfies readonly (keyof EndpointDefinition)[];

/**
 * The endpoints in a file's content: a list of objects with names, or an object of them by name.
 * @throws ConfigMistake
 */
export function endpointDefinitions(content: JsonValue, presets: readonly string[]): readonly EndpointDefinition[] {
  const found = new Map<string, EndpointDefinition>();
  const add = (value: JsonValue | undefined, path: ConfigPath, name?: string): void => {
    const definition = endpointDefinition(value, path, presets, name);
    if (found.has(definition.name)) {
      throw new ConfigMistake(name === undefined ? [...path, 'name'] : path, `there are two endpoints called "${definition.name}".`);
    }
    found.set(definition.name, definition);
  };
  if (Array.isArray(content)) content.forEach((each: JsonValue, index) => add(each, [index]));
  else {
    const example = '{ my-server: { baseUrl: "http://127.0.0.1:8000/v1" } }';
    for (const [name, each] of Object.entries(expectObject(content, [], example))) add(each, [name], name);
  }
  return [...found.values()];
}

/** One endpoint; `name` is its key where the file is an object. @throws ConfigMistake */
export function endpointDefinition(
  value: JsonValue | undefined,
  path: ConfigPath,
  presets: readonly string[],
  name?: string,
): EndpointDefinition {
  const object = expectObject(value, path, '{ name: my-server, baseUrl: "http://127.0.0.1:8000/v1" }');
  const definition: Mutable<EndpointDefinition> = { name: name ?? '' };
  for (const [field, each] of expectKeys(object, path, FIELDS)) readField(definition, field, each, [...path, field], presets);
  if (name !== undefined && definition.name !== name) {
    throw new ConfigMistake([...path, 'name'], `"name" is ${definition.name}, but the entry is called ${name}. Remove "name".`);
  }
  if (!/^[\w.-]+$/.test(definition.name)) {
    throw new ConfigMistake(
      definition.name === '' || name !== undefined ? path : [...path, 'name'],
      definition.name === ''
        ? 'an endpoint needs a "name": the part of its models\' ids before the slash.'
        : `"${definition.name}" cannot be the name of an endpoint: use letters, digits, ".", "_" and "-".`,
    );
  }
  const preset = definition.preset ?? definition.name;
  if (definition.baseUrl === undefined && !presets.includes(preset)) {
    throw new ConfigMistake(
      path,
      `the endpoint ${definition.name} needs a "baseUrl", such as http://127.0.0.1:8000/v1, or a "preset": ${presets.join(', ')}.`,
    );
  }
  return definition;
}

function readField(
  to: Mutable<EndpointDefinition>,
  field: (typeof FIELDS)[number],
  value: JsonValue,
  at: ConfigPath,
  presets: readonly string[],
): void {
  switch (field) {
    case 'name':
      to.name = expectText(value, at, "the part of its models' ids before the slash");
      break;
    case 'preset':
      to.preset = expectOneOf(value, at, presets);
      break;
    case 'baseUrl':
      to.baseUrl = expectUrl(value, at, 'http://127.0.0.1:8000/v1');
      break;
    case 'key':
      to.key = isJsonObject(value)
        ? { env: expectReference(value, at, ['env']).name }
        : expectText(value, at, 'the name of a stored key, or { env: NAME }');
      break;
    case 'headers':
      to.headers = expectHeaders(value, at);
      break;
    case 'extraBody':
      to.extraBody = expectObject(value, at, '{ top_k: 40 }');
      break;
    case 'refuses':
      to.refuses = expectTexts(value, at, '[stream_options, seed]');
      break;
    case 'models':
      to.models = expectList(value, at, '[llama3.2]').map((each, index) => expectModel(each, [...at, index]));
      break;
    case 'maxTokensField':
      to.maxTokensField = expectOneOf(value, at, ['max_tokens', 'max_completion_tokens']);
      break;
    case 'reasoningField':
      to.reasoningField = expectText(value, at, 'the name of a field in answers');
      break;
    case 'sendBack':
      to.sendBack = expectTexts(value, at, '[reasoning_details]');
      break;
    case 'sendReasoning':
      to.sendReasoning = expectSendReasoning(value, at);
      break;
    case 'tls':
      to.tls = expectTls(value, at);
      break;
    case 'proxy':
      to.proxy = value === false ? false : expectUrl(value, at, 'http://proxy.example:3128, or false for none');
      break;
    case 'timeouts':
      to.timeouts = expectTimeouts(value, at);
      break;
    case 'capabilities':
      to.capabilities = expectCapabilities(value, at);
      break;
    case 'tokenizer':
      to.tokenizer = expectTokenizer(value, at);
      break;
    case 'contextSize':
    case 'concurrency':
    case 'batchPrompts':
    case 'batchScores':
      to[field] = expectCount(value, at);
      break;
    case 'batches':
      to.batches = expectBatches(value, at);
      break;
    case 'logprobs':
      to.logprobs = expectFlag(value, at);
      break;
  }
}
