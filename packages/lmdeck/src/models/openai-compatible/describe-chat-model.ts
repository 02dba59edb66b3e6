import type { JsonValue, ModelDescription } from '../../core/index.ts';
import type { ChatModelOptions } from './chat-model.ts';
import { fieldsWithoutSecrets } from './sent-secrets.ts';

/** Parameters of a URL's query that are no secret: Azure's version. */
const PLAIN_PARAMETERS: ReadonlySet<string> = new Set(['api-version']);

/**
 * A model as data; `endpoint` has the fields of an entry of endpoints.yaml. What is or may be a secret is left out: the key (where it is
 * looked for stays), headers, credentials in URLs and in fields of the body.
 *
 * @param preset the built-in endpoint whose protocol it speaks, where that is not OpenAI's.
 */
export function describeChatModel(options: ChatModelOptions, preset?: string): ModelDescription {
  const { name, baseUrl, model, keyName, keyEnv, proxy, tls } = options;
  const { extraBody, refuses, maxTokensField, reasoningField, sendReasoning, sendBack, batchPrompts, batchScores, tokenizer, contextSize } =
    options;
  const { score, ...capabilities } = options.capabilities ?? {};
  const endpoint = {
    name,
    preset,
    baseUrl: withoutCredentials(baseUrl),
    key: keyName ?? (keyEnv === undefined ? undefined : { env: keyEnv }),
    extraBody: fieldsWithoutSecrets(extraBody),
    refuses,
    maxTokensField,
    reasoningField,
    sendReasoning,
    sendBack,
    batches: describeBatches(options.batches),
    batchPrompts,
    // How a server scores is found out, not configured, but for the size of requests.
    batchScores: batchScores ?? score?.batch,
    // One that a function makes is not data.
    tokenizer: typeof tokenizer === 'function' ? undefined : tokenizer,
    contextSize,
    capabilities: Object.keys(capabilities).length === 0 ? undefined : capabilities,
    tls: tls?.verify === undefined ? undefined : { verify: tls.verify },
    proxy: typeof proxy === 'string' ? withoutCredentials(proxy) : proxy,
  };
  // The types of settings are data, but not to the letter: undefined fields and read-only lists.
  return JSON.parse(JSON.stringify({ type: 'chat', model, endpoint }));
}

function describeBatches(batches: ChatModelOptions['batches']): JsonValue | undefined {
  if (batches === undefined || batches === false) return batches;
  const { protocol, priceShare, limits } = batches;
  return { protocol, priceShare, ...limits };
}

function withoutCredentials(text: string): string {
  const url = URL.parse(text);
  if (url === null) return text;
  url.username = '';
  url.password = '';
  for (const name of Array.from(url.searchParams.keys())) if (!PLAIN_PARAMETERS.has(name)) url.searchParams.delete(name);
  return url.href.replace(/\/$/, '');
}
