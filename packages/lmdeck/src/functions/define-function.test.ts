import { expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { messageText } from '../core/index.ts';
import { mock, type MockModel } from '../models/index.ts';
import { jsonSchema } from '../schema/index.ts';
import { defineFunction } from './define-function.ts';
import { typeParameter } from './type-parameters.ts';

const text = { type: 'string' };

function asked(model: MockModel, index = 0): string {
  return (model.requests[index]?.messages ?? []).map(messageText).join('\n');
}

test('arguments go by their names; those left out are absent, a rest is a list', async () => {
  const model = mock({ outputs: ['{"result": 1}'] });
  const rank = defineFunction<
    (query: string, limit?: number, ...tags: string[]) => number,
    { query: string; limit?: number; tags?: string[] }
  >({
    name: 'rank',
    parameters: [
      { name: 'query', schema: text, description: 'What to look for' },
      { name: 'limit', schema: { type: 'integer' }, optional: true },
      { name: 'tags', schema: { type: 'array', items: text }, rest: true },
    ],
    output: { type: 'integer' },
    outputDescription: 'The place',
  });
  const bound = rank(model);
  expectTypeOf(bound).toBeCallableWith('birds', 3, 'a', 'b');
  expectTypeOf(await bound('birds')).toEqualTypeOf<number>();
  await bound('birds', undefined, 'a', 'b');
  await bound.explicit({ query: 'cats', limit: 2 });
  expect(asked(model)).toBe(
    'rank\nInput: {\n query: string // What to look for\n limit?: integer\n tags?: string[]\n}\nOutput: {\n result: integer // The place\n}\nAnswer with the output as JSON, nothing else.\n{"query":"birds","tags":[]}',
  );
  expect(asked(model, 1)).toContain('{"query":"birds","tags":["a","b"]}');
  expect(asked(model, 2)).toContain('{"query":"cats","limit":2}');
  await expect(Reflect.apply(bound, undefined, [])).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining('"query"') });
});

test('without parameters all is said in one message', async () => {
  const model = mock({ outputs: ['{"result": "a"}'] });
  expect(await defineFunction<() => string>({ name: 'letter', parameters: [], output: text })(model)()).toBe('a');
  expect(model.requests[0]?.messages.map(({ role }) => role)).toEqual(['user']);
});

test('dates, sets, maps and big integers go there and come back', async () => {
  const model = mock({
    outputs: ['{"when": "2026-01-02T00:00:00.000Z", "tags": ["b"], "counts": {"x": 2}, "big": "12345678901234567890"}'],
  });
  interface Everything {
    when: Date;
    tags: Set<string>;
    counts: Map<string, number>;
    big: bigint;
  }
  const shift = defineFunction<(value: Everything) => Everything, { value: Everything }>({
    name: 'shift',
    parameters: [{ name: 'value', schema: { $ref: '#/$defs/Everything' } }],
    output: { $ref: '#/$defs/Everything' },
    definitions: {
      Everything: {
        type: 'object',
        properties: {
          when: { type: 'string', format: 'date-time', 'x-type': 'Date' },
          tags: { type: 'array', items: text, 'x-type': 'Set' },
          counts: { type: 'object', additionalProperties: { type: 'integer' }, 'x-type': 'Map' },
          big: { type: 'string', pattern: '^-?\\d+$', 'x-type': 'bigint' },
        },
        required: ['when', 'tags', 'counts', 'big'],
      },
    },
  });
  const given = { when: new Date('2026-01-01'), tags: new Set(['a']), counts: new Map([['x', 1]]), big: 10n };
  expect(await shift(model)(given)).toEqual({
    when: new Date('2026-01-02'),
    tags: new Set(['b']),
    counts: new Map([['x', 2]]),
    big: 12345678901234567890n,
  });
  expect(asked(model)).toContain('{"value":{"when":"2026-01-01T00:00:00.000Z","tags":["a"],"counts":{"x":1},"big":"10"}}');
});

