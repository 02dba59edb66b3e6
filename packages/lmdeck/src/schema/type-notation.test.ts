import { expect, test } from 'vitest';
import type { JsonObject } from '../core/index.ts';
import { typeNotation } from './type-notation.ts';

const text = { type: 'string' };

test.each<readonly [JsonObject, string]>([
  [{ type: 'integer' }, 'integer'],
  [{}, 'any'],
  [{ type: ['string', 'null'] }, 'string | null'],
  [{ const: 'a' }, '"a"'],
  [{ enum: ['a', 1, null] }, '"a" | 1 | null'],
  [{ type: 'array', items: text }, 'string[]'],
  [{ type: 'array', items: { type: ['string', 'number'] } }, '(string | number)[]'],
  [{ type: 'array', items: { type: 'string', minLength: 2 } }, '(string /* at least 2 characters */)[]'],
  [{ type: 'array', prefixItems: [text, { type: 'number' }], items: false }, '[string, number]'],
  [{ type: 'array', prefixItems: [text], items: text }, '[string, ...string[]]'],
  [{ type: 'object', additionalProperties: { type: 'number' } }, '{\n [key: string]: number\n}'],
  [{ type: 'object', additionalProperties: false }, '{}'],
  [{ allOf: [{ enum: ['a', 'b'] }, text] }, '("a" | "b") & string'],
  [{ oneOf: [text, { type: 'object', properties: { 'a b': text } }] }, 'string | {\n "a b"?: string\n}'],
])('%j', (schema, type) => {
  expect(typeNotation([schema])).toMatchObject({ types: [type], declarations: [] });
});

test.each<readonly [JsonObject, string]>([
  [{ description: 'Two\n  lines.' }, 'Two lines.'],
  [{ minimum: 0, maximum: 1 }, '0 to 1'],
  [{ exclusiveMinimum: 0 }, 'more than 0'],
  [{ minimum: -9007199254740991, maximum: 9007199254740991 }, ''],
  [{ minItems: 2, maxItems: 2 }, '2 items'],
  [{ hint_min_items: 1, hint_max_items: 4 }, 'preferably 1 to 4 items'],
  [{ format: 'date', pattern: '.*' }, 'format date'],
  [{ pattern: '^a' }, 'matches /^a/'],
  [{ default: [1], examples: ['x', 2] }, 'default [1]; e.g. x, 2'],
  [{ 'x-unit': 'km', hint_tone: 'friendly', not: { const: 1 } }, 'unit: km; tone: friendly; not: {"const":1}'],
  [{ uniqueItems: true, multipleOf: 5 }, 'no item twice; multiple of 5'],
])('notes of %j', (schema, notes) => {
  const { types, hasNotes } = typeNotation([{ type: 'object', properties: { a: schema }, required: ['a'] }]);
  expect(types[0]).toBe(notes === '' ? '{\n a: any\n}' : `{\n a: any // ${notes}\n}`);
  expect(hasNotes).toBe(notes !== '');
});

test('a type that is used twice, or by itself, has a name; others stand where they are used', () => {
  const definitions = {
    Tree: { type: 'object', description: 'A tree', properties: { children: { type: 'array', items: { $ref: '#/$defs/Tree' } } } },
    Name: { type: 'string', minLength: 1 },
    Once: { enum: ['x'], description: 'Only x' },
  };
  const schema = {
    type: 'object',
    properties: {
      tree: { $ref: '#/$defs/Tree' },
      once: { $ref: '#/$defs/Once' },
      a: { $ref: '#/$defs/Name' },
      b: { $ref: '#/$defs/Name' },
    },
    required: ['tree', 'once', 'a', 'b'],
  };
  expect(typeNotation([schema, { $ref: '#/$defs/Name' }], definitions)).toEqual({
    declarations: ['type Tree = { // A tree\n children?: Tree[]\n}', 'type Name = string // at least 1 character'],
    types: ['{\n tree: Tree\n once: "x" // Only x\n a: Name\n b: Name\n}', 'Name'],
    hasNotes: true,
  });
});

test('comments cannot be ended from inside', () => {
  expect(typeNotation([{ type: 'array', items: { type: 'string', description: 'a */ b' } }]).types[0]).toBe('(string /* a * / b */)[]');
});
