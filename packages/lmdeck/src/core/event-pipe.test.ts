import { describe, expect, test } from 'vitest';
import { EventPipe, eventPipe, type EventItem, type EventReceiver } from './event-pipe.ts';
import { languageModel } from './language-model.ts';
import type { ModelEvent } from './model-event.ts';

const text = (value: string): ModelEvent => ({ type: 'text-delta', text: value });

/** Gives out what it is given, the end and the failure at once, as a pipe may. */
class Listed extends EventPipe {
  readonly #items: EventItem[];
  readonly #error: unknown;
  left = 0;

  constructor(items: readonly EventItem[], error?: unknown) {
    super();
    this.#items = [...items];
    this.#error = error;
  }

  pull(receiver: EventReceiver): void {
    const item = this.#items.shift();
    if (item !== undefined) queueMicrotask(() => receiver.received(item));
    else if (this.#error === undefined) receiver.ended();
    else receiver.failed(this.#error);
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.left += 1;
    return { done: true, value: undefined };
  }
}

/** Everything that a pipe tells. */
async function told(pipe: EventPipe): Promise<unknown[]> {
  const all: unknown[] = [];
  await new Promise<void>((resolve) => {
    const receiver: EventReceiver = {
      received: (item) => {
        all.push(item);
        pipe.pull(receiver);
      },
      ended: () => {
        all.push('end');
        resolve();
      },
      failed: (error) => {
        all.push(error);
        resolve();
      },
    };
    pipe.pull(receiver);
  });
  return all;
}

async function* generated(...items: readonly (EventItem | Error)[]): AsyncGenerator<EventItem> {
  for (const item of items) {
    if (item instanceof Error) throw item;
    yield item;
  }
}

describe('a pipe is an iterator', () => {
  test('to a loop', async () => {
    expect(await Array.fromAsync(new Listed([text('a'), [text('b'), text('c')]]))).toEqual([text('a'), [text('b'), text('c')]]);
  });

  test('that throws', async () => {
    const pipe = new Listed([text('a')], new Error('no'));
    expect(await pipe.next()).toEqual({ done: false, value: text('a') });
    await expect(pipe.next()).rejects.toThrow('no');
  });

  test('that is left with its loop', async () => {
    const pipe = new Listed([text('a'), text('b')]);
    for await (const _ of pipe) break;
    expect(pipe.left).toBe(1);
  });
});

describe('eventPipe', () => {
  test('leaves a pipe as it is, also inside of an iterable', () => {
    const pipe = new Listed([]);
    expect(eventPipe(pipe)).toBe(pipe);
    expect(eventPipe({ [Symbol.asyncIterator]: () => pipe })).toBe(pipe);
  });

  test('makes any iterator one', async () => {
    expect(await told(eventPipe(generated(text('a'), [text('b')])))).toEqual([text('a'), [text('b')], 'end']);
    const error = new Error('no');
    expect(await told(eventPipe(generated(text('a'), error)))).toEqual([text('a'), error]);
  });

  test('tells what an iterator throws at once', async () => {
    const error = new Error('at once');
    const broken = {
      next: () => {
        throw error;
      },
    };
    expect(await told(eventPipe({ [Symbol.asyncIterator]: () => broken }))).toEqual([error]);
  });

  test('begins when it is pulled, and closes what it has opened', async () => {
    const log: string[] = [];
    const events = async function* (): AsyncGenerator<ModelEvent> {
      try {
        log.push('begun');
        yield text('a');
      } finally {
        log.push('closed');
      }
    };
    const pipe = eventPipe(events());
    expect(log).toEqual([]);
    await pipe.next();
    await pipe.return();
    expect(log).toEqual(['begun', 'closed']);
  });

  test('has no need of a `return` in the iterator', async () => {
    const iterator = { next: async () => ({ done: true, value: undefined }) as const };
    expect(await eventPipe({ [Symbol.asyncIterator]: () => iterator }).return()).toEqual({ done: true, value: undefined });
  });

  test('a model that yields something else than events fails its call instead of hanging it', async () => {
    const nothing: ModelEvent = JSON.parse('null');
    const model = languageModel({ id: 'odd', capabilities: {}, generate: () => generated(text('a'), nothing) });
    const response = model.prompt('hi');
    await expect(response.text()).rejects.toMatchObject({ code: 'internal', message: expect.stringContaining('odd') });
    expect(response.partial.parts).toEqual([{ type: 'text', text: 'a' }]);
  });
});
