import { expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { LmdeckError } from '../core/index.ts';
import { mock } from '../models/index.ts';
import { llmFunction } from './llm-function.ts';

const story = llmFunction({
  name: 'story',
  input: z.string(),
  output: z.object({ title: z.string(), when: z.iso.datetime().transform((text) => new Date(text)), words: z.array(z.int()) }),
});
const text = '{"title": "Two birds", "when": "2026-01-02T03:04:05Z", "words": [12, 3]}';

test('the result comes as far as it has come, then whole and checked', async () => {
  const stream = story(
    mock({
      outputs: [{ text, chunks: ['Sure! {"title": "Two', ' birds", "when": "2026-01-02T03:04:05Z", "wo', 'rds": [1', '2, 3', ']}'] }],
    }),
  ).stream('birds');
  const steps = [];
  for await (const step of stream) {
    expectTypeOf(step.title).toEqualTypeOf<string | undefined>();
    expectTypeOf(step.when).toEqualTypeOf<string | undefined>();
    steps.push(structuredClone(step));
  }
  const when = '2026-01-02T03:04:05Z';
  expect(steps).toEqual([
    { title: 'Two' },
    { title: 'Two birds', when },
    { title: 'Two birds', when, words: [] },
    { title: 'Two birds', when, words: [12] },
    { title: 'Two birds', when, words: [12, 3] },
  ]);
  const value = await stream.value();
  expectTypeOf(value.when).toEqualTypeOf<Date>();
  expect(value).toEqual({ title: 'Two birds', when: new Date(when), words: [12, 3] });
});

test('what is wrapped streams as itself', async () => {
  const list = llmFunction({ name: 'list', input: z.string(), output: z.array(z.string()) });
  const steps: (readonly string[])[] = [];
  const stream = list(mock({ outputs: [{ chunks: ['{"res', 'ult": ["al', 'pha", "be', 'ta"]}'] }] })).stream('x');
  for await (const step of stream) steps.push([...step]);
  expect(steps).toEqual([['al'], ['alpha', 'be'], ['alpha', 'beta']]);
});

test('a repair begins anew, and one reads the same result twice', async () => {
  const model = mock({ outputs: [{ chunks: ['{"title": 3}'] }, { chunks: [text] }] });
  const stream = story(model).stream('x');
  const steps = [];
  for await (const step of stream) steps.push(structuredClone(step));
  expect(steps).toMatchObject([{ title: 3 }, { title: 'Two birds' }]);
  expect(await stream.result()).toMatchObject({ attempts: 2 });
  expect(model.requests).toHaveLength(2);
});

test('one may wait for the end while another reads', async () => {
  const stream = story(mock({ outputs: [{ text, chunks: 5 }] })).stream('x');
  const steps = Array.fromAsync(stream);
  expect(await stream.value()).toMatchObject({ title: 'Two birds' });
  expect((await steps).length).toBeGreaterThan(0);
  expect(await stream.result()).toMatchObject({ attempts: 1 });
});

test('a failure is told to whoever reads', async () => {
  const stream = story(mock({ outputs: [{ text, chunks: 5, error: new LmdeckError('server', 'down') }] })).stream('x');
  await expect(Array.fromAsync(stream)).rejects.toMatchObject({ code: 'server' });
  await expect(stream.value()).rejects.toMatchObject({ code: 'server' });
});

test('unread it is asked for in one piece; left early it ends the call', async () => {
  const model = mock({ outputs: [{ text, chunks: 3 }] });
  await story(model).stream('x').value();
  expect(model.calls[0]?.stream).toBe(false);
  const stream = story(model).stream('x');
  for await (const step of stream) {
    expect(step).toBeDefined();
    break;
  }
  await expect(stream.value()).rejects.toMatchObject({ code: 'aborted' });
});
