import { type } from 'arktype';
import { toStandardJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';
import { expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { LmdeckError, messageText, type JsonObject, type JsonValue, type ModelRequest } from '../core/index.ts';
import { mock } from '../models/index.ts';
import { isStrictSchema } from '../models/openai-compatible/strict-schema.ts';
import { jsonSchema } from '../schema/index.ts';
import { llmFunction } from './llm-function.ts';

const person = z.object({
  name: z.string().describe('First and last name'),
  born: z.iso.date().transform((text) => new Date(text)),
  nick: z.string().optional(),
});
const extract = llmFunction({
  name: 'extractPerson',
  description: 'Finds the person that a text is about.',
  input: z.object({ text: z.string() }),
  output: person,
});
const ada = '{"name": "Ada Lovelace", "born": "1815-12-10", "nick": null}';

function texts(request: ModelRequest | undefined): readonly string[] {
  return (request?.messages ?? []).map((message) => `${message.role}: ${messageText(message)}`);
}

test('types and values come from the schemas', async () => {
  const found = await extract(mock({ outputs: [ada] }))({ text: 'Ada, born 1815' });
  expectTypeOf(found).toEqualTypeOf<{ name: string; born: Date; nick?: string | undefined }>();
  expectTypeOf(extract(mock())).parameter(0).toEqualTypeOf<{ text: string }>();
  expect(found).toEqual({ name: 'Ada Lovelace', born: new Date('1815-12-10') });
});

test('any Standard Schema, or JSON Schema, will do', async () => {
  const model = mock({ outputs: ['{"n": 3}'] });
  const valibot = llmFunction({
    name: 'f',
    input: toStandardJsonSchema(v.string()),
    output: toStandardJsonSchema(v.object({ n: v.number() })),
  });
  const ofValibot = await valibot(model)('x');
  expectTypeOf(ofValibot).toEqualTypeOf<{ n: number }>();
  const arktype = llmFunction({ name: 'f', input: type('string'), output: type({ n: 'number' }) });
  const ofArktype = await arktype(model)('x');
  expectTypeOf(ofArktype).toEqualTypeOf<{ n: number }>();
  const schema = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] };
  const typed = await llmFunction({ name: 'f', input: jsonSchema<string>({ type: 'string' }), output: jsonSchema<{ n: number }>(schema) })(
    model,
  )('x');
  expectTypeOf(typed).toEqualTypeOf<{ n: number }>();
  const untyped = await llmFunction({ name: 'f', input: { type: 'string' }, output: schema })(model)('x');
  expectTypeOf(untyped).toEqualTypeOf<JsonValue>();
  expect([ofValibot, ofArktype, typed, untyped]).toEqual([{ n: 3 }, { n: 3 }, { n: 3 }, { n: 3 }]);
});

test('a model that enforces schemas is given one; words and hints are in the prompt', async () => {
  const model = mock({ outputs: ['{"topics": ["a"]}'] });
  const suggest = llmFunction({
    name: 'suggest',
    input: z.object({ domain: z.string() }),
    output: z.object({ topics: z.array(z.string().min(1)).describe('What to write about').meta({ hint_min_items: 1, hint_max_items: 4 }) }),
  });
  await suggest(model)({ domain: 'birds' });
  expect(model.requests[0]?.schema).toEqual({
    type: 'object',
    properties: { topics: { type: 'array', items: { type: 'string', minLength: 1 } } },
    required: ['topics'],
    additionalProperties: false,
  });
  expect(texts(model.requests[0])).toEqual([
    [
      'system: suggest',
      'Output: {',
      ' topics: (string /* at least 1 character */)[] // What to write about; preferably 1 to 4 items',
      '}',
      'Answer with the output as JSON, nothing else.',
    ].join('\n'),
    'user: {"domain":"birds"}',
  ]);
});

test('optional properties, hints and words do not keep it from being strict', async () => {
  const { request } = await extract(mock()).explain({ text: '' });
  expect(request.schema).toMatchObject({
    properties: { nick: { anyOf: [{ type: 'string' }, { type: 'null' }] } },
    required: ['name', 'born', 'nick'],
  });
  expect(isStrictSchema(request.schema ?? {})).toBe(true);
});

test('a model that does not is asked for JSON, leniently read', async () => {
  const model = mock({ outputs: [`Here you are:\n{'name': 'Ada', born: "1815-12-10",}`], capabilities: {} });
  const { value, leniencies, attempts } = await extract(model).run({ text: 'Ada' });
  expect(value.born).toEqual(new Date('1815-12-10'));
  expect(leniencies).toEqual(['text-around', 'single-quotes', 'bare-key', 'trailing-comma']);
  expect(attempts).toBe(1);
  expect(model.requests[0]?.schema).toBeUndefined();
});

