import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/index.ts';
import { logprobValue, noNumber, type ServedToken } from './served-token.ts';
import type { UnreadArray } from './unread-arrays.ts';

/** Tokens of a prompt, and where they begin. */
export interface ServedTokens {
  readonly tokens: readonly ServedToken[];
  readonly offsets?: readonly number[] | undefined;
  /** The same without making all tokens, where that is possible: their texts, and the tokens from a place on. */
  readonly lean?: { readonly texts: readonly JsonValue[]; from(first: number): readonly ServedToken[] };
}

/**
 * The tokens of an echoed prompt in the format of raw completions: parallel arrays `tokens`, `token_logprobs`, `top_logprobs`,
 * `text_offset`, with null for the first. A token is greedy when no listed one is likelier (lm-evaluation-harness's rule).
 * @param generated how many tokens at the end are not of the prompt: they are left out.
 * @param unread lists of alternatives that were taken out of the answer; see `takeOutArrays`.
 */
export function echoedTokens(choice: JsonObject, generated = 0, unread: readonly UnreadArray[] = []): ServedTokens | undefined {
  const logprobs = choice['logprobs'];
  if (!isJsonObject(logprobs)) return undefined;
  const { tokens, token_logprobs: values, top_logprobs: tops, text_offset: offsets } = logprobs;
  if (!Array.isArray(tokens) || !Array.isArray(values) || tokens.length !== values.length) return undefined;
  const alternatives = Array.isArray(tops) ? tops : typeof tops === 'number' ? unread[tops] : undefined;
  return new EchoedTokens(tokens.slice(0, Math.max(0, tokens.length - generated)), values, alternatives, offsets, tokens.length);
}

interface Alternatives {
  at(index: number): JsonValue | undefined;
}

/** Most of a prompt's tokens nobody looks at: they are made when somebody does. */
class EchoedTokens implements ServedTokens {
  readonly texts: readonly JsonValue[];
  readonly #values: readonly JsonValue[];
  readonly #alternatives: Alternatives | undefined;
  readonly #offsets: JsonValue | undefined;
  /** How many tokens the offsets are of. */
  readonly #count: number;
  #tokens: readonly ServedToken[] | undefined;

  constructor(
    texts: readonly JsonValue[],
    values: readonly JsonValue[],
    alternatives: Alternatives | undefined,
    offsets: JsonValue | undefined,
    count: number,
  ) {
    this.texts = texts;
    this.#values = values;
    this.#alternatives = alternatives;
    this.#offsets = offsets;
    this.#count = count;
  }

  get tokens(): readonly ServedToken[] {
    return (this.#tokens ??= this.from(0));
  }

  get offsets(): readonly number[] | undefined {
    const places = Array.isArray(this.#offsets) ? this.#offsets.filter((each) => typeof each === 'number') : [];
    return places.length === this.#count ? places.slice(0, this.texts.length) : undefined;
  }

  get lean(): this {
    return this;
  }

  from(first: number): readonly ServedToken[] {
    return this.texts.slice(first).map((text, i) => new EchoedToken(text, this.#values[first + i], this.#alternatives, first + i));
  }
}

/** Whether it is the likeliest is found out when somebody asks: of most tokens of a prompt nobody wants to know. */
class EchoedToken implements ServedToken {
  readonly text: string;
  readonly logprob: number | undefined;
  readonly #value: JsonValue | undefined;
  readonly #alternatives: Alternatives | undefined;
  readonly #index: number;

  constructor(text: JsonValue, value: JsonValue | undefined, alternatives: Alternatives | undefined, index: number) {
    this.text = typeof text === 'string' ? text : '';
    this.logprob = logprobValue(value);
    this.#value = value;
    this.#alternatives = alternatives;
    this.#index = index;
  }

  get noNumber(): string | undefined {
    return noNumber(this.#value);
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
 * @param generated see {@link echoedTokens}.
 */
export function promptTokens(list: JsonValue | undefined, generated = 0): ServedTokens | undefined {
  if (!Array.isArray(list)) return undefined;
  const tokens: ServedToken[] = [];
  for (const entry of list.slice(0, Math.max(0, list.length - generated))) {
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
    noNumber: noNumber(value['logprob']),
    isGreedy: typeof rank === 'number' ? rank === 1 : undefined,
    tokenId: Number(id),
  };
}
