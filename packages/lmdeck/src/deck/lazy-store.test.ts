import { expect, test } from 'vitest';

import { createRequest, LmdeckError, ulid, user, type CallStart, type CallStore } from '../core/index.ts';
import { LazyStore } from './lazy-store.ts';

function fake(log: string[]): CallStore {
  return {
    start: (call) => log.push(`start ${call.id}`),
    checkpoint: (id) => log.push(`checkpoint ${id}`),
    finish: (id) => log.push(`finish ${id}`),
    find: (key, which) => void log.push(`find ${key} ${which}`),
    closest: () => void log.push('closest'),
    flush: async () => void log.push('flush'),
  };
}

function call(id: string): CallStart {
  const request = createRequest({ messages: [user('hi')] });
  return { id, startedAt: 0, model: 'm', request, requestKey: ulid(), messageHashes: [], stream: false };
}

test('opens once, after the tick in which the first call started, and keeps the order', async () => {
  const log: string[] = [];
  const store = new LazyStore(() => {
    log.push('open');
    return fake(log);
  });
  store.start(call('a'));
  store.checkpoint('a', []);
  await Promise.resolve();
  expect(log).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(log).toEqual(['open', 'start a', 'checkpoint a']);
  store.finish('a', { status: 'ok', samples: [], durationMs: 1, attempts: 1 });
  await store.flush();
  expect(log.slice(3)).toEqual(['finish a', 'flush']);
});

test('reading and flushing hand over what waits first; flushing alone opens nothing', async () => {
  const log: string[] = [];
  const store = new LazyStore(() => {
    log.push('open');
    return fake(log);
  });
  await store.flush();
  expect(log).toEqual([]);
  store.start(call('a'));
  store.find('k', 'oldest');
  store.closest(createRequest({ messages: [] }));
  expect(log).toEqual(['open', 'start a', 'find k oldest', 'closest']);
});

test('not being able to open disturbs nobody but flush', async () => {
  let opened = 0;
  const store = new LazyStore(() => {
    opened++;
    throw new LmdeckError('tape', 'no disk');
  });
  store.start(call('a'));
  expect(store.find('k')).toBeUndefined();
  store.finish('a', { status: 'ok', samples: [], durationMs: 1, attempts: 1 });
  await expect(store.flush()).rejects.toMatchObject({ code: 'tape', message: 'no disk' });
  await expect(store.flush()).rejects.toMatchObject({ code: 'tape' });
  expect(opened).toBe(1);
});