test('what is no object goes in one and comes out of it', async () => {
  const model = mock({ outputs: ['{"result": 3}', '4', '{"result": "x"}', '5'] });
  const count = llmFunction({ name: 'count', input: z.string(), output: z.int() });
  const run = await count(model).run('one two three');
  expect([run.value, run.leniencies]).toEqual([3, undefined]);
  expect(model.requests[0]?.schema).toMatchObject({ properties: { result: { type: 'integer' } }, required: ['result'] });
  expect(texts(model.requests[0])[1]).toBe('user: one two three');
  expect(await count(model).run('')).toMatchObject({ value: 4, leniencies: ['not-wrapped'] });
  expect(await count(model).run('')).toMatchObject({ value: 5, attempts: 2 });
});

test('an object that was put into another one comes out of it', async () => {
  const wrapped = extract(mock({ outputs: [`{"result": ${ada}}`] }));
  expect(await wrapped.run({ text: 'Ada' })).toMatchObject({ value: { name: 'Ada Lovelace' }, leniencies: ['wrapped'] });
});

test('text where text is wanted needs no quotes', async () => {
  const model = mock({ outputs: ['A long day.', '"quoted"', 'positive', 'so so', '{"result": "negative"}'] });
  const summarize = llmFunction({ name: 'summarize', input: z.string(), output: z.string() });
  expect(await summarize(model).run('…')).toMatchObject({ value: 'A long day.', leniencies: ['bare-text'] });
  expect(await summarize(model)('…')).toBe('quoted');
  const judge = llmFunction({ name: 'judge', input: z.string(), output: z.enum(['positive', 'negative']) });
  expect(await judge(model)('…')).toBe('positive');
  expect(await judge(model).run('…')).toMatchObject({ value: 'negative', attempts: 2 });
});

test('what is not valid goes back with what is wrong; the calls form a tree', async () => {
  const model = mock({ outputs: ['{"name": "Ada"}', 'never mind', ada] });
  const run = await extract(model)
    .run({ text: 'Ada' })
    .catch((error: unknown) => error);
  expect(run).toMatchObject({ attempts: 3, value: { name: 'Ada Lovelace' } });
  const [first, second, third] = model.requests.map(texts);
  expect(second?.slice(0, 2)).toEqual(first);
  expect(second?.slice(2)).toEqual([
    'assistant: {"name": "Ada"}',
    'user: That is not valid:\n$.born: Invalid input: expected string, received undefined\nAnswer again with the whole output, corrected, as JSON and nothing else.',
  ]);
  // Only the last answer goes along: what was wrong before is of no use any more.
  expect(third).toHaveLength(4);
  expect(third?.[2]).toBe('assistant: never mind');
  const ids = model.calls.map(({ callId }) => callId);
  expect(model.calls.map(({ parentCallId }) => parentCallId)).toEqual([undefined, ids[0], ids[0]]);
  expect(run).toMatchObject({ callIds: ids });
});

test('after the last attempt the error says where it fails', async () => {
  const model = mock({ outputs: ['{"name": 3, "born": "1815-12-10"}'] });
  const error: unknown = await extract(model, { attempts: 2 })({ text: 'Ada' }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    code: 'invalid-response',
    message:
      'extractPerson: mock gave no valid result in 2 attempts. The last one: $.name: Invalid input: expected string, received number',
    data: { attempts: 2, problems: [{ path: '$.name' }], answer: '{"name": 3, "born": "1815-12-10"}' },
  });
  expect(model.requests).toHaveLength(2);
});

test('errors of the call itself are not repaired', async () => {
  const model = mock({ outputs: [new LmdeckError('authentication', 'no key')] });
  await expect(extract(model)({ text: '' })).rejects.toMatchObject({ code: 'authentication' });
  expect(model.requests).toHaveLength(1);
});

test('an answer that was cut off is told as such', async () => {
  const model = mock({ outputs: [{ text: '{"name": "Ada', finish: 'length' }, ada] });
  expect(await extract(model).run({ text: 'Ada' })).toMatchObject({ attempts: 2 });
  expect(texts(model.requests[1])[3]).toContain('$: The answer was cut off by the token limit');
});

test('a refusal is told as one', async () => {
  await expect(extract(mock({ outputs: [{ refusal: 'I will not.' }] }))({ text: '' })).rejects.toMatchObject({
    code: 'content-filter',
    message: 'extractPerson: mock refused: I will not.',
  });
});

test('an input that is not valid is not sent; defaults of its schema are', async () => {
  const model = mock({ outputs: ['{"result": "ok"}'] });
  const greet = llmFunction({
    name: 'greet',
    input: z.object({ name: z.string().min(1), tone: z.string().default('friendly') }),
    output: z.string(),
  });
  await expect(greet(model)({ name: '' })).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('greet: the input is not valid: $.name:'),
  });
  expect(model.requests).toHaveLength(0);
  await greet(model)({ name: 'Anna' });
  expect(texts(model.requests[0])[1]).toBe('user: {"name":"Anna","tone":"friendly"}');
  const plain = llmFunction({
    name: 'plain',
    input: { type: 'object', properties: { n: { type: 'integer' } } },
    output: { type: 'string' },
  });
  await expect(plain(model)({ n: 'x' })).rejects.toMatchObject({ message: expect.stringContaining('$.n:') });
});

