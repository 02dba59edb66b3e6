import { isJsonObject, type JsonObject, type JsonValue } from '../../core/index.ts';
import { EndpointClient } from './endpoint-client.ts';
import type { Endpoint } from './endpoint.ts';
import type { EndpointPreset } from './presets.ts';
import { unexpectedAnswer } from './unexpected-answer.ts';

/** A model that a server has. */
export interface ServedModel {
  /** Its name on the wire. */
  readonly id: string;
  readonly ownedBy?: string;
  /** Milliseconds since 1970. */
  readonly createdAt?: number;
  /** Most tokens of prompt and answer together, where the server says so. */
  readonly contextTokens?: number;
}

/** One page that has them all: nobody has more. */
const LIST = { openai: '/models', anthropic: '/models?limit=1000', gemini: '/models?pageSize=1000' } as const;

/**
 * The models that a server offers (`GET /models`), in its order.
 * @throws LmdeckError as calls of {@link chatModel} do.
 *
 * @example
 * ```ts
 * import { listModels, presets } from 'lmdeck';
 *
 * const names = await listModels(presets.ollama).then((models) => models.map((model) => model.id), () => []);
 * console.log(names);
 * ```
 */
export async function listModels(
  endpoint: Endpoint & Pick<EndpointPreset, 'protocol'>,
  options: { readonly signal?: AbortSignal } = {},
): Promise<readonly ServedModel[]> {
  const response = await new EndpointClient(endpoint).send(LIST[endpoint.protocol ?? 'openai'], undefined, 'application/json', options);
  const text = await response.text();
  const list = entries(text, endpoint.name);
  return list.flatMap((entry) => {
    if (!isJsonObject(entry)) return [];
    if (typeof entry['id'] === 'string') return [served(entry, entry['id'])];
    // Gemini: `{"name": "models/…", "inputTokenLimit": …}`
    return typeof entry['name'] === 'string' ? [served(entry, entry['name'].replace(/^models\//, ''))] : [];
  });
}

function entries(text: string, name: string): readonly JsonValue[] {
  let body: JsonValue;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw unexpectedAnswer(text, name, cause, 'a list of models');
  }
  const list = isJsonObject(body) ? (body['data'] ?? body['models']) : body;
  if (Array.isArray(list)) return list;
  throw unexpectedAnswer(text, name, undefined, 'a list of models');
}

function served(entry: JsonObject, id: string): ServedModel {
  // Not llama-server's `n_ctx_train`: that is what the model was trained with, not what the server was started with.
  const contextTokens = [entry['context_length'], entry['max_model_len'], entry['inputTokenLimit']].find(
    (each) => typeof each === 'number',
  );
  return {
    id,
    ...(typeof entry['owned_by'] === 'string' ? { ownedBy: entry['owned_by'] } : {}),
    ...(typeof entry['created'] === 'number' ? { createdAt: entry['created'] * 1000 } : {}),
    ...(contextTokens === undefined ? {} : { contextTokens }),
  };
}
