import fc from 'fast-check';
import { defineFunction, typeParameter } from 'lmdeck/functions';
import type { JsonSchema } from 'lmdeck/core';
import { schemaCheck } from 'lmdeck/schema';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { llama, type LlamaLanguageModel } from './index.ts';

/** How many random calls; 1000 by hand: `LMDECK_TEST_CALLS=1000 npx vitest run packages/lmdeck-llama/src/functions.test.ts`. */
const CALLS = Number(process.env['LMDECK_TEST_CALLS'] ?? 60);

let tiny: LlamaLanguageModel;
beforeAll(() => {
  tiny = llama({ model: 'tiny' });
});
afterAll(() => tiny.unload());

const word = { type: 'string', minLength: 1, maxLength: 12 };
const person = {
  type: 'object',
  properties: { name: word, age: { type: 'integer', minimum: 0, maximum: 120, description: 'In years' }, city: word, nick: word },
  required: ['name', 'age', 'city'],
};

/** Results of every kind that a type can be. */
const outputs: Readonly<Record<string, JsonSchema>> = {
  integer: { type: 'integer', minimum: -5, maximum: 5 },
  number: { type: 'number', minimum: 0, maximum: 1 },
  boolean: { type: 'boolean' },
  text: { type: 'string', maxLength: 20 },
  literal: { enum: ['positive', 'negative', 'neutral'] },
  nullable: { anyOf: [word, { type: 'null' }] },
  union: { anyOf: [{ type: 'boolean' }, { type: 'array', items: word, minItems: 1, maxItems: 2 }] },
  list: { type: 'array', items: word, minItems: 1, maxItems: 3 },
  tuple: { type: 'array', prefixItems: [word, { type: 'integer', minimum: 0, maximum: 9 }], items: false, minItems: 2, maxItems: 2 },
  person,
  tagged: {
    anyOf: [
      {
        type: 'object',
        properties: { kind: { const: 'circle' }, radius: { type: 'integer', minimum: 1, maximum: 9 } },
        required: ['kind', 'radius'],
      },
      {
        type: 'object',
        properties: { kind: { const: 'square' }, side: { type: 'integer', minimum: 1, maximum: 9 } },
        required: ['kind', 'side'],
      },
    ],
  },
  nested: { type: 'object', properties: { people: { type: 'array', items: person, maxItems: 2 }, best: person }, required: ['people'] },
  dates: { type: 'array', items: { type: 'string', format: 'date' }, minItems: 1, maxItems: 2 },
};

test(`${CALLS} random calls give valid values of their types`, { timeout: 3_600_000 }, async () => {
  const kinds = Object.keys(outputs);
  const inputs = fc.sample(
    fc.record({
      text: fc.oneof(fc.string({ maxLength: 30 }), fc.constantFrom('Maria is 34 and lives in Rome.', 'The film was not good.')),
    }),
    {
      numRuns: CALLS,
      seed: 7,
    },
  );
  let repaired = 0;
  const failed: string[] = [];
  for (const [i, { text }] of inputs.entries()) {
    const kind = kinds[i % kinds.length] ?? '';
    const output = outputs[kind] ?? {};
    const extract = defineFunction<(text: string) => unknown>({
      name: kind,
      description: `Finds the ${kind}.`,
      parameters: [{ name: 'text', schema: { type: 'string' } }],
      output,
    });
    const check = await schemaCheck(output);
    const run = await extract(tiny, { options: { temperature: 1, seed: i, maxTokens: 300 } })
      .run(text)
      .catch((error: unknown) => `${kind} ${i}: ${String(error)}`);
    if (typeof run === 'string') failed.push(run);
    else {
      expect(check(run.value)).toEqual([]);
      if (run.attempts > 1) repaired++;
    }
  }
  if (CALLS >= 1000) process.stdout.write(`${CALLS} calls, ${repaired} with repairs\n`);
  expect(failed).toEqual([]);
});

test('what the tiny model knows comes out right, through its types', async () => {
  const extract = defineFunction<(text: string) => { name: string; age: number; city: string }>({
    name: 'extract',
    description: 'Extract the name, age and city as JSON.',
    parameters: [{ name: 'text', schema: { type: 'string' } }],
    output: { ...person, properties: { name: word, age: { type: 'integer' }, city: word } },
  });
  expect(await extract(tiny, { options: { temperature: 0 } })('Maria is 34 and lives in Rome.')).toMatchObject({ age: expect.any(Number) });
});

test('generic functions too', async () => {
  const first = defineFunction<<T>(items: readonly T[]) => Promise<T>>({
    name: 'first',
    typeParameters: ['T'],
    parameters: [{ name: 'items', schema: { type: 'array', items: typeParameter('T') } }],
    output: typeParameter('T'),
  });
  expect(typeof (await first(tiny, { options: { temperature: 0 } })([true, false]))).toBe('boolean');
});