test('examples are turns before the question, and must be right', async () => {
  const model = mock({ outputs: ['{"result": 2}'] });
  const spec = { name: 'count', input: z.object({ text: z.string() }), output: z.int() };
  await llmFunction({ ...spec, examples: [{ input: { text: 'a b c' }, output: 3 }] })(model)({ text: 'a b' });
  expect(texts(model.requests[0]).slice(1)).toEqual(['user: {"text":"a b c"}', 'assistant: {"result":3}', 'user: {"text":"a b"}']);
  await expect(llmFunction({ ...spec, examples: [{ input: { text: 'a' }, output: 1.5 }] })(model)({ text: 'a' })).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('count: the output of example 1'),
  });
});

test('explain gives exactly what would be sent, and sends nothing', async () => {
  const model = mock({ outputs: [ada] });
  const bound = extract(model, { options: { temperature: 0 } });
  const { request, text } = await bound.explain({ text: 'Ada' });
  expect(model.requests).toHaveLength(0);
  await bound({ text: 'Ada' });
  expect(request).toEqual(model.requests[0]);
  expect(text).toContain('user: {"text":"Ada"}');
  expect(text).toContain('schema: {"type":"object"');
  expect(text).toContain('options: {"temperature":0}');
});

test('options: those of the function, of withOptions, of the model and of the call', async () => {
  const model = mock({ outputs: ['{"result": 1}'] });
  const count = llmFunction({ name: 'count', input: z.string(), output: z.int(), options: { options: { temperature: 1, topP: 1 } } });
  await count
    .withOptions({ options: { temperature: 0 }, runId: 'r' })(model, { options: { seed: 3 } })
    .explicit('x', { options: { seed: 4 } });
  expect(model.requests[0]?.options).toEqual({ temperature: 0, topP: 1, seed: 4 });
  expect(model.calls[0]?.runId).toBe('r');
});

test('tools are called before the answer, as often as it takes', async () => {
  const model = mock({
    outputs: [
      { toolCalls: [{ name: 'population', arguments: { city: 'Rome' } }, { name: 'nothing' }] },
      { toolCalls: [{ name: 'population', arguments: { city: 'Atlantis' } }] },
      '{"result": 2800000}',
    ],
  });
  const population = {
    name: 'population',
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
    run: ({ city }: JsonObject) => {
      if (city !== 'Rome') throw new Error('no such city');
      return { inhabitants: 2_800_000 };
    },
  };
  const largest = llmFunction({ name: 'largest', input: z.array(z.string()), output: z.int(), tools: [population] });
  const run = await largest(model).run(['Rome', 'Atlantis']);
  expect(run).toMatchObject({ value: 2_800_000, attempts: 3 });
  const results = model.requests[2]?.messages.flatMap(({ parts }) => parts.filter((part) => part.type === 'tool-result'));
  expect(results?.map(({ output, isError }) => [output, isError])).toEqual([
    ['{"inhabitants":2800000}', undefined],
    ['There is no tool "nothing". Tools: population.', true],
    ['no such city', true],
  ]);
  expect(model.requests[0]?.tools).toEqual([{ name: 'population', parameters: population.parameters }]);
  expect(model.calls.map(({ parentCallId }) => parentCallId)).toEqual([undefined, run.callIds[0], run.callIds[0]]);
});

test('tool calls without end are ended', async () => {
  const model = mock({ outputs: [{ toolCalls: [{ name: 'more' }] }] });
  const tools = [{ name: 'more', parameters: { type: 'object' }, run: () => 'more' }];
  const f = llmFunction({ name: 'f', input: z.string(), output: z.string(), tools });
  await expect(f(model, { toolRounds: 2 })('x')).rejects.toMatchObject({
    code: 'invalid-response',
    message: expect.stringContaining('after 2 rounds'),
  });
  expect(model.requests).toHaveLength(3);
});

test('a keyword that the engine cannot enforce is left to the check', async () => {
  const asked: (JsonObject | undefined)[] = [];
  const model = mock({
    outputs: [
      ({ schema }) => {
        asked.push(schema);
        if (JSON.stringify(schema).includes('pattern')) throw new LmdeckError('capability', 'no pattern', { data: { keyword: 'pattern' } });
        return '{"result": "abc"}';
      },
    ],
  });
  const f = llmFunction({ name: 'f', input: z.string(), output: z.string().regex(/^a/) });
  // Both find out at the same time.
  expect(await Promise.all([f(model)('x'), f(model)('y')])).toEqual(['abc', 'abc']);
  expect(await f(model)('z')).toBe('abc');
  expect(asked).toHaveLength(5);
  expect(asked[4]).toEqual({
    type: 'object',
    properties: { result: { type: 'string' } },
    required: ['result'],
    additionalProperties: false,
  });
});

test('a keyword that is refused again and again is an error', async () => {
  const model = mock({ outputs: [new LmdeckError('capability', 'nothing', { data: { keyword: 'pattern' } })] });
  await expect(llmFunction({ name: 'f', input: z.string(), output: z.string() })(model)('x')).rejects.toMatchObject({ code: 'capability' });
  expect(model.requests).toHaveLength(2);
});