interface Ranked<T> {
  readonly best: T;
  readonly others: readonly T[];
}

const rankAll = defineFunction<
  <T>(items: readonly T[], favourite?: T) => Promise<Ranked<T>>,
  { items: readonly unknown[]; favourite?: unknown }
>({
  name: 'rankAll',
  typeParameters: ['T'],
  parameters: [
    { name: 'items', schema: { type: 'array', items: typeParameter('T') } },
    { name: 'favourite', schema: { anyOf: [typeParameter('T'), { type: 'null' }] }, optional: true },
  ],
  output: { $ref: '#/$defs/Ranked' },
  definitions: {
    Ranked: {
      type: 'object',
      properties: { best: { ...typeParameter('T'), description: 'The best' }, others: { type: 'array', items: typeParameter('T') } },
      required: ['best', 'others'],
    },
  },
});

test('the types of the arguments decide the type of the result, for the compiler and at run time', async () => {
  const model = mock({ outputs: ['{"best": 2, "others": [1]}', '{"best": {"name": "a"}, "others": []}', '{"best": "2", "others": []}'] });
  const numbers = await rankAll(model)([1, 2]);
  expectTypeOf(numbers).toEqualTypeOf<Ranked<number>>();
  expect(numbers).toEqual({ best: 2, others: [1] });
  const objects = await rankAll(model)([{ name: 'b' }, { name: 'a' }]);
  expectTypeOf(objects).toEqualTypeOf<Ranked<{ name: string }>>();
  expect(objects.best.name).toBe('a');
  expect(asked(model)).toContain(' best: number // The best');
  expect(asked(model, 1)).toContain('Output: {\n best: { // The best\n  name: string\n }\n');
  // A text where numbers went in is no valid result.
  await expect(rankAll(model, { attempts: 1 })([1])).rejects.toMatchObject({
    code: 'invalid-response',
    data: { problems: [{ path: '$.best', message: 'Instance type "string" is invalid. Expected "number".' }] },
  });
});

test('several types in one list are a union; in two arguments they contradict each other', async () => {
  const model = mock({ outputs: ['{"best": "a", "others": [1]}'] });
  expect(await rankAll(model)<string | number>([1, 'a'])).toEqual({ best: 'a', others: [1] });
  expect(asked(model)).toContain(' best: number | string');
  await expect(rankAll(model)<unknown>([1, 2], 'three')).rejects.toMatchObject({
    code: 'usage',
    message: 'rankAll: conflicting resolution of T: number (of items), but string (of favourite). Give its schema: withTypes({ T: … }).',
  });
  expect(model.requests).toHaveLength(1);
});

test('a schema that is given wins, and says more than values do', async () => {
  const model = mock({ outputs: ['{"best": 7, "others": []}', '{"best": 3, "others": []}'] });
  const digits = rankAll.withTypes({ T: z.int().min(1).max(5) });
  expect(await digits(model).run([1, 2])).toMatchObject({ value: { best: 3, others: [] }, attempts: 2 });
  await expect(digits(model)([9])).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining('$.items[0]') });
  expect(() => rankAll.withTypes({ U: z.int() })).toThrow('rankAll: there is no type parameter U: it has T.');
});

test('a type parameter that no argument tells must be given', async () => {
  const make = defineFunction<<T>(hint: string) => Promise<T>, { hint: string }>({
    name: 'make',
    typeParameters: ['T'],
    parameters: [{ name: 'hint', schema: text }],
    output: typeParameter('T'),
  });
  await expect(make(mock())('a')).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining('no argument tells what T is') });
  const recursive = { type: 'object', properties: { next: { anyOf: [{ $ref: '#' }, { type: 'null' }] } }, required: ['next'] };
  const model = mock({ outputs: ['{"next": {"next": null}}'] });
  const list = make.withTypes({ T: jsonSchema(recursive) })(model);
  expect(await list<{ next: unknown }>('a')).toEqual({ next: { next: null } });
  expect(asked(model)).toContain('type T = {\n next: T | null\n}');
});
