import { LmdeckError, type Usage } from '../../core/index.ts';
import type { RateLimitFact, RateLimitKind } from '../../transport/index.ts';
import { FairQueue, type Waiter } from './fair-queue.ts';
import { Pace } from './pace.ts';
import { Quota } from './quota.ts';
import type { LaneState, RateLimits } from './rate-limits.ts';

const SECOND = 1000;
const MINUTE = 60_000;
/** How many calls may be under way before anything is known of a server; one more for every answer. */
const FIRST_CALLS = 4;
/** When so many have gone well at once, nothing will come of waiting. */
const MOST_FIRST_CALLS = 512;
/** The wait after a refusal that names none, doubled with each in a row, milliseconds. */
const FIRST_HOLD_MS = 1000;
const LAST_HOLD_MS = 30_000;
/** Without limits: only counts. */
const COUNTING = Number.MAX_SAFE_INTEGER;

/** A call on its way through a limiter. */
export interface Admission extends Waiter {
  /** Which part of a request it is. */
  readonly share: number;
  /** Its tokens as they are guessed; not changed any more once it is let through. */
  readonly input: number;
  readonly output: number;
  /** When it was let through. */
  startedAt: number;
  /** How many were let through within the minute before it. */
  within: number;
  /** Guesses its tokens by what is known now. */
  guess(): void;
  /** It has been let through. */
  granted(): void;
  /** It will not be. */
  refused(error: LmdeckError): void;
}

/** How a call ended, as far as limits are concerned. */
export type LaneOutcome =
  | { readonly type: 'used'; readonly input: number; readonly output: number; readonly cachedInput: number }
  /** The server did not take it, but counts it. */
  | { readonly type: 'rejected' }
  /** It came too soon. */
  | { readonly type: 'refused' };

/** What is counted together: its limits, its pace, and who waits. */
export class Lane {
  readonly model: string | undefined;
  readonly queue = new FairQueue<Admission>();
  waiting = 0;
  /** What is under way: calls, requests, and tokens as they were guessed. */
  #calls = 0;
  #inFlight = 0;
  #input = 0;
  #output = 0;
  readonly #fixed: boolean;
  #quotas: Quota[];
  readonly #pace = new Pace();
  readonly #within: Quota;
  readonly #lately: Quota;
  #heldUntil = -Infinity;
  #refusals = 0;
  #mostInFlight: number;

  /** @param careful nothing is known of the server: begin with a few calls. */
  constructor(model: string | undefined, limits: RateLimits, careful: boolean, now: number) {
    this.model = model;
    this.#fixed = limits.fixed === true;
    this.#quotas = given(limits).map(({ kind, limit, spanMs }) => new Quota(kind, limit, spanMs, 'given', now));
    this.#within = new Quota('requests', COUNTING, MINUTE, 'given', now);
    this.#lately = new Quota('requests', COUNTING, SECOND, 'given', now);
    this.#mostInFlight = careful && this.#quotas.length === 0 ? FIRST_CALLS : Infinity;
  }

  /** Why a call of this size can never go. @param least tokens that its input has at the least. */
  tooLarge(modelId: string, least: number): LmdeckError | undefined {
    for (const { kind, limit, spanMs, source } of this.#quotas) {
      if (kind === 'requests' || kind === 'outputTokens' || least <= limit) continue;
      const span = spanMs === SECOND ? 'second' : 'minute';
      const whose = source === 'server' ? "the server's limit" : 'the limit that is set';
      return new LmdeckError(
        'invalid-request',
        `${modelId}: the request has at least ${least} input tokens; ${whose} is ${limit} ${kind === 'tokens' ? 'tokens' : 'input tokens'} per ${span}, so it can never be sent. Shorten it, or raise the limit.`,
        { data: { inputTokens: least, limit, kind, spanMs } },
      );
    }
    return undefined;
  }

