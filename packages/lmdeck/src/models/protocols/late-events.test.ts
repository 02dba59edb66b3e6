import { expect, test } from 'vitest';
import { eventPipe, type EventPipe, type ModelEvent } from '../../core/index.ts';
import { LateEvents } from './late-events.ts';

/** A pipe of two events that notes when its reader leaves. */
function pipe(left: () => void): EventPipe {
  async function* events(): AsyncGenerator<ModelEvent> {
    try {
      yield { type: 'text-delta', text: 'a' };
      yield { type: 'text-delta', text: 'b' };
    } finally {
      left();
    }
  }
  return eventPipe(events());
}

test('events come as from the pipe itself, which is loaded once, with the first pull', async () => {
  let loads = 0;
  const late = new LateEvents(async () => {
    loads++;
    return pipe(() => undefined);
  });
  expect(loads).toBe(0);
  expect(await Array.fromAsync(late)).toEqual([
    { type: 'text-delta', text: 'a' },
    { type: 'text-delta', text: 'b' },
  ]);
  expect(loads).toBe(1);
});

test('a reader that leaves leaves the pipe', async () => {
  let left = 0;
  const late = new LateEvents(async () => pipe(() => left++));
  for await (const _ of late) break;
  expect(left).toBe(1);
  expect(await late.next()).toEqual({ done: true, value: undefined });
});

test('a reader that leaves while the pipe is loaded never hears of it', async () => {
  const loaded = Promise.withResolvers<EventPipe>();
  const late = new LateEvents(() => loaded.promise);
  const first = late.next();
  await late.return();
  loaded.resolve(pipe(() => undefined));
  expect(await first).toEqual({ done: true, value: undefined });
});

test('what cannot be loaded fails', async () => {
  const late = new LateEvents(() => Promise.reject(new Error('no such file')));
  await expect(late.next()).rejects.toThrow('no such file');
  expect(await late.next()).toEqual({ done: true, value: undefined });
});
