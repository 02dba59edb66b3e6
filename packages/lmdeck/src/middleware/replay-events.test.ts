import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import {
  assistant,
  type CallStore,
  createRequest,
  encodeChunks,
  type RecordedAnswer,
  requestKey,
  type StoredCall,
  user,
} from '../core/index.ts';
import { answerEvents } from './answer-events.ts';
import { timedBatches } from './replay-events.ts';
import { answered, contentEvent } from './test-support/answers.ts';
import { replayed, silent } from './test-support/replayed.ts';

describe('with its timing', () => {
  const timed = [
    { kind: 'text', sample: 0, index: 0, length: 3, waitMs: 30 },
    { kind: 'text', sample: 0, index: 0, length: 0, waitMs: 5 },
    { kind: 'text', sample: 0, index: 0, length: 2, waitMs: 20 },
    { kind: 'text', sample: 0, index: 0, length: 1, waitMs: 0 },
  ] as const;
  const call = {
    id: 'x',
    samples: [{ message: assistant('Hello!'), finish: { reason: 'stop' as const } }],
    chunks: encodeChunks(timed),
    durationMs: 100,
    responseId: 'r',
  };

  test('pieces come after the waits that were recorded, those that came together together', () => {
    const batches = timedBatches(call, true).map(({ waitMs, events }) => [
      waitMs,
      events.map((each) => ('text' in each ? each.text : each.type)),
    ]);
    expect(batches).toEqual([
      [30, ['metadata', 'Hel']],
      [25, ['lo', '!']],
      [45, ['finish']],
    ]);
  });

  test('an answer in one piece comes when it had come whole', () => {
    expect(timedBatches(call, false).map(({ waitMs, events }) => [waitMs, events.length])).toEqual([[100, 3]]);
    expect(timedBatches({ ...call, chunks: 'rubbish' }, true).map(({ waitMs }) => waitMs)).toEqual([100]);
    const { chunks: _chunks, durationMs: _duration, ...unknown } = call;
    expect(timedBatches(unknown, true).map(({ waitMs }) => waitMs)).toEqual([0]);
  });

  test('no event is lost or changed', () => {
    fc.assert(
      fc.property(
        fc.array(contentEvent, { maxLength: 12 }),
        fc.array(fc.nat(3), { minLength: 12, maxLength: 12 }),
        fc.boolean(),
        (events, waits, inPieces) => {
          const answer = answered(events, (i) => waits[i] ?? 0);
          expect(timedBatches(answer, inPieces).flatMap((batch) => batch.events)).toEqual(answerEvents(answer, inPieces));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('it takes as long as it took, and who gives up does not wait', async () => {
    const asked = replayed(storeOf(call), { timing: 'recorded' });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const read: string[] = [];
      const reading = (async () => {
        for await (const text of asked.prompt('Hi')) read.push(text);
      })();
      await vi.advanceTimersByTimeAsync(29);
      expect(read).toEqual([]);
      await vi.advanceTimersByTimeAsync(1);
      expect(read).toEqual(['Hel']);
      await vi.advanceTimersByTimeAsync(25);
      expect(read).toEqual(['Hel', 'lo', '!']);
      await vi.advanceTimersByTimeAsync(45);
      await reading;

      const controller = new AbortController();
      const text = asked.prompt('Hi', { signal: controller.signal }).text();
      const outcome = expect(text).rejects.toMatchObject({ code: 'aborted' });
      await vi.advanceTimersByTimeAsync(10);
      controller.abort(new Error('enough'));
      await outcome;
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});

/** A store with one call: this answer to "Hi". */
function storeOf(answer: Omit<RecordedAnswer, 'id'>): CallStore {
  const request = createRequest({ messages: [user('Hi')] });
  const key = requestKey(silent, request);
  const stored: StoredCall = { id: 'x', startedAt: 0, model: silent.id, request, requestKey: key, stream: true, status: 'ok', ...answer };
  return {
    start: () => {},
    checkpoint: () => {},
    finish: () => {},
    find: () => undefined,
    closest: () => ({ calls: [], compared: 0, complete: true }),
    flush: async () => {},
    feed: () => ({ read: () => [{ ...stored, seq: 1, status: 'ok' }], call: () => stored }),
  };
}
