type Headers = Readonly<Record<string, string>>;

/** What is counted. */
export type RateLimitKind = 'requests' | 'tokens' | 'inputTokens' | 'outputTokens';

/** What the head of an answer says about one limit of the server's. */
export interface RateLimitFact {
  readonly kind: RateLimitKind;
  /** How much there can be in `spanMs`. */
  readonly limit: number;
  /** A second, a minute or longer; `undefined` when it is longer than a minute and not known better. */
  readonly spanMs: number | undefined;
  /** How much of it was left when the server answered. */
  readonly remaining?: number;
  /** How long until all of it is there again, milliseconds. */
  readonly resetMs?: number;
}

const SECOND = 1000;
const MINUTE = 60_000;
const DAY = 86_400_000;

/** Names of the headers of one limit; `*` stands for `limit`, `remaining`, `reset`. */
interface Family {
  readonly kind: RateLimitKind;
  readonly name: string;
  /** Absent: a minute, unless the numbers say that it must be longer. */
  readonly spanMs?: number;
}

/** The first of a kind that is there counts. */
const FAMILIES: readonly Family[] = [
  // OpenAI, Azure, xAI, DeepSeek and most others; Groq and OpenAI's lower tiers count requests by the day under this name.
  { kind: 'requests', name: 'x-ratelimit-*-requests' },
  { kind: 'tokens', name: 'x-ratelimit-*-tokens' },
  // Mistral, Cerebras.
  { kind: 'requests', name: 'x-ratelimit-*-req-minute', spanMs: MINUTE },
  { kind: 'requests', name: 'x-ratelimit-*-requests-minute', spanMs: MINUTE },
  { kind: 'tokens', name: 'x-ratelimit-*-tokens-minute', spanMs: MINUTE },
  { kind: 'tokens', name: 'x-ratelimitbysize-*-minute', spanMs: MINUTE },
  // Anthropic. Its combined `tokens` repeat the tighter of the two below.
  { kind: 'requests', name: 'anthropic-ratelimit-requests-*', spanMs: MINUTE },
  { kind: 'inputTokens', name: 'anthropic-ratelimit-input-tokens-*', spanMs: MINUTE },
  { kind: 'outputTokens', name: 'anthropic-ratelimit-output-tokens-*', spanMs: MINUTE },
  // Fireworks.
  { kind: 'inputTokens', name: 'x-ratelimit-*-tokens-prompt', spanMs: SECOND },
  { kind: 'outputTokens', name: 'x-ratelimit-*-tokens-generated', spanMs: SECOND },
];

/** Together counts by the second. */
const TOGETHER: readonly Family[] = [
  { kind: 'requests', name: 'x-ratelimit-*', spanMs: SECOND },
  { kind: 'tokens', name: 'x-tokenlimit-*', spanMs: SECOND },
  { kind: 'tokens', name: 'x-ratelimit-*-tokens', spanMs: SECOND },
];

/** OpenRouter and others do not say of what; only where they name the end of the span can it be known. */
const PLAIN: Family = { kind: 'requests', name: 'x-ratelimit-*' };

/** What may be in the head at all, before anything is taken apart. */
const ANY = /ratelimit|tokenlimit/;

/**
 * The limits that the head of an answer tells, as OpenAI, Anthropic, Azure, Cerebras, Fireworks, Groq, Mistral, OpenRouter, Together and those that
 * copy them write them. Resets can be durations (`6m0s`, `120ms`), seconds, dates or seconds or milliseconds since 1970. Limits that the
 * server leaves open (0, -1) are left out.
 *
 * A limit of requests whose name tells no span is one of a minute, unless its reset lies further away than that, or its bucket refills at
 * the pace of a day (`limit × reset ÷ used`), which is how Groq tells requests per day.
 *
 * @param headers names in lower case.
 * @param now milliseconds since 1970, for resets that are dates; the answer's own `date` is preferred.
 *
 * @example
 * ```ts
 * import { rateLimitFacts } from 'lmdeck/transport';
 *
 * const [tokens] = rateLimitFacts({ 'x-ratelimit-limit-tokens': '100000', 'x-ratelimit-reset-tokens': '600ms' });
 * console.log(tokens?.kind, tokens?.limit, tokens?.resetMs); // tokens 100000 600
 * ```
 */
export function rateLimitFacts(headers: Headers, now = Date.now()): RateLimitFact[] {
  if (!mentions(headers)) return [];
  const clock = Date.parse(headers['date'] ?? '') || now;
  const facts: RateLimitFact[] = [];
  const add = (family: Family): void => {
    if (facts.some(({ kind }) => kind === family.kind)) return;
    const fact = factOf(headers, family, clock);
    if (fact !== undefined) facts.push(fact);
  };
  if (isTogether(headers)) TOGETHER.forEach(add);
  else if (headers['x-ratelimit-reset'] !== undefined) add(PLAIN);
  FAMILIES.forEach(add);
  return facts;
}

/** Requests and tokens, but requests without the word. */
function isTogether(headers: Headers): boolean {
  if (headers['x-ratelimit-limit'] === undefined || headers['x-ratelimit-limit-requests'] !== undefined) return false;
  return headers['x-tokenlimit-limit'] !== undefined || headers['x-ratelimit-limit-tokens'] !== undefined;
}

function mentions(headers: Headers): boolean {
  for (const name in headers) if (ANY.test(name)) return true;
  return false;
}

function factOf(headers: Headers, { kind, name, spanMs }: Family, clock: number): RateLimitFact | undefined {
  const limit = count(headers[name.replace('*', 'limit')]);
  if (limit === undefined || limit === 0) return undefined;
  const remaining = count(headers[name.replace('*', 'remaining')]);
  const resetMs = resetOf(headers[name.replace('*', 'reset')], clock);
  return {
    kind,
    limit,
    spanMs: spanMs ?? spanOf(limit, remaining, resetMs),
    ...(remaining === undefined ? {} : { remaining }),
    ...(resetMs === undefined ? {} : { resetMs }),
  };
}

function spanOf(limit: number, remaining: number | undefined, resetMs: number | undefined): number | undefined {
  if (resetMs === undefined) return MINUTE;
  const used = remaining === undefined ? 0 : limit - remaining;
  const full = used > 0 ? (resetMs * limit) / used : 0;
  if (Math.abs(full - DAY) < DAY / 20) return DAY;
  // A little more than a minute: servers round up.
  return resetMs > MINUTE + 2 * SECOND ? undefined : MINUTE;
}

/** `100`, `100;w=60`, `99.5`; not `-1`. */
function count(text: string | undefined): number | undefined {
  const digits = text === undefined ? undefined : /^\s*(\d+(?:\.\d+)?)(?:\s*[;,].*)?\s*$/.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: SECOND, m: MINUTE, h: 3_600_000, d: DAY };

function resetOf(text: string | undefined, clock: number): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim();
  if (/^\d+(?:\.\d+)?$/.test(value)) {
    const number = Number(value);
    // Seconds since 1970 have ten digits, milliseconds thirteen; a duration of that many seconds would be decades.
    if (number >= 1e12) return Math.max(0, number - clock);
    return number >= 1e9 ? Math.max(0, number * SECOND - clock) : number * SECOND;
  }
  if (/^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/.test(value)) {
    let total = 0;
    for (const [, amount, unit = ''] of value.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)) total += Number(amount) * (UNITS[unit] ?? 0);
    return total;
  }
  const date = /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - clock);
}
