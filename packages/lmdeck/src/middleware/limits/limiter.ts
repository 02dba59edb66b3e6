import { LmdeckError } from '../../core/index.ts';
import { Lane, type Admission, type LaneOutcome } from './lane.ts';
import type { LimiterClock, LimiterState, RateLimits } from './rate-limits.ts';
import { TokenEstimate } from './token-estimate.ts';

/** Shares like 1/3 do not add up to 1 exactly. */
const EPSILON = 1e-9;
/** Node's timers have no more, and longer waits are asked again. */
const LONGEST_MS = 60_000;

export interface LimiterSettings {
  readonly limits: RateLimits;
  readonly models: ReadonlyMap<string, RateLimits>;
  readonly perModel: boolean;
  readonly concurrency: number;
  readonly maxHoldMs: number;
  readonly clock: LimiterClock;
}

/** A model as the limiter knows it. */
export interface LimitedModel {
  readonly id: string;
  readonly lane: Lane;
  readonly estimate: TokenEstimate;
}

/**
 * Who goes when. Lanes wait for themselves: a model whose limit is reached does not hold up another one. Places are shared: who is first where there
 * is none left is the next to get one. One timer for all who wait, and none when nobody does.
 */
export class Limiter {
  readonly #settings: LimiterSettings;
  readonly #models = new Map<string, LimitedModel>();
  #shared: Lane | undefined;
  /** In the order of their turns. */
  readonly #lanes: Lane[] = [];
  #free: number;
  #inFlight = 0;
  #waiting = 0;
  /** Somebody could go but for a place. */
  #wantsPlace = false;
  #timer: { readonly due: number; readonly cancel: () => void } | undefined;
  #serving = false;
  #serveAgain = false;

  constructor(settings: LimiterSettings) {
    this.#settings = settings;
    this.#free = settings.concurrency;
  }

  now(): number {
    return this.#settings.clock.now();
  }

  model(id: string): LimitedModel {
    let model = this.#models.get(id);
    if (model === undefined) this.#models.set(id, (model = { id, lane: this.#lane(id), estimate: new TokenEstimate() }));
    return model;
  }

  /**
   * Lets a call through now (true), or has it wait.
   * @param least input tokens that it has at the least.
   * @throws LmdeckError when it would wait for too long or for ever.
   */
  enter(admission: Admission, { id, lane }: LimitedModel, least: number): boolean {
    const now = this.now();
    const error = lane.tooLarge(id, least) ?? this.#heldTooLong(lane, now);
    if (error !== undefined) throw error;
    admission.guess();
    if (lane.waiting === 0 && !this.#wantsPlace && this.#hasPlace(admission) && lane.waitMs(admission, now) === 0) {
      this.#start(admission, lane, now);
      return true;
    }
    lane.queue.push(admission);
    lane.waiting++;
    this.#waiting++;
    // Behind somebody who waits there is nothing to find out.
    if (lane.waiting === 1 || admission.run === undefined) this.#serve();
    return false;
  }

  /** Somebody who waited is gone; `left` of the admission says so already. */
  leave({ lane }: LimitedModel): void {
    lane.waiting--;
    this.#waiting--;
    // Whoever stands behind may fit in now.
    this.#serve();
  }

  /** A call that was let through is over. */
  end(admission: Admission, { lane }: LimitedModel, outcome: LaneOutcome): void {
    this.#free += admission.share;
    this.#inFlight--;
    lane.end(admission, outcome, this.now());
    if (this.#waiting > 0) this.#serve();
  }

  /** Something has changed for the better, or for the worse. */
  changed(): void {
    if (this.#waiting > 0) this.#serve();
  }

  state(): LimiterState {
    const { concurrency } = this.#settings;
    const now = this.now();
    return {
      ...(concurrency === Infinity ? {} : { concurrency }),
      inFlight: this.#inFlight,
      waiting: this.#waiting,
      lanes: this.#lanes.toSorted((a, b) => (a.model ?? '').localeCompare(b.model ?? '')).map((lane) => lane.state(now)),
    };
  }

  #lane(id: string): Lane {
    const { limits, models, perModel, concurrency } = this.#settings;
    const own = models.get(id);
    const careful = concurrency === Infinity;
    if (own !== undefined || perModel) return this.#newLane(new Lane(id, own ?? limits, careful, this.now()));
    return (this.#shared ??= this.#newLane(new Lane(undefined, limits, careful, this.now())));
  }

  #newLane(lane: Lane): Lane {
    this.#lanes.push(lane);
    return lane;
  }

  #hasPlace({ share }: Admission): boolean {
    return this.#free + EPSILON >= share;
  }

  #start(admission: Admission, lane: Lane, now: number): void {
    this.#free -= admission.share;
    this.#inFlight++;
    lane.take(admission, now);
  }

  #heldTooLong(lane: Lane, now: number): LmdeckError | undefined {
    const heldMs = lane.heldMs(now);
    if (heldMs <= this.#settings.maxHoldMs) return undefined;
    const what = lane.model ?? 'the server';
    return new LmdeckError(
      'rate-limit',
      `${what}: the server has asked to be asked again in ${Math.ceil(heldMs / 1000)} s at the earliest.`,
      {
        retryAfterMs: Math.ceil(heldMs),
      },
    );
  }

  /** Lets through whoever can go. What is let through may fail at once and come back here. */
  #serve(): void {
    this.#serveAgain = true;
    if (this.#serving) return;
    this.#serving = true;
    try {
      while (this.#serveAgain) {
        this.#serveAgain = false;
        this.#wakeIn(this.#round());
      }
    } finally {
      this.#serving = false;
    }
  }

  /** One call after the other, each time from another lane. @returns how long until the next one can go. */
  #round(): number {
    const now = this.now();
    let wait = Infinity;
    let idle = 0;
    this.#wantsPlace = false;
    while (this.#waiting > 0 && idle < this.#lanes.length) {
      const lane = this.#lanes[0];
      if (lane === undefined) break;
      const head = lane.waiting === 0 ? undefined : lane.queue.peek();
      const held = head === undefined ? undefined : this.#heldTooLong(lane, now);
      const laneWait = head === undefined ? Infinity : held === undefined ? lane.waitMs(head, now) : 0;
      if (head !== undefined && held === undefined && laneWait === 0 && !this.#hasPlace(head)) {
        // It keeps its turn.
        this.#wantsPlace = true;
        return wait;
      }
      if (this.#lanes.length > 1) {
        this.#lanes.shift();
        this.#lanes.push(lane);
      }
      if (head === undefined || laneWait > 0) {
        idle++;
        wait = Math.min(wait, laneWait);
        continue;
      }
      idle = 0;
      lane.queue.shift();
      lane.waiting--;
      this.#waiting--;
      if (held === undefined) {
        head.guess();
        this.#start(head, lane, now);
        head.granted();
      } else head.refused(held);
    }
    return wait;
  }

  #wakeIn(waitMs: number): void {
    const isNeeded = this.#waiting > 0 && waitMs < Infinity;
    const delayMs = Math.min(Math.max(1, Math.ceil(waitMs)), LONGEST_MS);
    const due = isNeeded ? this.now() + delayMs : Infinity;
    // One that goes off too early costs less than setting it anew each time.
    if (this.#timer !== undefined && isNeeded && this.#timer.due <= due) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (!isNeeded) return;
    const cancel = this.#settings.clock.after(delayMs, () => {
      this.#timer = undefined;
      this.#serve();
    });
    this.#timer = { due, cancel };
  }
}
