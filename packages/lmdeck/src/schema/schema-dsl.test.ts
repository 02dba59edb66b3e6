import { describe, expect, test } from 'vitest';
import type { JsonObject, JsonSchema } from '../core/index.ts';
import { schemaDsl } from './schema-dsl.ts';

function object(properties: Readonly<Record<string, JsonObject>>): JsonSchema {
  return { type: 'object', properties, required: Object.keys(properties) };
}

const string = { type: 'string' };

describe('schemaDsl', () => {
  test.each<[string, JsonSchema]>([
    ['title, text', object({ title: string, text: string })],
    [
      'title, pages int, price float, used bool',
      object({ title: string, pages: { type: 'integer' }, price: { type: 'number' }, used: { type: 'boolean' } }),
    ],
    [
      'title: as printed, pages int: without covers',
      object({ title: { ...string, description: 'as printed' }, pages: { type: 'integer', description: 'without covers' } }),
    ],
    ['\n  title\n  pages int\n\n', object({ title: string, pages: { type: 'integer' } })],
    [
      'title: long, with commas\nnote: at: any time',
      object({ title: { ...string, description: 'long, with commas' }, note: { ...string, description: 'at: any time' } }),
    ],
    ['', object({})],
    ['title str, text string', object({ title: string, text: string })],
    ['  title  ,  pages   int  :  of the book  , ', object({ title: string, pages: { type: 'integer', description: 'of the book' } })],
  ])('%j', (text, schema) => {
    expect(schemaDsl(text)).toEqual(schema);
  });

  test('multi wraps it into a list of items', () => {
    expect(schemaDsl('title', { multi: true })).toEqual({
      type: 'object',
      properties: { items: { type: 'array', items: object({ title: string }) } },
      required: ['items'],
    });
  });

  test.each([
    ['title, : nameless', /a field has no name, in ": nameless"/],
    ['title date', /"date" is not a type/],
    ['title, title int', /"title" is there twice/],
    ['title str as printed', /"as printed" is too much/],
  ])('%j is wrong', (text, message) => {
    expect(() => schemaDsl(text)).toThrow(message);
    expect(() => schemaDsl(text)).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});
