import { isJsonObject, LmdeckError, type JsonObject, type JsonValue, type Tokenizer } from '../../../core/index.ts';
import { EndpointClient } from '../endpoint-client.ts';
import type { Endpoint } from '../endpoint.ts';
import { listModels } from '../list-models.ts';
import { serverRoot } from '../server-root.ts';
import { openAiContextSize } from './openai-context-size.ts';

/**
 * How many tokens prompt and answer can have together, where somebody says so: the server beside its tokenizer, OpenAI's documentation, the
 * list of models (vLLM, SGLang, OpenRouter), or llama-server and TGI of themselves.
 * @throws LmdeckError when the server does not answer; one that does not know is `undefined`.
 */
export async function servedContextSize(
  endpoint: Endpoint,
  model: string,
  tokenizer: (() => Promise<Tokenizer>) | undefined,
): Promise<number | undefined> {
  if (endpoint.tokenizer === 'tiktoken') {
    const known = openAiContextSize(model);
    if (known !== undefined) return known;
  }
  return (
    (endpoint.tokenizer === 'remote' ? await ofTokenizer(tokenizer) : undefined) ??
    (await ofList(endpoint, model)) ??
    // A public service has no such paths.
    (endpoint.tokenizer === 'tiktoken' ? undefined : await ofServer(endpoint))
  );
}

async function ofTokenizer(tokenizer: (() => Promise<Tokenizer>) | undefined): Promise<number | undefined> {
  const found = await unlessUnknown(async () => tokenizer?.());
  return found !== undefined && 'contextSize' in found && typeof found.contextSize === 'number' ? found.contextSize : undefined;
}

async function ofList(endpoint: Endpoint, model: string): Promise<number | undefined> {
  const list = await unlessUnknown(() => listModels(endpoint));
  return list?.find((each) => each.id === model)?.contextTokens;
}

async function ofServer(endpoint: Endpoint): Promise<number | undefined> {
  const root = new EndpointClient({ ...endpoint, baseUrl: serverRoot(endpoint.baseUrl) });
  const { default_generation_settings: settings } = await facts(root, '/props');
  if (isJsonObject(settings) && typeof settings['n_ctx'] === 'number') return settings['n_ctx'];
  const { max_total_tokens: most } = await facts(root, '/info');
  return typeof most === 'number' ? most : undefined;
}

/** What a server says of itself under this path; empty where it says nothing. */
async function facts(root: EndpointClient, path: string): Promise<JsonObject> {
  const text = await unlessUnknown(async () => (await root.send(path, undefined, 'application/json', {})).text());
  let value: JsonValue | undefined;
  try {
    value = JSON.parse(text ?? 'null');
  } catch {
    // Some page: the server has no such path.
  }
  return isJsonObject(value) ? value : {};
}

/** A server that has not what it is asked for says nothing; one that is away is an error. */
async function unlessUnknown<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    const { code } = LmdeckError.from(error);
    if (code === 'not-found' || code === 'capability' || code === 'invalid-request' || code === 'invalid-response' || code === 'permission')
      return undefined;
    throw error;
  }
}
