import { expect, test } from 'vitest';
import { z } from 'zod';
import { standardJsonSchema } from './standard-json-schema.ts';

test('a JSON Schema stays what it is', () => {
  const schema = { type: 'string' };
  expect(standardJsonSchema(schema)).toBe(schema);
});

test('a Standard Schema, also a function, is asked for draft 2020-12', () => {
  const standard = { version: 1, vendor: 'v', jsonSchema: { input: ({ target }: { readonly target: string }) => ({ $comment: target }) } };
  for (const schema of [{ '~standard': standard }, Object.assign(() => undefined, { '~standard': standard })]) {
    expect(standardJsonSchema(schema)).toEqual({ $comment: 'draft-2020-12' });
  }
});

test('what cannot say its JSON Schema is refused, with the reason', () => {
  expect(() => standardJsonSchema({ '~standard': { version: 1, vendor: 'oldlib', validate: () => ({ value: 1 }) } })).toThrow(
    /this oldlib schema can validate/,
  );
  expect(() => standardJsonSchema({ '~standard': { jsonSchema: { input: () => 'no' } } })).toThrow(/no JSON Schema object/);
  expect(() => standardJsonSchema(z.object({ when: z.date() }))).toThrow(
    expect.objectContaining({ code: 'usage', message: expect.stringContaining('this zod schema has no JSON Schema: Date cannot') }),
  );
  for (const value of [undefined, null, 3, 'name', []])
    expect(() => standardJsonSchema(value)).toThrow(expect.objectContaining({ code: 'usage' }));
});
