import {
  type CallContext,
  EventPipe,
  eventPipe,
  type EventItem,
  type EventReceiver,
  type ModelRequest,
  type Next,
  type StoredCall,
  type Wrapper,
} from '../../core/index.ts';
import { answerEvents, callIdentity } from '../../middleware/index.ts';
import { AnsweredKeys } from './answered-keys.ts';

/** What of a tape a run needs to go on where it stopped. */
export interface RunRecord {
  answered(runId: string): Iterable<Pick<StoredCall, 'requestKey'>>;
  answerOf(runId: string, requestKey: string): StoredCall | undefined;
  /** Puts what has ended where `answerOf` finds it. */
  commitEnded(): boolean;
}

/**
 * Answers what a run has asked before: calls of the run that ended well are given out again from the tape, sampled ones included, and
 * nothing is sent or recorded for them. A request that is asked again while the first one is under way waits for it. For calls with another
 * run id, or none, it does nothing.
 *
 * Belongs outside of `record`: a call that is on the tape must not be put there again.
 */
export function resume(tape: RunRecord, runId: string): Wrapper {
  const answered = new AnsweredKeys();
  for (const { requestKey } of tape.answered(runId)) answered.add(requestKey);
  const known: KnownCalls = { tape, runId, answered, underWay: new Map() };
  return (request, context, next) => (context.runId === runId ? new ResumedEvents(request, context, next, known) : next(request, context));
}

/** What a run knows of its calls. */
interface KnownCalls {
  readonly tape: RunRecord;
  readonly runId: string;
  readonly answered: AnsweredKeys;
  /** By request key: who waits for a call that is under way. */
  readonly underWay: Map<string, readonly (() => void)[]>;
}

const done: IteratorReturnResult<undefined> = { done: true, value: undefined };
const NOBODY: readonly (() => void)[] = [];

class ResumedEvents extends EventPipe implements EventReceiver {
  readonly #request: ModelRequest;
  readonly #context: CallContext;
  readonly #next: Next;
  readonly #known: KnownCalls;
  readonly #key: string;
  #inner: EventPipe | undefined;
  #receiver: EventReceiver | undefined;
  /** Others that ask the same wait for this one. */
  #isUnderWay = false;
  #isOver = false;

  constructor(request: ModelRequest, context: CallContext, next: Next, known: KnownCalls) {
    super();
    this.#request = request;
    this.#context = context;
    this.#next = next;
    this.#known = known;
    this.#key = callIdentity(context.model, request, context.trace).requestKey;
  }

  pull(receiver: EventReceiver): void {
    this.#receiver = receiver;
    if (this.#isOver) receiver.ended();
    else if (this.#inner !== undefined) this.#inner.pull(this);
    else this.#begin();
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#isOver = true;
    try {
      await this.#inner?.return();
    } finally {
      this.#settle();
    }
    return done;
  }

  received(item: EventItem): void {
    this.#receiver?.received(item);
  }

  ended(): void {
    this.#known.answered.add(this.#key);
    this.#settle();
    this.#receiver?.ended();
  }

  failed(error: unknown): void {
    this.#settle();
    this.#receiver?.failed(error);
  }

  readonly #begin = (): void => {
    if (this.#isOver) return this.#receiver?.ended();
    const { underWay } = this.#known;
    // Whoever waited and finds that the other one failed asks itself, and the next one waits for that.
    const waiting = underWay.get(this.#key);
    if (waiting !== undefined) return void underWay.set(this.#key, [...waiting, this.#begin]);
    try {
      const before = this.#recorded();
      if (before !== undefined) {
        this.#isOver = true;
        return this.#receiver?.received(answerEvents(before, false));
      }
      underWay.set(this.#key, NOBODY);
      this.#isUnderWay = true;
      this.#inner = eventPipe(this.#next(this.#request, this.#context));
    } catch (error) {
      return this.failed(error);
    }
    this.#inner.pull(this);
  };

  #recorded(): StoredCall | undefined {
    const { answered, runId, tape } = this.#known;
    if (!answered.has(this.#key)) return undefined;
    tape.commitEnded();
    return tape.answerOf(runId, this.#key);
  }

  /** It is not under way any more: those who wait for it look again. */
  #settle(): void {
    this.#isOver = true;
    if (!this.#isUnderWay) return;
    this.#isUnderWay = false;
    const { underWay } = this.#known;
    const waiting = underWay.get(this.#key) ?? NOBODY;
    underWay.delete(this.#key);
    for (const wake of waiting) wake();
  }
}
