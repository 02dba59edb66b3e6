import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';

import { createRequest, LmdeckError, ulid, user, type CallStart, type CallStore } from '../core/index.ts';
import { openTape } from '../tape/index.ts';
import { LazyStore } from './lazy-store.ts';

function fake(log: string[]): CallStore {
  return {
    start: (call) => log.push(`start ${call.id}`),
    checkpoint: (id) => log.push(`checkpoint ${id}`),
    finish: (id) => log.push(`finish ${id}`),
    find: (key, which) => void log.push(`find ${key} ${which}`),
    closest: () => {
      log.push('closest');
      return { calls: [], compared: 0, complete: true };
    },
    flush: async () => void log.push('flush'),
  };
}

function unreadable(): never {
  throw new LmdeckError('tape', 'no disk');
}

function call(id: string): CallStart {
  const request = createRequest({ messages: [user('hi')] });
  return { id, startedAt: 0, model: 'm', request, requestKey: ulid(), messageHashes: [], stream: false };
}

test('opens once, some time after the tick in which the first call started, and keeps the order', async () => {
  const log: string[] = [];
  const store = new LazyStore(() => {
    log.push('open');
    return fake(log);
  }, unreadable);
  store.start(call('a'));
  store.checkpoint('a', []);
  await new Promise((resolve) => setImmediate(resolve));
  expect(log).toEqual([]);
  await vi.waitFor(() => expect(log).toEqual(['open', 'start a', 'checkpoint a']));
  store.finish('a', { status: 'ok', samples: [], durationMs: 1, attempts: 1 });
  await store.flush();
  expect(log.slice(3)).toEqual(['finish a', 'flush']);
});

test('reading and flushing hand over what waits first; flushing alone opens nothing', async () => {
  const log: string[] = [];
  const store = new LazyStore(() => {
    log.push('open');
    return fake(log);
  }, unreadable);
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
  }, unreadable);
  store.start(call('a'));
  expect(store.find('k')).toBeUndefined();
  store.finish('a', { status: 'ok', samples: [], durationMs: 1, attempts: 1 });
  await expect(store.flush()).rejects.toMatchObject({ code: 'tape', message: 'no disk' });
  await expect(store.flush()).rejects.toMatchObject({ code: 'tape' });
  expect(opened).toBe(1);
});

test('what may not be written is read all the same, opened once', async () => {
  const log: string[] = [];
  const store = new LazyStore(unreadable, () => {
    log.push('open to read');
    return fake(log);
  });
  store.start(call('a'));
  store.find('k', 'newest');
  store.closest(createRequest({ messages: [] }));
  expect(log).toEqual(['open to read', 'find k newest', 'closest']);
  await expect(store.flush()).rejects.toMatchObject({ code: 'tape', message: 'no disk' });
});

test('a call that the store cannot take harms no other', async () => {
  const log: string[] = [];
  const picky: CallStore = {
    ...fake(log),
    start: ({ id }) => {
      if (id === 'a') throw new TypeError('no digest');
      log.push(`start ${id}`);
    },
  };
  const store = new LazyStore(() => picky, unreadable);
  store.start(call('a'));
  store.start(call('b'));
  await vi.waitFor(() => expect(log).toEqual(['start b']));
});

test.each(['process.exit(3)', '', 'process.exitCode = 3; throw new Error("oops")'])(
  'what waits is written when the process ends: %s',
  (end) => {
    const home = mkdtempSync(join(tmpdir(), 'lmdeck-lazy-'));
    try {
      const code = `import { openDeck } from ${JSON.stringify(new URL('../index.ts', import.meta.url).href)};
      const deck = await openDeck({ home: ${JSON.stringify(home)}, env: { LMDECK_PLUGINS: '' } });
      await (await deck.model('mock')).prompt('hi').text();
      ${end}`;
      spawnSync(process.execPath, ['--input-type=module', '-e', code]);
      const tape = openTape(join(home, 'tape.db'), { readOnly: true });
      expect(tape.calls()).toMatchObject([{ status: 'ok' }]);
      void tape.close();
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  },
);
