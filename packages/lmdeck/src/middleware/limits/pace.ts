/** What servers count by. */
const SPAN_MS = 60_000;
/** As `Quota` stretches it. */
const STRETCH = 1.016;
/** A wait of so much that a server asks for says that it counts by the span and not by the moment. */
const LONG_WAIT_MS = 3000;
const WAIT_MS = 1000;
/** How long one cut is remembered when the next one comes. */
const EPISODE_MS = 10_000;
/** Parts of the pace that are left after the first, second and later cuts in a row: of a pace that was proven for a span, and of one that was not. */
const PROVEN = [0.97, 0.85, 0.6] as const;
const UNPROVEN = [0.7, 0.6, 0.5] as const;
/** Of what a whole span has taken, however often it is refused meanwhile. */
const LEAST = 0.85;
/** Of the pace that the server's limit allows, where hardly anything was sent of late. */
const LEAST_TOLD = 0.1;
/** Growth per second, as a part of the ceiling: well below the pace that was once too fast, and near or beyond it. */
const FAST = 0.03;
const SLOW = 0.002;
const NEAR = 0.97;
const BEYOND = 1.2;
/** What may go at once, milliseconds of the pace. */
const BURST_MS = 250;

/**
 * How fast requests may follow each other, found out from what the server refuses: cut down by a factor, grown again by a steady amount (AIMD:
 * Chiu and Jain 1989). As in TCP CUBIC (RFC 9438) it remembers where it was too fast: it comes back to just below quickly, and goes on from there
 * with care. No limit before the first refusal.
 *
 * A server that counts by the minute refuses when its count is full, so at the first refusal what it has let through within a minute is
 * its limit; no search is needed then.
 */
export class Pace {
  /** Requests per millisecond. */
  #rate = Infinity;
  #ceiling = Infinity;
  #level = 0;
  #at = 0;
  #cutAt = -Infinity;
  #cuts = 0;
  #firstAt: number | undefined;

  /** Requests per millisecond; Infinity: none. */
  get rate(): number {
    return this.#rate;
  }

  waitMs(share: number, now: number): number {
    if (this.#rate === Infinity) return 0;
    this.#grow(now);
    const need = Math.min(share, this.#burst);
    return this.#level >= need ? 0 : Math.max(0.01, (need - this.#level) / this.#rate);
  }

  take(share: number, now: number): void {
    this.#firstAt ??= now;
    if (this.#rate === Infinity) return;
    this.#grow(now);
    this.#level -= share;
  }

  /** Something else holds calls back more than this. */
  forget(): void {
    this.#rate = this.#ceiling = Infinity;
  }

  /**
   * A request was refused for coming too soon.
   * @param request `startedAt`: when it was let through; refusals of what was sent before the last cut say nothing new. `within`: how many were let
   * through within the span before it, without those that were refused.
   * @param lately how many per millisecond, of late.
   * @param told the pace that the server's own limit of requests allows, per millisecond, where it tells one: then the count says nothing, and
   * somebody else, or another limit, is the reason.
   * @param askedMs the wait that the server asked for.
   * @returns whether it is a new refusal.
   */
  cut(
    { startedAt, within }: { readonly startedAt: number; readonly within: number },
    { lately, told, askedMs }: { readonly lately: number; readonly told: number | undefined; readonly askedMs: number | undefined },
    now: number,
  ): boolean {
    if (startedAt <= this.#cutAt) return false;
    this.#grow(now);
    this.#cuts = now - this.#cutAt < EPISODE_MS + (askedMs ?? 0) ? this.#cuts + 1 : 0;
    const isProven = startedAt - (this.#firstAt ?? startedAt) >= SPAN_MS;
    const factors = isProven ? PROVEN : UNPROVEN;
    const factor = factors[Math.min(this.#cuts, factors.length - 1)] ?? 0.5;
    if (told === undefined) this.#cutByCount(within, lately, askedMs, isProven, factor);
    else {
      this.#rate = Math.min(this.#rate, told, Math.max(lately, told * LEAST_TOLD)) * factor;
      this.#ceiling = told / NEAR;
    }
    this.#cutAt = this.#at = now;
    return true;
  }

  #cutByCount(within: number, lately: number, askedMs: number | undefined, isProven: boolean, factor: number): void {
    const spanRate = Math.max(within, 1) / (SPAN_MS * STRETCH);
    const before = Math.min(this.#rate, Math.max(lately, spanRate));
    const bySpan = isProven || (askedMs ?? 0) >= LONG_WAIT_MS;
    // A count that is full is the limit itself; a pace below it that is refused all the same is too fast for another reason.
    const after = bySpan && this.#rate > spanRate ? Math.max(spanRate, before * 0.5) : before * factor;
    // A server that names a short wait has a bucket, which was fuller before than it will be again.
    this.#rate = Math.max(Math.min(before, after), spanRate * (bySpan || askedMs === undefined ? LEAST : factor));
    this.#ceiling = Math.max(this.#rate, bySpan ? Math.min(before, spanRate * STRETCH) : before, spanRate);
  }

  /** From when on the pace counts: what is held back until then does not gather strength. After a wait worth the name one call may go at once. */
  resumeAt(time: number, now: number): void {
    this.#at = Math.max(this.#at, time);
    this.#level = time - now >= WAIT_MS ? 1 : Math.min(this.#level, 0);
  }

  get #burst(): number {
    return Math.max(1, this.#rate * BURST_MS);
  }

  /** Time in which nobody asks makes nothing grow. */
  #grow(now: number): void {
    const elapsed = now - this.#at;
    if (this.#rate === Infinity || elapsed <= 0) return;
    this.#at = now;
    this.#level = Math.min(this.#burst, this.#level + elapsed * this.#rate);
    const seconds = Math.min(elapsed, 1000) / 1000;
    const place = this.#rate / this.#ceiling;
    if (place > BEYOND) this.#ceiling = this.#rate;
    this.#rate += this.#ceiling * seconds * (place < NEAR || place > BEYOND ? FAST : SLOW);
  }
}
