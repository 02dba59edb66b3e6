import { isJsonObject, type JsonObject, type JsonValue, type TokenLogprob } from '../../core/index.ts';
import { keyToken } from './token-keys.ts';

type Alternative = NonNullable<TokenLogprob['top']>[number];

/**
 * The log-probabilities of a choice: chat's `content` and `refusal` lists, or the parallel arrays of raw completions
 * (`tokens`, `token_logprobs`, `top_logprobs`). Tokens without a number (the first one of an echoed prompt) are left out.
 */
export function decodeLogprobs(raw: JsonObject): readonly TokenLogprob[] {
  const tokens: TokenLogprob[] = [];
  if (Array.isArray(raw['content'])) pushEntries(raw['content'], tokens);
  if (Array.isArray(raw['refusal'])) pushEntries(raw['refusal'], tokens);
  if (Array.isArray(raw['tokens'])) pushArrays(raw, raw['tokens'], tokens);
  return tokens;
}

function pushEntries(entries: readonly JsonValue[], tokens: TokenLogprob[]): void {
  for (const entry of entries) {
    if (!isJsonObject(entry)) continue;
    const base = alternative(entry);
    if (base === undefined) continue;
    const token: { -readonly [K in keyof TokenLogprob]: TokenLogprob[K] } = base;
    const id = typeof entry['id'] === 'number' ? entry['id'] : tokenIdOf(base.token);
    if (id !== undefined) token.tokenId = id;
    const top = entry['top_logprobs'];
    if (Array.isArray(top) && top.length > 0) token.top = top.flatMap((each) => (isJsonObject(each) ? (alternative(each) ?? []) : []));
    tokens.push(token);
  }
}

function alternative(entry: JsonObject): Alternative | undefined {
  const { token, logprob, bytes } = entry;
  if (typeof token !== 'string' || typeof logprob !== 'number') return undefined;
  return isBytes(bytes) ? { token, logprob, bytes } : { token, logprob };
}

function isBytes(value: JsonValue | undefined): value is readonly number[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'number');
}

function pushArrays(raw: JsonObject, texts: readonly JsonValue[], tokens: TokenLogprob[]): void {
  const logprobs = raw['token_logprobs'];
  const tops = raw['top_logprobs'];
  for (let i = 0; i < texts.length; i++) {
    const token = texts[i];
    const logprob = Array.isArray(logprobs) ? logprobs[i] : undefined;
    if (typeof token !== 'string' || typeof logprob !== 'number') continue;
    const top: JsonValue | undefined = Array.isArray(tops) ? tops[i] : undefined;
    const id = tokenIdOf(token);
    tokens.push({ token, logprob, ...(id === undefined ? {} : { tokenId: id }), ...(isJsonObject(top) ? { top: topOf(top) } : {}) });
  }
}

/** vLLM can give token ids in place of texts (`--return-tokens-as-token-ids`). */
function tokenIdOf(token: string): number | undefined {
  const digits = token.startsWith('token_id:') ? token.slice('token_id:'.length) : '';
  return /^\d+$/.test(digits) ? Number(digits) : undefined;
}

function topOf(top: JsonObject): readonly Alternative[] {
  return Object.entries(top).flatMap(([token, logprob]) => (typeof logprob === 'number' ? [{ token: keyToken(token), logprob }] : []));
}
