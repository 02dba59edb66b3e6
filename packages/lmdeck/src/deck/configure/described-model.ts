import { LmdeckError, type JsonObject, type Model } from '../../core/index.ts';
import { builtInPresets } from '../built-in.ts';
import { ConfigMistake } from '../config-shape.ts';
import type { Deck } from '../deck.ts';
import { endpointDefinition, type EndpointDefinition } from '../endpoint-definition.ts';
import { endpointModel } from '../endpoint-model.ts';
import type { DeckEndpoint } from '../endpoints.ts';
import { openKeys } from '../keys.ts';

/**
 * The model that a description's `model` and `endpoint` stand for; the endpoint is written as an entry of `endpoints.yaml`. A key goes to a
 * server that is known to get it alone (an endpoint of the deck, or a built-in one): a file from somewhere else must not send it away.
 *
 * @throws LmdeckError `config` for what is wrong with the description, and for a key that would go to an unknown server.
 */
export async function describedModel({ model, endpoint }: JsonObject, deck?: Deck): Promise<Model> {
  if (typeof model !== 'string') throw new LmdeckError('config', 'A chat model needs the name of the "model" at its server.');
  const presets = await builtInPresets();
  const definition = checkedDefinition(endpoint, [...presets.keys()]);
  const { baseUrl } = definition;
  if (baseUrl === undefined)
    throw new LmdeckError('config', `The endpoint ${definition.name} needs a "baseUrl", such as http://127.0.0.1:8000/v1.`);
  const known = deck === undefined ? [...presets.values()] : await deck.endpoints.list();
  const described: DeckEndpoint = { ...definition, source: 'file', baseUrl, ...keyFor({ ...definition, baseUrl }, known) };
  const { env } = process;
  const keys = deck?.keys ?? openKeys({ path: '', env, onWarning: () => undefined });
  return endpointModel(described, model, { home: deck?.paths.home ?? '', env, keys });
}

interface Target {
  readonly baseUrl: string;
  readonly keyName?: string | undefined;
  readonly keyEnv?: string | undefined;
}

function checkedDefinition(endpoint: JsonObject[string], presets: readonly string[]): EndpointDefinition {
  try {
    return endpointDefinition(endpoint, ['endpoint'], presets);
  } catch (error) {
    if (error instanceof ConfigMistake)
      throw new LmdeckError('config', `In the description of a model: ${error.message}`, { cause: error });
    throw error;
  }
}

function keyFor(
  { name, key, baseUrl }: EndpointDefinition & { readonly baseUrl: string },
  known: readonly Target[],
): Pick<DeckEndpoint, 'keyName' | 'keyEnv' | 'needsKey'> {
  if (key === undefined) return { needsKey: false };
  const wanted = typeof key === 'string' ? key : key.env;
  const origin = URL.parse(baseUrl)?.origin;
  const target = known.find((each) => (each.keyName === wanted || each.keyEnv === wanted) && URL.parse(each.baseUrl)?.origin === origin);
  if (target === undefined) {
    const add = `lmdeck models add ${name} ${baseUrl} --key ${typeof key === 'string' ? key : 'NAME'}`;
    throw new LmdeckError(
      'config',
      `The description of a model would send the key ${wanted} to ${origin}, which is not known to get it. If it should: ${add}`,
    );
  }
  return {
    needsKey: true,
    ...(target.keyName === undefined ? {} : { keyName: target.keyName }),
    ...(target.keyEnv === undefined ? {} : { keyEnv: target.keyEnv }),
  };
}
