import { expect, test } from 'vitest';
import { Slots } from './slots.ts';

test('a place that is free is taken again; what is there can be listed', () => {
  const slots = new Slots<string>();
  const [a, b] = [slots.add('a'), slots.add('b')];
  slots.remove(a);
  expect(slots.values()).toEqual(['b']);
  expect(slots.add('c')).toBe(a);
  expect(slots.add('d')).not.toBe(b);
  expect(slots.values().sort()).toEqual(['b', 'c', 'd']);
  expect(slots.add('c')).not.toBe(slots.add('c'));
});
