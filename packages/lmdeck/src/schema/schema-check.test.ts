import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { schemaCheck } from './schema-check.ts';
import { standardJsonSchema } from './standard-json-schema.ts';

test('what is wrong is told with its place, and only once', async () => {
  const check = await schemaCheck({
    type: 'object',
    properties: {
      tags: { type: 'array', items: { enum: ['a', 'b'] } },
      'born in': { $ref: '#/$defs/Year' },
      place: { anyOf: [{ type: 'null' }, { type: 'object', properties: { x: { type: 'number' } }, additionalProperties: false }] },
    },
    required: ['name'],
    additionalProperties: false,
    $defs: { Year: { type: 'integer', minimum: 1900 } },
  });
  expect(check({ name: 1, tags: ['a', 'c'], 'born in': 3, place: { x: '1' } })).toEqual([
    { path: '$.tags[1]', message: 'Instance does not match any of ["a","b"].' },
    { path: '$["born in"]', message: '3 is less than 1900.' },
    { path: '$.place', message: 'Instance type "object" is invalid. Expected "null".' },
    { path: '$.place.x', message: 'Instance type "string" is invalid. Expected "number".' },
    { path: '$.name', message: 'Nothing is allowed here.' },
  ]);
  expect(check({})).toEqual([{ path: '$', message: 'Instance does not have required property "name".' }]);
});

test('a key of digits is not an index', async () => {
  const check = await schemaCheck({ type: 'object', additionalProperties: { type: 'array', items: { type: 'string' } } });
  expect(check({ 7: ['a', 1] }).map(({ path }) => path)).toEqual(['$["7"][1]']);
});

test('formats are checked, hints and unknown keywords are not', async () => {
  const check = await schemaCheck({ type: 'string', format: 'date', hint_min_items: 1, 'x-unit': 'day' });
  expect(check('2026-02-28')).toEqual([]);
  expect(check('2026-02-30')).toHaveLength(1);
});

test('a schema that is none is the fault of who wrote it', async () => {
  const check = await schemaCheck({ $ref: '#/$defs/Nobody' });
  expect(() => check(1)).toThrow(expect.objectContaining({ code: 'usage', message: expect.stringContaining('Nobody') }));
  const pattern = await schemaCheck({ pattern: '(' });
  expect(() => pattern('a')).toThrow(expect.objectContaining({ code: 'usage' }));
});

/** Schemas of zod, with values of which some are valid. */
const { schema } = fc.letrec<{ schema: z.ZodType; leaf: z.ZodType }>((tie) => ({
  leaf: fc.oneof(
    fc.constantFrom(z.string(), z.number(), z.int(), z.boolean(), z.null(), z.literal('a'), z.enum(['a', 'b']), z.unknown()),
    fc.tuple(fc.nat(3), fc.nat(3)).map(([a, b]) => z.string().min(Math.min(a, b)).max(Math.max(a, b))),
    fc.integer({ min: -3, max: 3 }).map((n) => z.number().gte(n)),
    fc.integer({ min: -3, max: 3 }).map((n) => z.number().lt(n)),
  ),
  schema: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'schema' },
    tie('leaf'),
    tie('schema').map((inner) => z.array(inner).max(2)),
    tie('schema').map((inner) => z.record(z.string(), inner)),
    fc.tuple(tie('schema'), tie('schema')).map(([a, b]) => z.object({ a, b: b.optional() })),
    fc.tuple(tie('schema'), tie('schema')).map(([a, b]) => z.strictObject({ a, b: b.nullable() })),
    fc.tuple(tie('schema'), tie('schema')).map(([a, b]) => z.union([a, b])),
    fc.tuple(tie('schema'), tie('schema')).map(([a, b]) => z.tuple([a, b])),
  ),
}));
const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'value' },
    fc.constantFrom<unknown>('a', 'b', '', 'abc', 0, 1, -2, 1.5, true, null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3 }),
  ),
})).value;

test('it accepts what the library accepts that the schema is from', async () => {
  await fc.assert(
    fc.asyncProperty(schema, fc.array(value, { minLength: 5, maxLength: 10 }), async (own, values) => {
      const check = await schemaCheck(standardJsonSchema(own));
      for (const each of values) expect({ each, valid: check(each).length === 0 }).toEqual({ each, valid: own.safeParse(each).success });
    }),
    { numRuns: 300 },
  );
});
