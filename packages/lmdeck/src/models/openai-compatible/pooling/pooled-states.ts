import { isJsonObject, LmdeckError, type HiddenStates, type JsonObject, type JsonValue, type Model } from '../../../core/index.ts';
import type { EncodingTarget } from '../encode-chat-request.ts';
import { encodeMessages } from '../encode-messages.ts';
import { EndpointClient } from '../endpoint-client.ts';
import { serverRoot } from '../server-root.ts';
import { unexpectedAnswer } from '../unexpected-answer.ts';

const PATH = '/pooling';
const FLOAT_BYTES = Float32Array.BYTES_PER_ELEMENT;

/**
 * The output of the last layer for every token, from vLLM's pooling endpoint (`vllm serve … --runner pooling`): the task `token_embed`,
 * not normalised. Base64 of little-endian floats comes a tenth the size of JSON numbers; servers that answer with numbers are read too.
 */
export function pooledStates(client: EndpointClient, target: EncodingTarget, modelId: string): NonNullable<Model['hiddenStates']> {
  const root = new EndpointClient({ ...client.endpoint, baseUrl: serverRoot(client.endpoint.baseUrl) });
  return async (input, { signal } = {}) => {
    const body = {
      ...target.extraBody,
      model: target.model,
      ...inputFields(input, target),
      task: 'token_embed',
      use_activation: false,
      encoding_format: 'base64',
      embed_dtype: 'float32',
      endianness: 'little',
    };
    const response = await root.send(PATH, JSON.stringify(body), 'application/json', signal === undefined ? {} : { signal });
    const text = await response.text();
    return hiddenStates(parsed(text, target.name), typeof input === 'string' || !isTokenIds(input) ? undefined : input, modelId);
  };
}

type Input = Parameters<NonNullable<Model['hiddenStates']>>[0];

function inputFields(input: Input, target: EncodingTarget): JsonObject {
  if (typeof input === 'string') return { input };
  if (isTokenIds(input)) return { input: [...input] };
  return { messages: encodeMessages(input, target) };
}

function isTokenIds(input: Exclude<Input, string>): input is readonly number[] {
  return typeof input[0] === 'number';
}

function parsed(text: string, name: string): JsonObject {
  try {
    const value: JsonValue = JSON.parse(text);
    if (isJsonObject(value)) return value;
  } catch (cause) {
    throw unexpectedAnswer(text, name, cause, 'hidden states');
  }
  throw unexpectedAnswer(text, name, undefined, 'hidden states');
}

function hiddenStates(body: JsonObject, tokenIds: readonly number[] | undefined, modelId: string): HiddenStates {
  const [first] = Array.isArray(body['data']) ? body['data'] : [];
  const states = isJsonObject(first) ? first['data'] : undefined;
  const ids = tokenIds === undefined ? {} : { tokenIds };
  if (Array.isArray(states)) return { ...ofRows(states, modelId), ...ids };
  if (typeof states === 'string') return { ...ofBase64(states, tokenIds?.length ?? promptTokens(body), modelId), ...ids };
  throw new LmdeckError('invalid-response', `${modelId}: the answer of ${PATH} has no states.`);
}

function ofRows(rows: readonly JsonValue[], modelId: string): HiddenStates {
  const [first] = rows;
  const size = Array.isArray(first) ? first.length : 0;
  if (size === 0) {
    throw new LmdeckError(
      'capability',
      `${modelId}: the server gives one vector for the whole text and not one for each token. It needs the pooling task token_embed (vllm serve --runner pooling).`,
      { data: { model: modelId, capability: 'hiddenStates' } },
    );
  }
  const data = new Float32Array(rows.length * size);
  for (const [i, row] of rows.entries()) {
    if (!Array.isArray(row) || row.length !== size || !row.every((each) => typeof each === 'number'))
      throw new LmdeckError('invalid-response', `${modelId}: the state of token ${i + 1} is not a list of ${size} numbers.`);
    data.set(row, i * size);
  }
  return { data, shape: [rows.length, size] };
}

/** The bytes do not say how many tokens they are of: the server's count of them does. */
function ofBase64(text: string, tokens: number, modelId: string): HiddenStates {
  const bytes = Buffer.from(text, 'base64');
  const size = bytes.length / FLOAT_BYTES / tokens;
  if (!Number.isInteger(size) || size === 0)
    throw new LmdeckError('invalid-response', `${modelId}: ${bytes.length} bytes of states do not divide among ${tokens} tokens.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { data: Float32Array.from({ length: tokens * size }, (_, i) => view.getFloat32(i * FLOAT_BYTES, true)), shape: [tokens, size] };
}

function promptTokens({ usage }: JsonObject): number {
  const count = isJsonObject(usage) ? usage['prompt_tokens'] : undefined;
  return typeof count === 'number' ? count : 0;
}
