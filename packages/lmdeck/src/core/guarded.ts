import { LmdeckError } from './error.ts';
import type { ModelEvent, ModelEvents } from './model-event.ts';

type Item = ModelEvent | readonly ModelEvent[];

/**
 * What a model makes, with its manners guaranteed: an `error` event becomes a throw, and whatever is thrown is an
 * `LmdeckError` that names the model.
 */
export function guarded(events: ModelEvents, signal: AbortSignal, modelId: string): ModelEvents {
  return { [Symbol.asyncIterator]: () => new GuardedIterator(events[Symbol.asyncIterator](), signal, modelId) };
}

class GuardedIterator implements AsyncIterator<Item> {
  readonly #inner: AsyncIterator<Item>;
  readonly #signal: AbortSignal;
  readonly #modelId: string;

  constructor(inner: AsyncIterator<Item>, signal: AbortSignal, modelId: string) {
    this.#inner = inner;
    this.#signal = signal;
    this.#modelId = modelId;
  }

  next(): Promise<IteratorResult<Item>> {
    return this.#inner.next().then(throwErrorEvent, this.#onError);
  }

  async return(): Promise<IteratorResult<Item>> {
    await this.#inner.return?.();
    return { done: true, value: undefined };
  }

  readonly #onError = (error: unknown): never => {
    if (this.#signal.aborted) throw LmdeckError.from(this.#signal.reason, 'aborted');
    if (LmdeckError.isInstance(error)) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new LmdeckError('internal', `${this.#modelId}: ${message}`, { cause: error });
  };
}

function throwErrorEvent(item: IteratorResult<Item>): IteratorResult<Item> {
  if (item.done === true) return item;
  const { value } = item;
  const last = Array.isArray(value) ? value[value.length - 1] : value;
  if (last?.type === 'error') throw LmdeckError.fromInfo(last.error);
  return item;
}
