import { isSecretName, type JsonObject } from '../core/index.ts';

const HIDDEN = '***';

/** Keys that can be told by their form. Narrower than what is taken out of error messages: an answer that only speaks of keys must stay as it is. */
const PATTERNS: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/\b(sk|pk|rk|gsk|xai|hf|ghp|gho|ghs|glpat|xoxb|xoxp|xapp)([-_])(?=[\w-]*\d)[\w-]{20,}/g, `$1$2${HIDDEN}`],
  [/\bgithub_pat_\w{20,}/g, `github_pat_${HIDDEN}`],
  [/\bAIza[\w-]{30,}/g, `AIza${HIDDEN}`],
  [/\b(AKIA|ASIA)[0-9A-Z]{16}\b/g, `$1${HIDDEN}`],
  [/\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/g, `eyJ${HIDDEN}`],
  [/\b(bearer|basic)\s+(?=[\w.~+/-]*\d)[\w.~+/-]{20,}=*/gi, `$1 ${HIDDEN}`],
];

/** Shorter ones are words that may stand anywhere. */
const LEAST_CHARS = 8;

/** Takes secrets out of what is written down. */
export type Scrubber = (text: string) => string;

/** Replaces what looks like a key or a token, and every one of `values`, by `***`. */
export function scrubber(values: Iterable<string>): Scrubber {
  // The longest first: one may be the beginning of another.
  const secrets = [...new Set(values)].filter((value) => value.length >= LEAST_CHARS).sort((a, b) => b.length - a.length);
  return (text) => {
    let result = text;
    for (const secret of secrets) if (result.includes(secret)) result = result.replaceAll(secret, HIDDEN);
    for (const [pattern, replacement] of PATTERNS) result = result.replace(pattern, replacement);
    return result;
  };
}

/** The values of those variables that are called like secrets. */
export function secretsIn(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(env).flatMap(([name, value]) => (value !== undefined && isSecretName(name) ? [value] : []));
}

/** A JSON value with every text scrubbed, but for the data of attachments; the value itself when that changes nothing. */
export function scrubbed<T>(value: T, scrub: Scrubber): T {
  const before = JSON.stringify(value);
  const after = JSON.stringify(value, (key, each: unknown) => (typeof each === 'string' && key !== 'data' ? scrub(each) : each));
  if (after === before) return value;
  const copy: T = JSON.parse(after);
  return copy;
}

/** Options without the texts of fields that are called like secrets (`extraBody: { api_key }`); the same object where there are none. */
export function withoutNamedSecrets(options: JsonObject): JsonObject {
  const hidden = JSON.stringify(options, (name, each: unknown) =>
    typeof each === 'string' && each.length >= LEAST_CHARS && isSecretName(name) ? HIDDEN : each,
  );
  if (hidden === JSON.stringify(options)) return options;
  const copy: JsonObject = JSON.parse(hidden);
  return copy;
}
