import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonValue } from '../core/index.ts';
import { schemaCheck } from './schema-check.ts';
import { needsWrapper, unwrapped, wrapped, wrappedSchema } from './wrapped-schema.ts';

test('wrapping and unwrapping give the value back, and keep what is valid', async () => {
  const schema = { type: ['array', 'string'], items: { type: 'integer' } };
  const [inner, outer] = [await schemaCheck(schema), await schemaCheck(wrappedSchema(schema))];
  fc.assert(
    fc.property(fc.oneof(fc.array(fc.oneof(fc.integer(), fc.constant('x'))), fc.string(), fc.jsonValue()), (given) => {
      const value: JsonValue = JSON.parse(JSON.stringify(given));
      expect(unwrapped(wrapped(value))).toEqual(value);
      expect(outer(wrapped(value)).length === 0).toBe(inner(value).length === 0);
    }),
  );
});

test('only what is an object for sure goes bare', () => {
  expect(needsWrapper({ type: 'object' })).toBe(false);
  for (const schema of [{}, { type: 'array' }, { type: ['object', 'null'] }, { $ref: '#/$defs/A' }, { type: 'object', anyOf: [] }])
    expect(needsWrapper(schema)).toBe(true);
});

test.each([{ result: 1, more: 2 }, {}, [1], 'result', null])('%j is not wrapped', (value) => {
  expect(unwrapped(value)).toBeUndefined();
});
