import {
  isJsonObject,
  LmdeckError,
  type CallContext,
  type JsonObject,
  type JsonValue,
  type ScoredText,
  type ScoreRequest,
  type TokenLogprob,
  type Usage,
} from '../../../core/index.ts';
import { answerJson } from '../answer-json.ts';
import { decodeUsage } from '../decode-usage.ts';
import type { EncodingTarget } from '../encode-chat-request.ts';
import type { EndpointClient } from '../endpoint-client.ts';
import { providerError } from '../provider-error.ts';
import { markedKeys } from '../token-keys.ts';
import { excerpt, unexpectedAnswer } from '../unexpected-answer.ts';

/** A server and the model to score with. */
export interface ScoreServer {
  readonly client: EndpointClient;
  /** The same server without the `/v1`: vLLM's and llama.cpp's own paths are there. */
  readonly root: EndpointClient;
  readonly target: EncodingTarget;
  readonly modelId: string;
}

/** Gives the tokens of several texts, outcomes in their order. */
export interface ScoreBackend {
  /** How it is done, for people. */
  readonly name: string;
  scores(requests: readonly ScoreRequest[], context: CallContext): Promise<readonly (ScoredText | LmdeckError)[]>;
}

/** An answer with its choices in the order of the prompts. */
export interface CompletionAnswer {
  readonly body: JsonObject;
  readonly choices: readonly JsonObject[];
  readonly usage: Usage | undefined;
}

/**
 * Sends a request and reads the JSON object it answers with.
 * @param shorten takes out of the text what is not to be parsed.
 * @throws LmdeckError the server's errors, `invalid-response` for anything but an object.
 */
export async function askServer(
  client: EndpointClient,
  path: string,
  body: JsonObject,
  context: CallContext,
  shorten: (text: string) => string = (text) => text,
): Promise<JsonObject> {
  const response = await client.send(path, JSON.stringify(body), 'application/json', context);
  const text = shorten(markedKeys(await response.text()));
  const { name } = client.endpoint;
  let answer: JsonValue;
  try {
    answer = answerJson(text);
  } catch (cause) {
    throw unexpectedAnswer(text, name, cause, 'JSON');
  }
  if (!isJsonObject(answer)) throw unexpectedAnswer(text, name, undefined, 'a JSON object');
  if (isJsonObject(answer['error']) || typeof answer['error'] === 'string' || answer['object'] === 'error')
    throw providerError(name, answer);
  return answer;
}

/** Fields that come with every request of this endpoint and call; those of the scoring win over them. */
export function extraFields({ target }: ScoreServer, request: ScoreRequest | undefined): JsonObject {
  const extra = request?.options['extraBody'];
  return { ...target.extraBody, ...(isJsonObject(extra) ? extra : {}) };
}

/** A completion, its choices sorted by index. @throws LmdeckError `invalid-response` when there are not `count` of them. */
export function completionAnswer(body: JsonObject, count: number, name: string): CompletionAnswer {
  const list = Array.isArray(body['choices']) ? body['choices'].filter((each) => isJsonObject(each)) : [];
  const choices = list.toSorted((a, b) => indexOf(a) - indexOf(b));
  if (choices.length !== count || choices.some((choice, i) => count > 1 && indexOf(choice) !== i)) {
    const got = `${choices.length} choice(s) for ${count} prompt(s): ${excerpt(JSON.stringify(body))}`;
    throw new LmdeckError('invalid-response', `${name}: the server answered with ${got}`);
  }
  return { body, choices, usage: isJsonObject(body['usage']) ? decodeUsage(body['usage']) : undefined };
}

function indexOf(choice: JsonObject): number {
  return typeof choice['index'] === 'number' ? choice['index'] : 0;
}

/** What was found out about one text. */
export function scoredText(tokens: readonly TokenLogprob[], usage: Usage, body: JsonObject): ScoredText {
  return {
    tokens,
    usage,
    ...(typeof body['id'] === 'string' && body['id'] !== '' ? { responseId: body['id'] } : {}),
    ...(typeof body['model'] === 'string' && body['model'] !== '' ? { resolvedModel: body['model'] } : {}),
  };
}

/**
 * The outcomes of several pieces of work, begun one after the other. What one is rejected for is its own outcome; after any other error
 * (the server is away, the caller has left) nothing more is begun, and the rest has the same outcome.
 */
export async function oneAfterAnother<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R | LmdeckError>,
): Promise<readonly (R | LmdeckError)[]> {
  const outcomes: (R | LmdeckError)[] = [];
  let over: LmdeckError | undefined;
  for (const item of items) {
    if (over === undefined) {
      try {
        outcomes.push(await work(item));
        continue;
      } catch (error) {
        if (!isRejection(error)) over = LmdeckError.from(error);
        outcomes.push(LmdeckError.from(error));
      }
    } else outcomes.push(over);
  }
  return outcomes;
}

/** True for an error that the server has of the request itself: another one may be answered. */
export function isRejection(error: unknown): error is LmdeckError {
  if (!LmdeckError.isInstance(error)) return false;
  switch (error.code) {
    case 'invalid-request':
    case 'invalid-response':
    case 'not-found':
    case 'capability':
    case 'usage':
      return true;
    default:
      // Servers fail with 500 over what they do not know.
      return error.code === 'server' && error.status === 500;
  }
}
