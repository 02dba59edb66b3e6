import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { callTag, openTape } from './index.ts';
import { put } from './test-support/calls.ts';
import { temporaryFolder } from './test-support/temporary-folder.ts';

describe('tags', () => {
  test('are noted on a recorded call, changed and taken off, and stay in the file', async () => {
    const path = join(temporaryFolder(), 'tape.db');
    let id = '';
    {
      await using tape = openTape(path);
      id = put(tape, 'one', 'eins', { id: '01aaaaaaaaaaaaaaaaaaaaaaaa', startedAt: 1 });
      put(tape, 'two', 'zwei', { startedAt: 2 });
      expect(tape.tag(id, { reward: 0.5, split: 'train' })).toBe(id);
      // A prefix names the call as everywhere else.
      tape.tag(id.slice(0, 5), { reward: 1, checked: true, note: { by: ['anna'] } });
      expect(tape.call(id)?.tags).toEqual({ checked: true, note: { by: ['anna'] }, reward: 1, split: 'train' });
      tape.tag(id, { checked: undefined, note: undefined });
    }
    await using tape = openTape(path, { readOnly: true });
    expect(tape.calls({ order: 'oldest' }).map((call) => call.tags)).toEqual([{ reward: 1, split: 'train' }, undefined]);
    expect([...tape.verify()]).toEqual([]);
    expect(() => tape.tag(id, { reward: 2 })).toThrow('read only');
  });

  test('find calls, before what the metadata says of the same name', async () => {
    await using tape = openTape(':memory:');
    const a = put(tape, 'a', 'x', { metadata: { split: 'test', score: 3, source: { file: 'a "b".txt' } } });
    const b = put(tape, 'b', 'x', { metadata: { split: 'test' } });
    const c = put(tape, 'c', 'x');
    const ids = (tags: Parameters<typeof tape.tag>[1]): string[] =>
      tape.calls({ tags: JSON.parse(JSON.stringify(tags)), order: 'oldest' }).map((call) => call.id);
    expect(ids({ split: 'test' })).toEqual([a, b]);
    tape.tag(b, { split: 'train' });
    tape.tag(c, { split: 'train', ok: false, none: null });
    expect(ids({ split: 'test' })).toEqual([a]);
    expect(ids({ split: 'train' })).toEqual([b, c]);
    expect(ids({ split: 'train', ok: false })).toEqual([c]);
    expect(ids({ none: null })).toEqual([c]);
    expect(ids({ score: 3 })).toEqual([a]);
    expect(ids({ score: '3' })).toEqual([]);
    expect(ids({ 'source.file': 'a "b".txt' })).toEqual([a]);
    expect(tape.count({ tags: { split: 'train' } })).toBe(2);
    const [first, second] = tape.calls({ order: 'oldest' });
    if (first === undefined || second === undefined) throw new Error('two calls');
    expect([callTag(first, 'split'), callTag(first, 'source.file'), callTag(second, 'split'), callTag(second, 'none')]).toEqual([
      'test',
      'a "b".txt',
      'train',
      undefined,
    ]);
  });

  test('can be set while calls are read', async () => {
    await using tape = openTape(':memory:');
    for (let i = 0; i < 300; i++) put(tape, `call ${i}`, 'x', { startedAt: 1000 + i });
    let i = 0;
    for (const call of tape.iterate({ order: 'oldest' })) tape.tag(call.id, { index: i++ });
    expect(tape.count({ tags: { index: 299 } })).toBe(1);
  });

  test('are refused where they could not be found again', async () => {
    await using tape = openTape(':memory:');
    const id = put(tape, 'a', 'x');
    expect(() => tape.tag('nope', { a: 1 })).toThrow('There is no call "nope"');
    expect(() => tape.tag(id, { 'a b': 1 })).toThrow('"a b" cannot be one');
    expect(() => tape.tag(id, { '': 1 })).toThrow('cannot be one');
    expect(() => tape.tag(id, { a: Number.NaN })).toThrow('no JSON form');
    expect(() => tape.calls({ tags: { 'a"b': 1 } })).toThrow('cannot be one');
    expect(tape.call(id)?.tags).toBeUndefined();
  });
});

test('known tells which ids are on the tape, also those that are not written yet', async () => {
  await using tape = openTape(':memory:');
  const ids = [put(tape, 'a', 'x'), put(tape, 'b', 'x')];
  expect([...tape.known([...ids, 'zzz', ids[0]?.slice(0, 10) ?? ''])].toSorted()).toEqual(ids.toSorted());
  expect(tape.known([]).size).toBe(0);
});
