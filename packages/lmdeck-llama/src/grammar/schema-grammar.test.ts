import { LmdeckError, type JsonSchema, type JsonValue } from 'lmdeck/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openEngine } from '../engine.ts';
import { SchemaGrammar } from './schema-grammar.ts';

const { llama } = await openEngine(false);

/** Asks llama.cpp whether a grammar takes a whole text. */
async function acceptor(schema: JsonSchema): Promise<(text: string) => boolean> {
  const rules = new SchemaGrammar('m');
  const grammar = await llama.createGrammar({ grammar: rules.text(rules.add(schema)) });
  const test: unknown = Reflect.get(grammar, '_testText');
  if (typeof test !== 'function') throw new Error('node-llama-cpp has no _testText any more');
  return (text) => test.call(grammar, text) === true;
}

interface Case {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly good: readonly string[];
  readonly bad: readonly string[];
}

const person = { type: 'object', properties: { name: { type: 'string' }, age: { type: 'integer' } }, required: ['name', 'age'] };

const cases: readonly Case[] = [
  {
    name: 'objects: properties in order, required ones always',
    schema: person,
    good: ['{"name": "Maria", "age": 34}', '{"name": "", "age": -1}', '{"name": "a\\"\\u00e9\\n", "age": 0}'],
    bad: ['{"name": "Maria"}', '{"age": 34, "name": "Maria"}', '{"name": "Maria", "age": 3e4}', '{"name": "Maria", "age": 34}\n', '{"name":"a", "age": 1}', ''],
  },
  {
    name: 'optional properties may be left out, each by itself',
    schema: { type: 'object', properties: { a: { type: 'boolean' }, b: { type: 'null' }, c: { type: 'boolean' } }, required: ['b'] },
    good: ['{"b": null}', '{"a": true, "b": null}', '{"b": null, "c": false}', '{"a": true, "b": null, "c": false}'],
    bad: ['{}', '{"a": true}', '{"a": true, "c": true}', '{, "b": null}', '{"b": null, }'],
  },
  { name: 'only optional properties', schema: { properties: { a: { const: 1 }, b: { const: 2 } } }, good: ['{}', '{"a": 1}', '{"b": 2}', '{"a": 1, "b": 2}'], bad: ['{"c": 1}', '{"b": 2, "a": 1}'] },
  {
    name: 'additional properties of a type',
    schema: { type: 'object', properties: { a: { const: 1 } }, required: ['a'], additionalProperties: { type: 'integer' } },
    good: ['{"a": 1}', '{"a": 1, "x": 2}', '{"a": 1, "x": 2, "y": 3}'],
    bad: ['{"a": 1, "x": "2"}', '{"x": 2}'],
  },
  { name: 'maps', schema: { type: 'object', additionalProperties: { type: 'boolean' } }, good: ['{}', '{"x": true}', '{"x": true, "y": false}'], bad: ['{"x": 1}'] },
  { name: 'no properties at all', schema: { type: 'object', additionalProperties: false }, good: ['{}'], bad: ['{"a": 1}'] },
  { name: 'required names without a schema', schema: { type: 'object', required: ['a'] }, good: ['{"a": [1, {"b": null}]}'], bad: ['{}'] },
  { name: 'lists', schema: { type: 'array', items: { type: 'integer' } }, good: ['[]', '[1]', '[1, 2, 3]'], bad: ['[1,2]', '["a"]', '[1, ]'] },
  { name: 'lists of a length', schema: { type: 'array', items: { const: 1 }, minItems: 2, maxItems: 3 }, good: ['[1, 1]', '[1, 1, 1]'], bad: ['[]', '[1]', '[1, 1, 1, 1]'] },
  { name: 'an empty list', schema: { type: 'array', maxItems: 0 }, good: ['[]'], bad: ['[1]'] },
  {
    name: 'tuples',
    schema: { type: 'array', prefixItems: [{ const: 1 }, { const: 2 }], items: { const: 3 }, minItems: 1, maxItems: 4 },
    good: ['[1]', '[1, 2]', '[1, 2, 3]', '[1, 2, 3, 3]'],
    bad: ['[]', '[2]', '[1, 3]', '[1, 2, 3, 3, 3]'],
  },
  { name: 'enums of any kind', schema: { enum: ['a"b', 1, null, { x: [1, 2] }] }, good: ['"a\\"b"', '1', 'null', '{"x": [1, 2]}'], bad: ['a', '2', '{}'] },
  { name: 'several types', schema: { type: ['string', 'null'] }, good: ['"x"', 'null'], bad: ['1'] },
  { name: 'unions', schema: { anyOf: [{ type: 'integer' }, person] }, good: ['1', '{"name": "A", "age": 1}'], bad: ['"1"'] },
  {
    name: 'what stands beside a union holds in every branch',
    schema: { type: 'object', properties: { a: { const: 1 } }, required: ['a'], oneOf: [{ properties: { b: { const: 2 } }, required: ['b'] }, {}] },
    good: ['{"a": 1, "b": 2}', '{"a": 1}'],
    bad: ['{"b": 2}'],
  },
  {
    name: 'allOf unites',
    schema: { allOf: [{ $ref: '#/$defs/named' }, { properties: { b: { const: 2 } }, required: ['b'] }], $defs: { named: { type: 'object', properties: { a: { const: 1 } }, required: ['a'] } } },
    good: ['{"a": 1, "b": 2}'],
    bad: ['{"a": 1}', '{"b": 2}'],
  },
  {
    name: 'references, recursive ones too',
    schema: { $ref: '#/$defs/tree', $defs: { tree: { type: 'object', properties: { v: { type: 'integer' }, next: { $ref: '#/$defs/tree' } }, required: ['v'] } } },
    good: ['{"v": 1}', '{"v": 1, "next": {"v": 2, "next": {"v": 3}}}'],
    bad: ['{"next": {"v": 1}}', '{"v": 1, "next": 2}'],
  },
  { name: 'whole numbers between bounds', schema: { type: 'integer', minimum: 1, exclusiveMaximum: 11 }, good: ['1', '9', '10'], bad: ['0', '11', '-1', '1.0', '01'] },
  { name: 'numbers between bounds', schema: { type: 'number', minimum: 0, maximum: 1 }, good: ['0', '0.5', '1', '1.0'], bad: ['-0.5', '1.1', '2', '.5'] },
  { name: 'numbers above a bound', schema: { type: 'number', exclusiveMinimum: 0 }, good: ['0.001', '1', '2.5'], bad: ['0', '0.0', '-1'] },
  { name: 'numbers', schema: { type: 'number' }, good: ['0', '-1.5', '12.25'], bad: ['01', '1.', '+1', 'NaN'] },
  { name: 'strings of a length', schema: { type: 'string', minLength: 2, maxLength: 3 }, good: ['"ab"', '"é\\n東"'], bad: ['"a"', '"abcd"', '"a\nb"'] },
  { name: 'dates', schema: { type: 'string', format: 'date' }, good: ['"2026-11-20"'], bad: ['"2026-13-01"', '"today"'] },
  { name: 'formats that are only notes', schema: { type: 'string', format: 'email' }, good: ['"x"'], bad: ['x'] },
  { name: 'anything', schema: {}, good: ['1', '"x"', '{"a": [true, {}]}', '[]', 'null'], bad: ['', 'x', '{a: 1}'] },
]; // prettier-ignore

