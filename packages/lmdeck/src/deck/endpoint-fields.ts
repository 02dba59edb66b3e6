import { didYouMean, isJsonObject, type Capabilities, type JsonObject, type JsonValue } from '../core/index.ts';
import { encodingNames, hasEncoding } from '../tokenize/tiktoken/encoding-name.ts';
import { ConfigMistake, expectFlag, expectKeys, expectObject, expectText, expectTexts, type ConfigPath } from './config-shape.ts';
import type { EndpointDefinition, EndpointModel, SecretText } from './endpoint-definition.ts';
import { isTokenizerPath } from './tokenizer-path.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const MODEL_FIELDS = ['id', 'name', 'aliases', 'options', 'capabilities', 'tokenizer', 'contextSize'] as const;

/** An item of `models`: an id, or an object. */
export function expectModel(value: JsonValue, path: ConfigPath): EndpointModel {
  if (typeof value === 'string' && value !== '') return { id: value };
  const model: Mutable<EndpointModel> = { id: '' };
  const object = expectObject(value, path, '{ id: small, name: "org/Small-7B" }, or just the id');
  for (const [field, each] of expectKeys(object, path, MODEL_FIELDS)) {
    const at = [...path, field];
    switch (field) {
      case 'id':
      case 'name':
        model[field] = expectText(each, at, 'the name of a model');
        break;
      case 'aliases':
        model.aliases = expectTexts(each, at, '[small]');
        break;
      case 'options':
        model.options = expectObject(each, at, '{ temperature: 0 }');
        break;
      case 'capabilities':
        model.capabilities = expectCapabilities(each, at);
        break;
      case 'tokenizer':
        model.tokenizer = expectTokenizer(each, at);
        break;
      case 'contextSize':
        model.contextSize = expectCount(each, at);
        break;
    }
  }
  if (model.id === '') throw new ConfigMistake(path, 'a model needs an "id": the part of its id behind the slash.');
  return model;
}

const FLAGS_AND_ATTACHMENTS = ['streaming', 'tools', 'schema', 'attachments', 'logprobs', 'samples', 'raw', 'hiddenStates'] as const;

export function expectCapabilities(value: JsonValue, path: ConfigPath): Capabilities {
  const capabilities: Mutable<Capabilities> = {};
  const object = expectObject(value, path, '{ tools: true, attachments: ["image/*"] }');
  for (const [field, each] of expectKeys(object, path, FLAGS_AND_ATTACHMENTS)) {
    if (field === 'attachments') capabilities.attachments = expectTexts(each, [...path, field], '["image/*"]');
    else capabilities[field] = expectFlag(each, [...path, field]);
  }
  return capabilities;
}

export function expectCount(value: JsonValue, path: ConfigPath): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return value;
  throw new ConfigMistake(path, `"${path.at(-1)}" must be a whole number from 1.`);
}

export function expectTokenizer(value: JsonValue, path: ConfigPath): string | false {
  if (value === false) return false;
  const text = expectText(value, path, 'remote, tiktoken, an encoding, or a path such as ./qwen3');
  if (text === 'remote' || text === 'tiktoken' || hasEncoding(text) || isTokenizerPath(text)) return text;
  const known = ['remote', 'tiktoken', ...encodingNames];
  throw new ConfigMistake(
    path,
    `"tokenizer" must be one of ${known.join(', ')}, or the path of a tokenizer.json or its folder, such as ./${text}.${didYouMean(text, known)}`,
  );
}

export function expectHeaders(value: JsonValue, path: ConfigPath): Readonly<Record<string, SecretText>> {
  const headers: [string, SecretText][] = [];
  for (const [name, each] of Object.entries(expectObject(value, path, '{ x-team: search, x-token: { env: TOKEN } }'))) {
    const at = [...path, name];
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw new ConfigMistake(at, `"${name}" cannot be the name of an HTTP header.`);
    headers.push([
      name.toLowerCase(),
      isJsonObject(each) ? secretText(each, at) : expectText(each, at, 'a text, { env: NAME } or { key: NAME }'),
    ]);
  }
  return Object.fromEntries(headers);
}

function secretText(value: JsonObject, path: ConfigPath): SecretText {
  const { kind, name } = expectReference(value, path, ['env', 'key']);
  return kind === 'env' ? { env: name } : { key: name };
}

export function expectReference<K extends string>(
  value: JsonObject,
  path: ConfigPath,
  kinds: readonly K[],
): { readonly kind: K; readonly name: string } {
  const [first, ...more] = expectKeys(value, path, kinds);
  if (first === undefined || more.length > 0) {
    throw new ConfigMistake(path, `expected a text or ${kinds.map((kind) => `{ ${kind}: NAME }`).join(' or ')}.`);
  }
  return { kind: first[0], name: expectText(first[1], [...path, first[0]], 'a name') };
}

export function expectTls(value: JsonValue, path: ConfigPath): NonNullable<EndpointDefinition['tls']> {
  const tls: Mutable<NonNullable<EndpointDefinition['tls']>> = {};
  for (const [field, each] of expectKeys(expectObject(value, path, '{ ca: ./company.pem }'), path, ['ca', 'verify'])) {
    if (field === 'ca') tls.ca = expectText(each, [...path, field], 'the path of a PEM file');
    else tls.verify = expectFlag(each, [...path, field]);
  }
  return tls;
}

export function expectUrl(value: JsonValue, path: ConfigPath, example: string): string {
  const text = expectText(value, path, `a URL such as ${example}`);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new ConfigMistake(path, `"${path.at(-1)}" must be a URL that begins with http:// or https://, such as ${example}.`);
  }
  if (path.at(-1) === 'baseUrl' && (url.username !== '' || url.password !== '')) {
    throw new ConfigMistake(
      path,
      `"${path.at(-1)}" must not contain a user name or password: put them into a header, as { env: NAME } or { key: NAME }.`,
    );
  }
  return text;
}

export function expectOneOf<T extends string>(value: JsonValue, path: ConfigPath, known: readonly T[]): T {
  const match = known.find((each) => each === value);
  if (match !== undefined) return match;
  const near = typeof value === 'string' ? didYouMean(value, known) : '';
  throw new ConfigMistake(path, `"${path.at(-1)}" must be one of ${known.join(', ')}.${near}`);
}

export function expectSendReasoning(value: JsonValue, path: ConfigPath): NonNullable<EndpointDefinition['sendReasoning']> {
  const object = expectObject(value, path, '{ field: reasoning_content, when: with-tool-calls }');
  expectKeys(object, path, ['field', 'when']);
  return {
    field: expectOneOf(object['field'] ?? null, [...path, 'field'], ['reasoning_content', 'reasoning']),
    when: expectOneOf(object['when'] ?? null, [...path, 'when'], ['always', 'with-tool-calls']),
  };
}
