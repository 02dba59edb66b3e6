import { afterEach, describe, expect, test } from 'vitest';
import { languageModel, type JsonValue, type LanguageModel, type Tokenizer } from '../../core/index.ts';
import { chatModel, type ChatModelOptions } from '../../models/index.ts';
import { closeServers, echoReply, serve } from '../../models/openai-compatible/test-support/score-server.ts';
import { scored } from '../../models/openai-compatible/test-support/fake-lm.ts';
import { defineTask } from '../tasks/define-task.ts';
import { evaluate } from './evaluate.ts';

afterEach(closeServers);

/** Every byte is a token, and 1 begins a text. */
const bytes = async (): Promise<Tokenizer> => ({
  id: 'bytes',
  bos: { id: 1, text: '\u0001' },
  encode: (text) => [...Buffer.from(text)],
  decode: (ids) => Buffer.from(ids).toString(),
  count: (text) => Buffer.byteLength(text),
});

function server(contextSize: number): ReturnType<typeof serve> {
  return serve((path, body) => (path === '/v1/models' ? [200, { data: [{ id: 'm', max_model_len: contextSize }] }] : echoReply(body, {})));
}

function modelAt(baseUrl: string, options: Partial<ChatModelOptions> = {}): LanguageModel {
  return languageModel(chatModel({ name: 'here', baseUrl, model: 'm', tokenizer: bytes, batchScores: 1, ...options }));
}

function lengths(seen: Awaited<ReturnType<typeof serve>>['seen']): readonly number[] {
  const prompts: readonly (JsonValue | undefined)[] = seen.map(({ body }) => body['prompt']);
  return prompts.flatMap((prompt) => (Array.isArray(prompt) ? [prompt.length] : []));
}

const TEXT = 'The quick brown fox jumps over the lazy dog.';

describe('windows of a model behind a server', () => {
  test('are as long as the server takes: room for the last token and for the one that it makes', async () => {
    const { baseUrl, seen } = await server(20);
    const task = await defineTask({
      name: 'perplexity',
      docs: [{ text: TEXT }],
      outputType: 'loglikelihood_rolling',
      prompt: () => '',
      target: (doc) => doc.text,
    });
    const result = await evaluate(modelAt(baseUrl), [task]);
    expect(result.tasks[0]).toMatchObject({ documents: { answered: 1, failed: 0 } });
    const windows = lengths(seen);
    expect(Math.max(...windows)).toBe(19);
    expect(windows.length).toBe(Math.ceil(TEXT.length / 18));
  });

  test('choices keep the end of a context that is too long, and the sum is that of the tokens', async () => {
    const { baseUrl, seen } = await server(30);
    const task = await defineTask({
      name: 'choice',
      docs: [{ question: TEXT, choices: ['Yes', 'No'], answer: 0 }],
      outputType: 'multiple_choice',
      prompt: (doc) => doc.question,
      choices: (doc) => doc.choices,
      target: (doc) => doc.answer,
    });
    const scores: (number | undefined)[] = [];
    await evaluate(modelAt(baseUrl), [task], {
      onSample: ({ answers }) => {
        for (const [answer] of answers) scores.push(typeof answer?.response === 'object' ? answer.response.logprob : undefined);
      },
    });
    expect(lengths(seen)).toEqual([29, 29]);
    const whole = Buffer.from(`${TEXT} Yes`).subarray(-29);
    const tokens = scored([...whole].map((byte) => Buffer.from([byte])));
    const expected = tokens.slice(-4).reduce((sum, token) => sum + token.logprob, 0);
    expect(scores[0]).toBeCloseTo(expected, 10);
  });

  test('nobody asks for tokens who only generates', async () => {
    const { baseUrl, seen } = await serve(() => [
      200,
      { choices: [{ index: 0, text: '2', message: { role: 'assistant', content: '2' }, finish_reason: 'stop' }] },
    ]);
    const task = await defineTask({
      name: 'sums',
      docs: [{ question: '1+1=' }],
      outputType: 'generate_until',
      prompt: (doc) => doc.question,
      target: () => '2',
    });
    const broken = (): Promise<Tokenizer> => Promise.reject(new Error('no tokenizer here'));
    const result = await evaluate(modelAt(baseUrl, { tokenizer: broken }), [task]);
    expect(result.tasks[0]).toMatchObject({ documents: { answered: 1, failed: 0 } });
    expect(seen.map(({ path }) => path)).toEqual(['/v1/completions']);
  });

  test('a tokenizer that cannot be had stops a run that needs it at once', async () => {
    const { baseUrl, seen } = await server(30);
    const task = await defineTask({
      name: 'choice',
      docs: [{ question: 'a' }, { question: 'b' }],
      outputType: 'multiple_choice',
      prompt: (doc) => doc.question,
      choices: () => ['Yes', 'No'],
      target: () => 0,
    });
    const broken = (): Promise<Tokenizer> => Promise.reject(new Error('no tokenizer here'));
    await expect(evaluate(modelAt(baseUrl, { tokenizer: broken }), [task])).rejects.toThrow('no tokenizer here');
    expect(seen).toEqual([]);
  });

  test('a text without a beginning on a server without BOS: the error names the tokenizer, and that is the way', async () => {
    const { baseUrl } = await server(200);
    const task = await defineTask({
      name: 'perplexity',
      docs: [{ text: TEXT }],
      outputType: 'loglikelihood_rolling',
      prompt: () => '',
      target: (doc) => doc.text,
    });
    const model = modelAt(baseUrl, { tokenizer: false });
    await expect(evaluate(model, [task])).rejects.toThrow(/puts no BOS before it.*name the tokenizer of the model/);
    const result = await evaluate(model, [task], { tokenizer: await bytes() });
    expect(result.tasks[0]).toMatchObject({ documents: { answered: 1, failed: 0 } });
  });
});
