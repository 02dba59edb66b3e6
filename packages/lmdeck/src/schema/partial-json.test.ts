import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonValue } from '../core/index.ts';
import { PartialJson } from './partial-json.ts';

function parse(text: string): JsonValue | undefined {
  const json = new PartialJson();
  json.push(text);
  return json.value;
}

// The policy of the OpenAI client for Node: an incomplete string is kept, incomplete numbers, words and keys are not.
test.each<readonly [string, JsonValue]>([
  ['{"field', {}],
  ['"', ''],
  ['[2, 3, 4', [2, 3]],
  ['{"field": true, "field2', { field: true }],
  ['{"field": true, "field2":', { field: true }],
  ['{"field": true, "field2":{', { field: true, field2: {} }],
  ['{"field": true, "field2": { "obj": "somestr', { field: true, field2: { obj: 'somestr' } }],
  ['{"field": true, "field2": { "obj": "somestr",', { field: true, field2: { obj: 'somestr' } }],
  ['{"field": "va', { field: 'va' }],
  ['[ "v1", 2, "v2", 3', ['v1', 2, 'v2']],
  ['[ "v1", 2, "v2", -', ['v1', 2, 'v2']],
  ['[1, 2e', [1]],
])('%s', (text, value) => {
  expect(parse(text)).toEqual(value);
});

test('the key __proto__ is a key', () => {
  const value = parse('{"__proto__": 0}');
  expect(JSON.stringify(value)).toBe('{"__proto__":0}');
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
});

test.each(['{a', '[1 2', '{"a" 1', '[tru]', '01]', '{"a":1}}', '[,', '"\\x', '{,', '[1,]', '-', '"\\uZ'])('%s is no JSON', (text) => {
  const json = new PartialJson();
  json.push(text);
  expect(json.end()).toBe(false);
});

/** The text, cut into pieces at random places. */
function pieces(text: string, cuts: readonly number[]): string[] {
  const places = [...new Set([0, ...cuts.map((cut) => cut % (text.length + 1)), text.length])].toSorted((a, b) => a - b);
  return places.slice(1).map((end, i) => text.slice(places[i], end));
}

/** Whether `later` goes on where `earlier` is. */
function continues(earlier: JsonValue | undefined, later: JsonValue | undefined): boolean {
  if (earlier === undefined) return true;
  if (typeof earlier === 'string') return typeof later === 'string' && later.startsWith(earlier);
  if (typeof earlier !== 'object' || earlier === null) return Object.is(earlier, later);
  if (typeof later !== 'object' || later === null || Array.isArray(earlier) !== Array.isArray(later)) return false;
  const after = new Map(Object.entries(later));
  return Object.entries(earlier).every(([key, value]) => after.has(key) && continues(value, after.get(key)));
}

test('every step is a beginning of the next, the last one is what JSON.parse gives', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.array(fc.nat(), { maxLength: 12 }), fc.constantFrom(0, 1), (value, cuts, indent) => {
      const text = JSON.stringify(value, null, indent);
      const json = new PartialJson();
      let before: JsonValue | undefined;
      for (const piece of pieces(text, cuts)) {
        json.push(piece);
        const now = structuredClone(json.value);
        expect(continues(before, now)).toBe(true);
        before = now;
      }
      expect(json.end()).toBe(true);
      expect(json.value).toEqual(JSON.parse(text));
    }),
  );
});

test('pieces of one character give the same, escapes and all', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const json = new PartialJson();
      const escaped = JSON.stringify([text]).replaceAll(/[^\u0020-\u007E]/gu, (c) =>
        [...Array(c.length).keys()].map((i) => `\\u${c.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
      );
      for (let i = 0; i < escaped.length; i++) json.push(escaped[i] ?? '');
      expect(json.end()).toBe(true);
      expect(json.value).toEqual([text]);
    }),
  );
});
