import { expect, test } from 'vitest';
import { SchemaDefinitions } from './schema-definitions.ts';

test('definitions of several schemas stand in one place', () => {
  const definitions = new SchemaDefinitions();
  const city = { type: 'object', properties: { name: { type: 'string' } } };
  const a = definitions.add({ type: 'array', items: { $ref: '#/$defs/City' }, $defs: { City: city } }, 'A');
  const b = definitions.add({ $schema: 'x', anyOf: [{ $ref: '#/definitions/City' }], definitions: { City: city } }, 'B');
  const c = definitions.add({ $ref: '#/$defs/City', $defs: { City: { type: 'null' } } }, 'C');
  expect([a, b, c]).toEqual([
    { type: 'array', items: { $ref: '#/$defs/City' } },
    { anyOf: [{ $ref: '#/$defs/City' }] },
    { $ref: '#/$defs/City2' },
  ]);
  expect(definitions.definitions).toEqual({ City: city, City2: { type: 'null' } });
});

test('a schema that refers to itself, or into itself, gets names', () => {
  const definitions = new SchemaDefinitions();
  const list = { type: 'object', properties: { next: { anyOf: [{ $ref: '#' }, { type: 'null' }] }, other: { $ref: '#/properties/next' } } };
  expect(definitions.add(list, 'List')).toEqual({ $ref: '#/$defs/List' });
  const next = { anyOf: [{ $ref: '#/$defs/List' }, { type: 'null' }] };
  expect(definitions.definitions).toEqual({ List: { type: 'object', properties: { next, other: { $ref: '#/$defs/next' } } }, next });
});

test('types that refer to each other are gathered once', () => {
  const definitions = new SchemaDefinitions();
  const $defs = { A: { type: 'array', items: { $ref: '#/$defs/B' } }, B: { anyOf: [{ $ref: '#/$defs/A' }, { type: 'string' }] } };
  for (const name of ['First', 'Second']) expect(definitions.add({ $ref: '#/$defs/A', $defs }, name)).toEqual({ $ref: '#/$defs/A' });
  expect(definitions.definitions).toEqual($defs);
});