test.each(cases)('$name', async ({ schema, good, bad }) => {
  const accepts = await acceptor(schema);
  expect(good.filter((text) => !accepts(text))).toEqual([]);
  expect(bad.filter(accepts)).toEqual([]);
});

test('any JSON follows the schema that names it', async () => {
  const spaced = (value: JsonValue): string => {
    if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    return `{${Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${spaced(each ?? null)}`).join(', ')}}`; // prettier-ignore
  };
  const values = fc.sample(fc.jsonValue({ maxDepth: 2, noUnicodeString: false }), 40);
  for (const value of values) {
    const json: JsonValue = JSON.parse(JSON.stringify(value));
    expect((await acceptor({ const: json }))(spaced(json))).toBe(true);
  }
});

describe('schemas that a grammar cannot hold', () => {
  test.each([
    ['pattern', { type: 'object', properties: { zip: { type: 'string', pattern: '^\\d{5}$' } } }, '#/properties/zip'],
    ['multipleOf', { type: 'number', multipleOf: 0.01 }, '#'],
    ['uniqueItems', { type: 'array', uniqueItems: true }, '#'],
    ['not', { not: { type: 'string' } }, '#'],
    ['patternProperties', { type: 'object', patternProperties: { '^x': {} } }, '#'],
    ['minimum', { type: 'number', minimum: 0.5 }, '#'],
    ['maxLength', { type: 'string', maxLength: 5000 }, '#'],
  ])('%s is refused by name and place', (keyword, schema, path) => {
    const add = (): string => new SchemaGrammar('llama/x').add(schema);
    expect(add).toThrow(expect.objectContaining({ code: 'capability', data: { keyword, path } }));
    expect(add).toThrow(`"${keyword}" at ${path}`);
    expect(() => new SchemaGrammar('llama/x').add(schema, 'ignore')).not.toThrow();
  });

  test.each([
    [{ type: 'text' }],
    [{ $ref: '#/$defs/none' }],
    [{ enum: [] }],
    [{ type: 'integer', minimum: 2, maximum: 1 }],
    [{ type: 'array', minItems: 3, maxItems: 2 }],
  ])('nonsense is an error: %j', (schema) => {
    let thrown: unknown;
    try {
      new SchemaGrammar('m').add(schema);
    } catch (error) {
      thrown = error;
    }
    expect(LmdeckError.isInstance(thrown) && thrown.code).toBe('invalid-request');
  });
});
