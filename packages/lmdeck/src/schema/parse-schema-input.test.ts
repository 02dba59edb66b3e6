import { expect, test } from 'vitest';
import { parseSchemaInput } from './parse-schema-input.ts';

test('JSON text is a schema, anything else the short notation', () => {
  expect(parseSchemaInput(' {"type": "object", "x": 1}')).toEqual({ type: 'object', x: 1 });
  expect(parseSchemaInput('name')).toEqual({ type: 'object', properties: { name: { type: 'string' } }, required: ['name'] });
});

test('multi wraps both', () => {
  for (const text of ['{"type":"string"}', 'name']) {
    expect(parseSchemaInput(text, { multi: true })).toMatchObject({ properties: { items: { type: 'array' } }, required: ['items'] });
  }
});

test('broken JSON is told as such', () => {
  expect(() => parseSchemaInput('{"type": ')).toThrow(/schema: this is not JSON/);
});

test('a list is no schema, nothing is none either', () => {
  expect(() => parseSchemaInput('["name", "age"]')).toThrow('a JSON Schema must be a JSON object, { … }.');
  for (const text of ['', ' \n']) expect(() => parseSchemaInput(text)).toThrow(/schema: it is empty/);
});