  /** How long everything is held back because the server asked for it. */
  heldMs(now: number): number {
    return Math.max(0, this.#heldUntil - now);
  }

  /** How long until a call can go; 0: now; Infinity: when another one has ended. */
  waitMs(admission: Admission, now: number): number {
    if (this.#pace.rate < Infinity && this.#pace.rate >= (this.#toldRate() ?? Infinity)) this.#pace.forget();
    if (this.#heldUntil > now) return this.#heldUntil - now;
    if (this.#inFlight > 0 && this.#inFlight + admission.share > this.#mostInFlight) return Infinity;
    let wait = this.#pace.waitMs(admission.share, now);
    for (const quota of this.#quotas) {
      const each = quota.waitMs(cost(quota.kind, admission.share, admission.input, admission.output), now);
      if (each > wait) wait = each;
    }
    return wait;
  }

  take(admission: Admission, now: number): void {
    const { share, input, output } = admission;
    admission.startedAt = now;
    admission.within = this.#within.used(now);
    this.#within.take(share, now);
    this.#lately.take(share, now);
    this.#pace.take(share, now);
    for (const quota of this.#quotas) quota.take(cost(quota.kind, share, input, output), now);
    this.#calls++;
    this.#inFlight += share;
    this.#input += input;
    this.#output += output;
  }

  /** The call is over: what was reserved becomes what was used. */
  end({ share, input, output, startedAt }: Admission, outcome: LaneOutcome, now: number): void {
    this.#calls--;
    this.#inFlight = this.#calls === 0 ? 0 : this.#inFlight - share;
    this.#input -= input;
    this.#output -= output;
    const used = outcome.type === 'used' ? outcome : undefined;
    const requests = outcome.type === 'refused' ? 0 : share;
    if (outcome.type === 'refused') {
      this.#within.settle(-share, startedAt, now);
      this.#lately.settle(-share, startedAt, now);
    }
    for (const quota of this.#quotas) {
      if (quota.since > startedAt) continue;
      const after = cost(quota.kind, requests, (used?.input ?? 0) - uncounted(quota.kind, used?.cachedInput), used?.output ?? 0);
      const by = after - cost(quota.kind, share, input, output);
      if (by !== 0) quota.settle(by, startedAt, now);
    }
  }

  /** An answer has begun to come. */
  wentWell(): void {
    this.#refusals = 0;
    this.#mostInFlight = this.#mostInFlight >= MOST_FIRST_CALLS ? Infinity : this.#mostInFlight + 1;
  }

  /** The server has said what its limits are. */
  learn(facts: readonly RateLimitFact[], now: number): void {
    for (const { kind, limit, spanMs, remaining, resetMs } of facts) {
      if (spanMs === undefined || spanMs > MINUTE) continue;
      this.#mostInFlight = Infinity;
      let quota = this.#quotas.find((each) => each.kind === kind && each.spanMs === spanMs);
      if (quota === undefined) {
        if (!this.#fixed) this.#quotas = this.#quotas.filter((each) => each.source === 'server' || !replaces(kind, each.kind));
        this.#quotas.push((quota = new Quota(kind, limit, spanMs, 'server', now)));
        quota.take(this.#unseen(kind, spanMs, now), now);
      } else if (this.#fixed && quota.source === 'given' && limit >= quota.limit) continue;
      quota.correct(limit, remaining, resetMs, kind === 'requests' ? 0 : cost(kind, 0, this.#input, this.#output), now);
    }
  }

  /** The pace that the server's own limit of requests allows, per millisecond. */
  #toldRate(): number | undefined {
    let least: number | undefined;
    for (const { kind, source, rate } of this.#quotas)
      if (kind === 'requests' && source === 'server') least = Math.min(least ?? Infinity, rate);
    return least;
  }

  /** What a limit that is only now known must count: what was sent before, as far as it is known. */
  #unseen(kind: RateLimitKind, spanMs: number, now: number): number {
    if (kind === 'requests') return (spanMs === MINUTE ? this.#within : this.#lately).used(now);
    return cost(kind, 0, this.#input, this.#output);
  }

  /** The server refused a call for coming too soon, or is too busy for any. @returns true when it says to wait. */
  refusedBy(error: LmdeckError, admission: Admission, now: number): boolean {
    const { code, retryable, retryAfterMs } = error;
    if (!retryable || (code !== 'rate-limit' && retryAfterMs === undefined)) return false;
    let holdMs = retryAfterMs ?? 0;
    if (code === 'rate-limit') {
      this.#mostInFlight = Infinity;
      const lately = this.#lately.used(now) / SECOND;
      if (this.#pace.cut(admission, { lately, told: this.#toldRate(), askedMs: retryAfterMs }, now)) {
        if (retryAfterMs === undefined) holdMs = Math.min(LAST_HOLD_MS, FIRST_HOLD_MS * 2 ** this.#refusals);
        this.#refusals++;
      }
    }
    this.#heldUntil = Math.max(this.#heldUntil, now + holdMs);
    this.#pace.resumeAt(this.#heldUntil, now);
    return true;
  }

  state(now: number): LaneState {
    const heldMs = this.heldMs(now);
    return {
      ...(this.model === undefined ? {} : { model: this.model }),
      limits: this.#quotas.map((quota) => ({
        kind: quota.kind,
        limit: quota.limit,
        spanMs: quota.spanMs,
        source: quota.source,
        used: quota.used(now),
      })),
      ...(this.#pace.rate === Infinity ? {} : { requestsPerMinute: this.#pace.rate * MINUTE }),
      ...(heldMs === 0 ? {} : { heldMs }),
      inFlight: this.#calls,
      waiting: this.waiting,
    };
  }
}

/** Where input and output are counted apart, input from the provider's cache is not counted. */
function uncounted(kind: RateLimitKind, cachedInput = 0): number {
  return kind === 'inputTokens' ? cachedInput : 0;
}

/** A limit of the server's makes one of the same thing that was given as a guess superfluous, whatever its span. */
function replaces(kind: RateLimitKind, guess: RateLimitKind): boolean {
  return kind === guess || (guess === 'tokens' && kind !== 'requests');
}

function cost(kind: RateLimitKind, share: number, input: number, output: number): number {
  switch (kind) {
    case 'requests':
      return share;
    case 'tokens':
      return input + output;
    case 'inputTokens':
      return input;
    case 'outputTokens':
      return output;
  }
}

function given(limits: RateLimits): { kind: RateLimitKind; limit: number; spanMs: number }[] {
  const all: readonly (readonly [RateLimitKind, number | undefined, number])[] = [
    ['requests', limits.requestsPerMinute, MINUTE],
    ['requests', limits.requestsPerSecond, SECOND],
    ['tokens', limits.tokensPerMinute, MINUTE],
    ['inputTokens', limits.inputTokensPerMinute, MINUTE],
    ['outputTokens', limits.outputTokensPerMinute, MINUTE],
  ];
  return all.flatMap(([kind, limit, spanMs]) => (limit === undefined ? [] : [{ kind, limit, spanMs }]));
}

/** What an answer used, as far as it is known. */
export function usedTokens(guess: { readonly input: number; readonly output: number }, usage: Usage | undefined): LaneOutcome {
  return {
    type: 'used',
    input: usage?.inputTokens ?? guess.input,
    output: usage?.outputTokens ?? guess.output,
    cachedInput: usage?.cachedInputTokens ?? 0,
  };
}
