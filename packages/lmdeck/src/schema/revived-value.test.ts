import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonValue } from '../core/index.ts';
import { revivedValue } from './revived-value.ts';
import { commonSchema, schemaOfValue } from './schema-of-value.ts';

const values = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
    fc.boolean(),
    fc.constant(null),
    fc.date({ noInvalidDate: true, min: new Date('1900-01-01'), max: new Date('2100-01-01') }),
    fc.bigInt(),
    fc.array(fc.string()).map((items) => new Set(items)),
    fc.dictionary(fc.string(), fc.boolean()).map((object) => new Map(Object.entries(object))),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value')),
    fc.array(fc.bigInt()),
  ),
})).value;

test('a value that went over the wire is what it was', () => {
  fc.assert(
    fc.property(values, (value) => {
      const text = JSON.stringify(value, (_, inner: unknown) =>
        inner instanceof Set
          ? [...inner]
          : inner instanceof Map
            ? Object.fromEntries(inner)
            : typeof inner === 'bigint'
              ? `${inner}`
              : inner,
      );
      const json: JsonValue = JSON.parse(text);
      expect(revivedValue(schemaOfValue(value), json)).toEqual(value);
    }),
  );
});

test('in a union a text is a date when it can be one', () => {
  const schema = { anyOf: [{ type: 'string', format: 'date-time', 'x-type': 'Date' }, { type: 'string' }] };
  expect(revivedValue(schema, '2026-01-01T00:00:00Z')).toEqual(new Date('2026-01-01T00:00:00Z'));
  expect(revivedValue(schema, 'soon')).toBe('soon');
});

test('types meet where they can', () => {
  expect(schemaOfValue([1, 'a', 2, { x: 1 }, { y: true }])).toEqual({
    type: 'array',
    items: {
      anyOf: [
        { type: 'number' },
        { type: 'string' },
        { type: 'object', properties: { x: { type: 'number' }, y: { type: 'boolean' } }, required: [], additionalProperties: false },
      ],
    },
  });
  expect(commonSchema(schemaOfValue([]), schemaOfValue(['a']))).toEqual(schemaOfValue(['a']));
  expect(commonSchema(schemaOfValue({ a: 1 }), schemaOfValue({ a: 'x' }))).toBeUndefined();
  expect(commonSchema(schemaOfValue('a'), schemaOfValue(new Date()))).toBeUndefined();
});
