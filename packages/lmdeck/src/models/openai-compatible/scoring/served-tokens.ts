import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/index.ts';
import { logprobValue, type ServedToken } from './served-token.ts';
import type { UnreadArray } from './unread-arrays.ts';

/** Tokens of a prompt, and where they begin. */
export interface ServedTokens {
  readonly tokens: readonly ServedToken[];
  readonly offsets?: readonly number[];
}

/**
 * The tokens of an echoed prompt in the format of raw completions: parallel arrays `tokens`, `token_logprobs`, `top_logprobs`,
 * `text_offset`, with null for the first. A token is greedy when no listed one is likelier (lm-evaluation-harness's rule).
 * @param unread lists of alternatives that were taken out of the answer; see `takeOutArrays`.
 */
export function echoedTokens(choice: JsonObject, unread: readonly UnreadArray[] = []): ServedTokens | undefined {
  const logprobs = choice['logprobs'];
  if (!isJsonObject(logprobs)) return undefined;
  const { tokens, token_logprobs: values, top_logprobs: tops, text_offset: offsets } = logprobs;
  if (!Array.isArray(tokens) || !Array.isArray(values) || tokens.length !== values.length) return undefined;
  const alternatives = Array.isArray(tops) ? tops : typeof tops === 'number' ? unread[tops] : undefined;
  const served = tokens.map((text: JsonValue, i) => new EchoedToken(text, logprobValue(values[i]), alternatives, i));
  const places = Array.isArray(offsets) ? offsets.filter((each) => typeof each === 'number') : [];
  return places.length === served.length ? { tokens: served, offsets: places } : { tokens: served };
}

/** Whether it is the likeliest is found out when somebody asks: of most tokens of a prompt nobody wants to know. */
class EchoedToken implements ServedToken {
  readonly text: string;
  readonly logprob: number | undefined;
  readonly #alternatives: { at(index: number): JsonValue | undefined } | undefined;
  readonly #index: number;

  constructor(
    text: JsonValue,
    logprob: number | undefined,
    alternatives: { at(index: number): JsonValue | undefined } | undefined,
    index: number,
  ) {
    this.text = typeof text === 'string' ? text : '';
    this.logprob = logprob;
    this.#alternatives = alternatives;
    this.#index = index;
  }

  get isGreedy(): boolean | undefined {
    return this.logprob === undefined ? undefined : isGreedy(this.logprob, this.#alternatives?.at(this.#index));
  }
}

/** `top` is an object by text, or a list of objects with `logprob`. */
function isGreedy(logprob: number, top: JsonValue | undefined): boolean | undefined {
  let isKnown = false;
  const isList = Array.isArray(top);
  for (const each of isList ? top : isJsonObject(top) ? Object.values(top) : []) {
    const value = logprobValue(!isList ? each : isJsonObject(each) ? each['logprob'] : undefined);
    if (value === undefined) continue;
    if (value > logprob) return false;
    isKnown = true;
  }
  return isKnown ? true : undefined;
}

/**
 * The tokens of vLLM's `prompt_logprobs`: a list with null for the first token, then objects from token id to `{ logprob, rank,
 * decoded_token }`. Asked for 0 alternatives it lists the token itself alone; of two, the token is the one that is not the likeliest. (JSON
 * objects do not keep the order of numeric keys, so the order says nothing.)
 */
export function promptTokens(list: JsonValue | undefined): ServedTokens | undefined {
  if (!Array.isArray(list)) return undefined;
  const tokens: ServedToken[] = [];
  for (const entry of list) {
    if (entry === null) {
      tokens.push({ text: tokens.length === 0 ? undefined : '', logprob: undefined, isGreedy: undefined });
      continue;
    }
    const token = isJsonObject(entry) ? promptToken(entry) : undefined;
    if (token === undefined) return undefined;
    tokens.push(token);
  }
  return { tokens };
}

function promptToken(entry: JsonObject): ServedToken | undefined {
  const listed = Object.entries(entry);
  if (listed.length > 2) return undefined;
  const [id, value] = listed.find(([, each]) => listed.length === 1 || (isJsonObject(each) && Number(each['rank']) > 1)) ?? [];
  if (!isJsonObject(value)) return undefined;
  const { decoded_token: text, rank } = value;
  return {
    text: typeof text === 'string' ? text : '',
    logprob: logprobValue(value['logprob']),
    isGreedy: typeof rank === 'number' ? rank === 1 : undefined,
    tokenId: Number(id),
  };
}
