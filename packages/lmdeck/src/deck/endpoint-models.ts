import { LmdeckError } from '../core/index.ts';
import { serverOptions, type Servers } from './endpoint-model.ts';
import type { DeckEndpoint } from './endpoints.ts';
import type { ModelInfo } from './plugin.ts';

/** How long a server may take to list its models. */
const REMOTE_MS = 5000;

/** The models that endpoints are known to have; `remote` also asks the servers. One that fails is an entry with a warning. */
export async function endpointModels(
  endpoints: readonly DeckEndpoint[],
  servers: Servers,
  { remote = false, signal }: { readonly remote?: boolean | undefined; readonly signal?: AbortSignal | undefined },
): Promise<readonly ModelInfo[]> {
  const lists = endpoints.map(async (endpoint) => {
    const known = (endpoint.models ?? []).map((model): ModelInfo => ({
      ...infoOf(endpoint, model.id),
      aliases: model.aliases ?? [],
      ...(model.name === undefined ? {} : { description: model.name }),
      ...(model.price === undefined ? {} : { price: model.price }),
    }));
    return remote ? [...known, ...(await servedModels(endpoint, servers, new Set(known.map((each) => each.id)), signal))] : known;
  });
  return (await Promise.all(lists)).flat();
}

async function servedModels(
  endpoint: DeckEndpoint,
  servers: Servers,
  known: ReadonlySet<string>,
  signal?: AbortSignal,
): Promise<readonly ModelInfo[]> {
  const { listModels } = await import('../models/index.ts');
  const limit = AbortSignal.timeout(REMOTE_MS);
  try {
    const served = await listModels(await serverOptions(endpoint, servers), {
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    });
    const names = new Map((endpoint.models ?? []).map((model) => [model.name ?? model.id, model.id]));
    return served.map(({ id }) => infoOf(endpoint, names.get(id) ?? id)).filter(({ id }) => !known.has(id));
  } catch (error) {
    if (signal?.aborted === true) throw LmdeckError.from(signal.reason, 'aborted');
    const { code, message } = LmdeckError.from(error);
    // Nobody runs all of the servers that lmdeck knows, or has a key for each.
    if (endpoint.source === 'built-in' && (code === 'network' || code === 'missing-key')) return [];
    return [
      {
        id: endpoint.name,
        aliases: [],
        source: endpoint.name,
        warning: `The models of ${endpoint.name} (${endpoint.baseUrl}) are not known: ${message}`,
      },
    ];
  }
}

function infoOf({ name, keyName, needsKey }: DeckEndpoint, id: string): ModelInfo {
  return { id: `${name}/${id}`, aliases: [], source: name, ...(needsKey && keyName !== undefined ? { keyName } : {}) };
}
