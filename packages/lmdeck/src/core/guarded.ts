import { LmdeckError } from './error.ts';
import type { ModelEvent, ModelEvents } from './model-event.ts';

type Item = ModelEvent | readonly ModelEvent[];

/**
 * What a model makes, with its manners guaranteed: an abort ends the wait even when the model ignores the signal, an
 * `error` event becomes a throw, and whatever is thrown is an `LmdeckError`.
 */
export function guarded(events: ModelEvents, signal: AbortSignal, modelId: string): ModelEvents {
  return {
    [Symbol.asyncIterator]: () => {
      const iterator = events[Symbol.asyncIterator]();
      let reject: ((reason: LmdeckError) => void) | undefined;
      const onAbort = (): void => reject?.(LmdeckError.from(signal.reason, 'aborted'));
      signal.addEventListener('abort', onAbort, { once: true });
      const settle = (): void => signal.removeEventListener('abort', onAbort);
      return {
        next: () =>
          new Promise<IteratorResult<Item>>((resolve, fail) => {
            if (signal.aborted) return fail(LmdeckError.from(signal.reason, 'aborted'));
            reject = fail;
            iterator
              .next()
              .then((item) => {
                if (item.done === true) settle();
                else throwErrorEvent(item.value);
                resolve(item);
              })
              .catch((error: unknown) => {
                settle();
                fail(asModelError(error, signal, modelId));
              });
          }),
        return: async () => {
          settle();
          await iterator.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

function throwErrorEvent(item: Item): void {
  const last = Array.isArray(item) ? item.at(-1) : item;
  if (last?.type === 'error') throw LmdeckError.fromInfo(last.error);
}

function asModelError(error: unknown, signal: AbortSignal, modelId: string): LmdeckError {
  if (signal.aborted) return LmdeckError.from(signal.reason, 'aborted');
  if (LmdeckError.isInstance(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new LmdeckError('internal', `${modelId}: ${message}`, { cause: error });
}
