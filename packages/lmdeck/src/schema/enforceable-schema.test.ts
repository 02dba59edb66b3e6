import fc from 'fast-check';
import { expect, test } from 'vitest';
import { enforceableSchema } from './enforceable-schema.ts';
import { schemaCheck } from './schema-check.ts';
import { withoutNulls } from './without-nulls.ts';

const schema = {
  type: 'object',
  title: 'Person',
  properties: {
    name: { type: 'string', minLength: 1, description: 'Full name', pattern: '^[A-Z]', 'x-hint': 1 },
    nick: { type: 'string' },
    age: { type: ['integer', 'null'], minimum: 0, maximum: 9007199254740991 },
    address: { $ref: '#/$defs/Address' },
    contact: {
      oneOf: [{ type: 'object', properties: { kind: { const: 'mail' }, to: { type: 'string' } }, required: ['kind'] }, { type: 'null' }],
    },
    anything: { type: 'object' },
  },
  required: ['name', 'contact', 'anything'],
};
const definitions = {
  Address: { type: 'object', properties: { city: { type: 'string', default: 'Rome' } }, required: ['city'] },
  Unused: { type: 'string' },
};

test('words are left out, objects closed, what is optional is nullable', () => {
  expect(enforceableSchema(schema, definitions, new Set(['minLength']))).toEqual({
    type: 'object',
    properties: {
      name: { type: 'string', pattern: '^[A-Z]' },
      nick: { anyOf: [{ type: 'string' }, { type: 'null' }] },
      age: { type: ['integer', 'null'], minimum: 0 },
      address: { anyOf: [{ $ref: '#/$defs/Address' }, { type: 'null' }] },
      contact: {
        anyOf: [
          {
            type: 'object',
            properties: { kind: { const: 'mail' }, to: { anyOf: [{ type: 'string' }, { type: 'null' }] } },
            required: ['kind', 'to'],
            additionalProperties: false,
          },
          { type: 'null' },
        ],
      },
      anything: { type: 'object' },
    },
    required: ['name', 'nick', 'age', 'address', 'contact', 'anything'],
    additionalProperties: false,
    $defs: { Address: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false } },
  });
});

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const answers = fc.record({
  name: fc.constant('Anna'),
  nick: optional(fc.string()),
  age: optional(fc.nat()),
  address: optional(fc.record({ city: fc.string() })),
  contact: optional(fc.record({ kind: fc.constant('mail'), to: optional(fc.string()) })),
  anything: fc.constant({}),
});

test('what a server may answer to it is valid once the nulls are out', async () => {
  const root = { ...schema, $defs: definitions };
  const [asked, meant] = [await schemaCheck(enforceableSchema(schema, definitions)), await schemaCheck(root)];
  fc.assert(
    fc.property(answers, (answer) => {
      expect(asked(answer)).toEqual([]);
      const value = withoutNulls(root, root, JSON.parse(JSON.stringify(answer)));
      expect(meant(value)).toEqual([]);
      expect(value).toMatchObject({ age: answer.age, contact: answer.contact === null ? null : { kind: 'mail' } });
    }),
  );
});
