import { resolve } from 'node:path';

import { LmdeckError, type Model } from '../core/index.ts';
import { chatModel, geminiModel, messagesModel, type Endpoint, type EndpointPreset } from '../models/index.ts';
import type { HttpTransport } from '../transport/index.ts';
import { builtInPresets } from './built-in.ts';
import type { EndpointModel, SecretText } from './endpoint-definition.ts';
import type { DeckEndpoint } from './endpoints.ts';
import { readText } from './json-file.ts';
import type { Keys } from './keys.ts';
import { isTokenizerPath } from './tokenizer-path.ts';

/** How to reach a server, and what it speaks. */
type ServerOptions = Endpoint & Pick<EndpointPreset, 'protocol'>;

/** What of a deck is needed to reach its servers. */
export interface Servers {
  /** Paths in the configuration are relative to it. */
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly keys: Keys;
  readonly transport?: HttpTransport | undefined;
}

/** The model `<endpoint>/<id>`. @throws LmdeckError `config` for a header or certificate that is not there. */
export async function endpointModel(endpoint: DeckEndpoint, id: string, servers: Servers): Promise<Model> {
  const known = endpoint.models?.find((each) => each.id === id);
  const options = await serverOptions(endpoint, servers, known);
  const make = options.protocol === undefined ? chatModel : options.protocol === 'anthropic' ? messagesModel : geminiModel;
  const model = make({ ...options, model: known?.name ?? id });
  const fullId = `${endpoint.name}/${id}`;
  if (model.id === fullId && known?.price === undefined) return model;
  return { ...model, id: fullId, ...(known?.price === undefined ? {} : { price: known.price }) };
}

/** How to reach an endpoint. Its key is looked up at every call, so that replaying needs none. */
export async function serverOptions(endpoint: DeckEndpoint, servers: Servers, known?: EndpointModel): Promise<ServerOptions> {
  const preset = (await builtInPresets()).get(endpoint.preset ?? '');
  const { name, baseUrl, keyName, keyEnv, needsKey, extraBody, refuses, maxTokensField, reasoningField, sendBack, sendReasoning, proxy } =
    endpoint;
  const { batchPrompts, batchScores, batches } = endpoint;
  const { tokenizer = endpoint.tokenizer, contextSize = endpoint.contextSize } = known ?? {};
  const defined = {
    contextSize,
    extraBody,
    refuses,
    maxTokensField,
    reasoningField,
    sendBack,
    sendReasoning,
    proxy,
    batchPrompts,
    batchScores,
    batches,
  };
  return {
    ...preset,
    ...Object.fromEntries(Object.entries(defined).filter(([, value]) => value !== undefined)),
    name,
    baseUrl,
    apiKey: () => endpointKey(endpoint, servers),
    keyName: needsKey ? keyName : undefined,
    keyEnv,
    capabilities: { ...preset?.capabilities, ...endpoint.capabilities, ...known?.capabilities },
    tokenizer:
      typeof tokenizer === 'string' && isTokenizerPath(tokenizer) ? resolve(servers.home, tokenizer) : (tokenizer ?? preset?.tokenizer),
    headers: { ...preset?.headers, ...(await headers(endpoint, servers)) },
    tls: tls(endpoint, servers),
    transport: servers.transport,
  };
}

/** The empty string for none: what is absent would be looked for in this process' environment, which may not be the deck's. */
async function endpointKey({ name, keyName, keyEnv, key }: DeckEndpoint, { keys }: Servers): Promise<string> {
  const found = await keys.resolve({ keyName, envName: keyEnv });
  if (found === undefined && typeof key === 'object') {
    throw new LmdeckError('missing-key', `${name}: no API key: the environment variable ${key.env}, named in endpoints.yaml, is not set.`);
  }
  return found ?? '';
}

async function headers({ name, headers: given = {} }: DeckEndpoint, servers: Servers): Promise<Readonly<Record<string, string>>> {
  const entries = Object.entries(given).map(
    async ([header, value]) => [header, await secret(value, `${name}: the header ${header}`, servers)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

async function secret(value: SecretText, subject: string, { env, keys }: Servers): Promise<string> {
  if (typeof value === 'string') return value;
  const found = 'env' in value ? env[value.env] : await keys.get(value.key);
  if (found !== undefined && found !== '') return found;
  const where =
    'env' in value ? `the environment variable ${value.env}, which is not set` : `the key ${value.key}: lmdeck keys set ${value.key}`;
  throw new LmdeckError('config', `${subject} needs ${where}.`);
}

function tls({ name, tls: given }: DeckEndpoint, { home }: Servers): ServerOptions['tls'] {
  if (given === undefined) return undefined;
  const { ca, verify } = given;
  const path = ca === undefined ? undefined : resolve(home, ca);
  const pem = path === undefined ? undefined : readText(path);
  if (path !== undefined && pem === undefined)
    throw new LmdeckError('config', `${name}: there is no certificate file ${path} ("tls.ca" in endpoints.yaml).`);
  return { ...(pem === undefined ? {} : { ca: pem }), ...(verify === undefined ? {} : { verify }) };
}
