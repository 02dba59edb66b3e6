import type { EndpointPreset } from '../models/index.ts';
import { builtInPresets } from './built-in.ts';
import type { EndpointDefinition } from './endpoint-definition.ts';
import { readText } from './json-file.ts';
import { forgetParsed } from './parsed-file.ts';

/** A server that models can be asked of: an entry of `endpoints.yaml`, a built-in one, or both in one. */
export interface DeckEndpoint extends EndpointDefinition {
  readonly source: 'built-in' | 'file';
  readonly baseUrl: string;
  /** Name of the stored key that is sent to it. */
  readonly keyName?: string;
  /** Environment variable with the key, looked at when none is stored. */
  readonly keyEnv?: string;
  /** True when the server is known to want a key. */
  readonly needsKey: boolean;
}

/** The endpoints of a user: those of `endpoints.yaml`, then the built-in ones. */
export interface Endpoints {
  readonly path: string;
  /** @throws LmdeckError `config` when the file is wrong; it says where. */
  list(): Promise<readonly DeckEndpoint[]>;
  get(name: string): Promise<DeckEndpoint | undefined>;
  /** Those endpoints that name this model (without the endpoint's name) or alias. */
  withModel(idOrAlias: string): Promise<readonly DeckEndpoint[]>;
  /** Writes an endpoint into the file. @throws LmdeckError `usage` when there is one of this name or something is wrong with it. */
  add(definition: EndpointDefinition): Promise<void>;
  /** False when the file has none of this name. */
  remove(name: string): Promise<boolean>;
}

type Env = Readonly<Record<string, string | undefined>>;
type Presets = ReadonlyMap<string, EndpointPreset>;

/** The endpoints in an `endpoints.yaml`; the file is made by the first `add`. */
export function openEndpoints(path: string, env: Env): Endpoints {
  let parsed: { readonly text: string; readonly endpoints: Promise<readonly EndpointDefinition[]> } | undefined;
  const file = async (): Promise<{ path: string; presets: readonly string[] }> => ({ path, presets: [...(await builtInPresets()).keys()] });

  const parse = async (text: string): Promise<readonly EndpointDefinition[]> => {
    const { parseEndpoints } = await import('./endpoint-file.ts');
    return parseEndpoints(await file(), text);
  };

  /**
   * Parsing costs tens of milliseconds (most of it is loading the parser), so the file is parsed only when it is about all
   * endpoints, or when its text has the name that is looked for.
   */
  const definitions = async (name?: string): Promise<readonly EndpointDefinition[]> => {
    const text = readText(path);
    if (text === undefined) forgetParsed(path);
    if (text === undefined || (name !== undefined && !text.includes(name))) return [];
    if (parsed?.text !== text) parsed = { text, endpoints: parse(text) };
    return parsed.endpoints;
  };
  /** Those of the file, then those built-in ones that the file does not replace. */
  const all = async (name?: string): Promise<readonly DeckEndpoint[]> => {
    const presets = await builtInPresets();
    const own = (await definitions(name)).map((each) => configured(each, presets, env));
    const replaced = new Set(own.map((each) => each.name));
    return [...own, ...[...presets.values()].filter((each) => !replaced.has(each.name)).map((each) => builtIn(each, env))];
  };

  return {
    path,
    list: () => all(),
    get: async (name) => (await all(name)).find((each) => each.name === name),
    withModel: async (name) =>
      (await all(name)).filter(({ models = [] }) => models.some(({ id, aliases }) => id === name || aliases?.includes(name))),
    add: async (definition) => (await import('./endpoint-file.ts')).addEndpoint(await file(), definition),
    remove: async (name) => (await import('./endpoint-file.ts')).removeEndpoint(await file(), name),
  };
}

function builtIn({ name, keyName, keyEnv, defaultModel, ...preset }: EndpointPreset, env: Env): DeckEndpoint {
  return {
    name,
    preset: name,
    source: 'built-in',
    baseUrl: baseUrlFromEnv({ name, ...preset }, env) ?? preset.baseUrl,
    needsKey: keyName !== undefined,
    ...(keyName === undefined ? {} : { keyName }),
    ...(keyEnv === undefined ? {} : { keyEnv }),
    ...(defaultModel === undefined ? {} : { models: [{ id: defaultModel }] }),
  };
}

function configured(definition: EndpointDefinition, presets: Presets, env: Env): DeckEndpoint {
  const preset = presets.get(definition.preset ?? definition.name);
  const base = preset === undefined ? undefined : builtIn(preset, env);
  const baseUrl = definition.baseUrl ?? base?.baseUrl ?? '';
  return {
    ...(base?.preset === undefined ? {} : { preset: base.preset }),
    ...(base?.models === undefined || baseUrl !== base.baseUrl ? {} : { models: base.models }),
    ...definition,
    source: 'file',
    baseUrl,
    ...keySource(definition, base),
  };
}

/**
 * A preset's key goes to the preset's own server alone: an entry under another name and with another base URL gets the key
 * that is stored under its own name, if there is one.
 */
function keySource(definition: EndpointDefinition, base: DeckEndpoint | undefined): Pick<DeckEndpoint, 'keyName' | 'keyEnv' | 'needsKey'> {
  const { name, key, baseUrl } = definition;
  if (typeof key === 'string') return { keyName: key, needsKey: true };
  if (key !== undefined) return { keyEnv: key.env, needsKey: true };
  if (base === undefined || (baseUrl !== undefined && name !== base.name)) return { keyName: name, needsKey: false };
  return {
    keyName: base.keyName ?? name,
    // A proxy of the user's may have the key itself.
    needsKey: base.needsKey && baseUrl === undefined,
    ...(base.keyEnv === undefined ? {} : { keyEnv: base.keyEnv }),
  };
}

/** `OPENAI_BASE_URL` and the like, for every known server; for Ollama also what its own client reads. */
function baseUrlFromEnv({ name, baseUrlEnv }: EndpointPreset, env: Env): string | undefined {
  const url = env[baseUrlEnv ?? `${name.toUpperCase().replaceAll('-', '_')}_BASE_URL`];
  if (url !== undefined && url !== '') return url;
  return name === 'ollama' ? ollamaUrl(env['OLLAMA_HOST']) : undefined;
}

/** `OLLAMA_HOST` is a host, a port, both or a URL; a server's listening address is where clients find it on this machine. */
function ollamaUrl(host: string | undefined): string | undefined {
  if (host === undefined || host.trim() === '') return undefined;
  const trimmed = host.trim().replace(/\/+$/, '');
  const url = URL.parse(trimmed.includes('://') ? trimmed : `http://${trimmed.startsWith(':') ? `127.0.0.1${trimmed}` : trimmed}`);
  if (url === null) return undefined;
  if (url.hostname === '0.0.0.0' || url.hostname === '[::]') url.hostname = '127.0.0.1';
  if (url.port === '' && !trimmed.includes('://')) url.port = '11434';
  return `${url.href.replace(/\/+$/, '')}/v1`;
}
