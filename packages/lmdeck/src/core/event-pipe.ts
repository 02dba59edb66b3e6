import type { ModelEvent, ModelEvents } from './model-event.ts';

/** One item of {@link ModelEvents}: an event, or all events that one network read brought. */
export type EventItem = ModelEvent | readonly ModelEvent[];

/**
 * Takes what a pull brings: for every pull one of these is called, once. They do not throw. The first item and the end may come while
 * `pull` is still running; other items come later, so that nobody's stack grows with the length of an answer.
 */
export interface EventReceiver {
  /** Events; there may be more. */
  received(item: EventItem): void;
  /** No more come. */
  ended(): void;
  /** The call failed; no more come. */
  failed(error: unknown): void;
}

const done: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * Events that can be had without promises: `pull` is `next` with the handlers handed along. Whoever does not know it finds an iterator like
 * any other; layers that do know it pass events on by plain calls. Between two network reads JavaScript runs cold, and there the promises
 * and closures of a layer cost more than its work.
 *
 * One reader, one pull at a time. To be had once: iterating again goes on where the last one stopped.
 *
 * @example
 * ```ts
 * import { EventPipe, eventPipe, languageModel, mock, type EventItem, type EventReceiver, type Wrapper } from 'lmdeck';
 *
 * // A wrapper that counts items, and costs next to nothing.
 * class Counted extends EventPipe implements EventReceiver {
 *   #receiver: EventReceiver | undefined;
 *   #inner: EventPipe;
 *   count = 0;
 *   constructor(inner: EventPipe) {
 *     super();
 *     this.#inner = inner;
 *   }
 *   pull(receiver: EventReceiver): void {
 *     this.#receiver = receiver;
 *     this.#inner.pull(this);
 *   }
 *   return() {
 *     return this.#inner.return();
 *   }
 *   received(item: EventItem): void {
 *     this.count += 1;
 *     this.#receiver?.received(item);
 *   }
 *   ended(): void {
 *     console.log(`${this.count} items`);
 *     this.#receiver?.ended();
 *   }
 *   failed(error: unknown): void {
 *     this.#receiver?.failed(error);
 *   }
 * }
 * const counted: Wrapper = (request, context, next) => new Counted(eventPipe(next(request, context)));
 * console.log(await languageModel(mock({ outputs: ['ok'] }), counted).prompt('hi').text()); // ok
 * ```
 */
export abstract class EventPipe implements AsyncIterableIterator<EventItem, undefined> {
  /** Asks for the next item. Does not throw: what goes wrong is told to the receiver. */
  abstract pull(receiver: EventReceiver): void;

  /** The reader goes. */
  abstract return(): Promise<IteratorReturnResult<undefined>>;

  next(): Promise<IteratorResult<EventItem, undefined>> {
    return new Promise((resolve, reject) => {
      this.pull({
        received: (value) => resolve({ done: false, value }),
        ended: () => resolve(done),
        failed: reject,
      });
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** Any events as a pipe. */
export function eventPipe(events: ModelEvents): EventPipe {
  if (events instanceof EventPipe) return events;
  const iterator = events[Symbol.asyncIterator]();
  return iterator instanceof EventPipe ? iterator : new IteratorPipe(iterator);
}

class IteratorPipe extends EventPipe {
  readonly #iterator: AsyncIterator<EventItem>;
  #receiver: EventReceiver | undefined;

  constructor(iterator: AsyncIterator<EventItem>) {
    super();
    this.#iterator = iterator;
  }

  pull(receiver: EventReceiver): void {
    this.#receiver = receiver;
    try {
      this.#iterator.next().then(this.#onItem, this.#onError);
    } catch (error) {
      receiver.failed(error);
    }
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    await this.#iterator.return?.();
    return done;
  }

  readonly #onItem = (item: IteratorResult<EventItem>): void => {
    try {
      if (item.done === true) this.#receiver?.ended();
      else this.#receiver?.received(item.value);
    } catch (error) {
      // Authors of models and wrappers may yield what is no event at all.
      this.#receiver?.failed(error);
    }
  };

  readonly #onError = (error: unknown): void => this.#receiver?.failed(error);
}
