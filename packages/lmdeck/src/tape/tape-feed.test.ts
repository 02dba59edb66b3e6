import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openTape } from './index.ts';
import type { Tape } from './tape.ts';
import { callEnd, callStart, put } from './test-support/calls.ts';
import { temporaryFolder } from './test-support/temporary-folder.ts';

const told = (feed: ReturnType<NonNullable<Tape['feed']>>): string[] =>
  [...feed.read()].map(({ seq, requestKey, status }) => `${requestKey.slice(0, 6)} ${status} ${feed.call(seq)?.requestKey === requestKey}`);

test('every call is told once when it has ended, whoever wrote it and in whatever order', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('start' as const), by: fc.nat(1) }),
    fc.record({
      kind: fc.constant('finish' as const),
      which: fc.nat(10),
      status: fc.constantFrom('ok' as const, 'error' as const, 'aborted' as const),
    }),
    fc.record({ kind: fc.constant('flush' as const), by: fc.nat(1) }),
    fc.constant({ kind: 'read' as const }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const path = join(temporaryFolder(), 'tape.db');
      await using mine = openTape(path);
      await using theirs = openTape(path);
      const tapes = [mine, theirs];
      const feeds = [mine.feed?.(), mine.feed?.(), theirs.feed?.()].filter((feed) => feed !== undefined);
      const open: { readonly id: string; readonly by: number; readonly key: string }[] = [];
      const ended: string[] = [];
      const seen: string[][] = feeds.map(() => []);
      const read = (): void => {
        for (const [i, feed] of feeds.entries()) seen[i]?.push(...told(feed));
      };
      let made = 0;
      for (const each of steps) {
        if (each.kind === 'start') {
          const start = callStart(`call ${made++}`);
          tapes[each.by]?.start(start);
          open.push({ id: start.id, by: each.by, key: start.requestKey });
        } else if (each.kind === 'finish') {
          const [call] = open.splice(each.which, 1);
          if (call === undefined) continue;
          tapes[call.by]?.finish(call.id, callEnd('x', { status: each.status }));
          ended.push(`${call.key.slice(0, 6)} ${each.status} true`);
        } else if (each.kind === 'flush') await tapes[each.by]?.flush();
        else read();
      }
      for (const tape of tapes) await tape.flush();
      read();
      for (const list of seen) expect(list.toSorted()).toEqual(ended.toSorted());
    }),
    { numRuns: 60 },
  );
});

test('only the calls of a run, and requests as they were recorded', async () => {
  await using tape = openTape(':memory:');
  put(tape, 'one', 'x', { runId: 'a' });
  put(tape, 'two', 'x', { runId: 'b' });
  const feed = tape.feed?.({ runId: 'a' });
  const [call, ...others] = feed?.read() ?? [];
  expect(others).toEqual([]);
  expect(call?.request).toEqual(callStart('one').request);
  expect(call?.promptHash).toBe(callStart('one').messageHashes.at(-1));
  put(tape, 'three', 'x', { runId: 'b' });
  put(tape, 'four', 'x', { runId: 'a' });
  expect([...(feed?.read() ?? [])].map(({ requestKey }) => requestKey)).toEqual([callStart('four').requestKey]);
});

test('a call that another one began long ago is told when it ends', async () => {
  const path = join(temporaryFolder(), 'tape.db');
  await using mine = openTape(path);
  await using theirs = openTape(path);
  const feed = mine.feed?.();
  const old = callStart('old', { startedAt: 1_000_000 });
  theirs.start(old);
  await theirs.flush();
  put(theirs, 'new', 'x');
  await theirs.flush();
  expect([...(feed?.read() ?? [])].map(({ requestKey }) => requestKey)).toEqual([callStart('new').requestKey]);
  theirs.finish(old.id, callEnd('x'));
  await theirs.flush();
  expect([...(feed?.read() ?? [])].map(({ requestKey }) => requestKey)).toEqual([old.requestKey]);
});
