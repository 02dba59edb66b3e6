import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { languageModel, type JsonObject, type JsonValue, type LocalTokenizer } from '../../core/index.ts';
import { chatModel } from '../../models/index.ts';
import { pythonFloat, type PythonValue } from '../../python/index.ts';
import { defineTask } from '../tasks/define-task.ts';
import type { EvaluationTask, TaskRequest } from '../tasks/evaluation-task.ts';
import { evaluate, type EvaluateOptions } from './evaluate.ts';

/** Every body that a request makes on the wire; answers with an echo of one token per character, or of the token ids. */
async function sent(request: TaskRequest, options: EvaluateOptions = {}): Promise<readonly JsonObject[]> {
  const bodies: JsonObject[] = [];
  const server = createServer((incoming, response) => {
    // It says nothing of itself: no list of models, no context size.
    if (incoming.method !== 'POST') return response.writeHead(404).end();
    let text = '';
    incoming.on('data', (part) => (text += String(part)));
    incoming.on('end', () => {
      const body: JsonObject = JSON.parse(text);
      bodies.push(body);
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answer(body)));
    });
    return undefined;
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  try {
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const model = languageModel(chatModel({ name: 'local', baseUrl: `http://127.0.0.1:${port}/v1`, model: 'gpt-3.5-turbo' }));
    await evaluate(model, [await taskOf(request)], { bootstrapIterations: 0, ...options });
  } finally {
    server.close();
  }
  return bodies;
}

function answer(body: JsonObject): JsonValue {
  const { prompt } = body;
  const prompts = Array.isArray(prompt) && typeof prompt[0] !== 'number' ? prompt : [prompt ?? ''];
  const choices = prompts.map((each, index): JsonObject => {
    const tokens = [...(Array.isArray(each) ? each.map(String) : Array.from(String(each))), '!'];
    const values = tokens.map((_, i) => (i === 0 ? null : -1));
    return { index, text: tokens.join(''), logprobs: { tokens, token_logprobs: values, top_logprobs: values.map(() => null) } };
  });
  return { id: 'cmpl-1', object: 'text_completion', choices };
}

async function taskOf(request: TaskRequest): Promise<EvaluationTask> {
  const base = await defineTask({ name: 'one', outputType: request.type, docs: [], prompt: () => '', target: () => '' });
  return {
    name: 'one',
    outputType: request.type,
    numFewshot: 0,
    repeats: 1,
    filters: base.filters,
    config: {},
    metrics: new Map(),
    size: async () => 1,
    async *items() {
      yield { docId: 0, doc: {}, target: '', requests: [request] };
    },
    score: async () => ({ values: { acc: 1 }, warnings: [] }),
  };
}

/** Without what is the same for the server: no stop sequences, and, where nothing is sampled, a seed. */
const generated: readonly (readonly [context: string, generation: Readonly<Record<string, PythonValue>>, body: JsonObject])[] = [
  [
    'Generate a story',
    { max_tokens: 100, temperature: pythonFloat(0.7), until: ['The End'], do_sample: true },
    { prompt: 'Generate a story', max_tokens: 100, temperature: 0.7, stop: ['The End'] },
  ],
  [
    'Hello, how are',
    { max_gen_toks: 100, temperature: pythonFloat(0.7), until: ['hi'] },
    { prompt: 'Hello, how are', max_tokens: 100, temperature: 0.7, stop: ['hi'] },
  ],
  ['Hello, how are', {}, { prompt: 'Hello, how are', max_tokens: 256, temperature: 0 }],
  ['x', { until: '\n' }, { prompt: 'x', max_tokens: 256, temperature: 0, stop: ['\n'] }],
  [
    'x',
    { until: null, top_p: pythonFloat(0.9), max_tokens: 7, max_gen_toks: 9 },
    { prompt: 'x', max_tokens: 7, temperature: 0, top_p: 0.9 },
  ],
];

test.each(generated)('what lm-evaluation-harness sends to completions: %j %j', async (context, generation, body) => {
  expect(await sent({ type: 'generate_until', context, generation })).toEqual([{ model: 'gpt-3.5-turbo', seed: 1234, ...body }]);
});

test('a log-likelihood', async () => {
  const bodies = await sent({ type: 'loglikelihood', context: 'The capital of France', continuation: ' is' });
  expect(bodies.at(-1)).toEqual({
    model: 'gpt-3.5-turbo',
    prompt: 'The capital of France is',
    temperature: 0,
    max_tokens: 1,
    logprobs: 1,
    echo: true,
  });
});

/** Letters as their codes; BOS is 1, the end 2. */
const letters: LocalTokenizer = {
  id: 'letters',
  bos: { id: 1, text: '<s>' },
  eos: { id: 2, text: '</s>' },
  encode: (text, options) => [...(options?.addSpecial === true ? [1] : []), ...Array.from(text, (letter) => letter.codePointAt(0) ?? 0)],
  decode: (ids) => String.fromCodePoint(...ids),
  count: (text) => text.length,
  bytes: (id) => Buffer.from(String.fromCodePoint(id)),
  encodeWithOffsets: (text) => ({ ids: letters.encode(text), offsets: Array.from(text, (_, i) => [i, i + 1] as const) }),
};

test.each<[string, TaskRequest, EvaluateOptions, readonly (readonly number[])[]]>([
  ['token ids', { type: 'loglikelihood', context: 'a', continuation: 'bc' }, {}, [[97, 98, 99]]],
  ['BOS before every text', { type: 'loglikelihood', context: 'a', continuation: 'b' }, { addBos: true }, [[1, 97, 98]]],
  ['BOS before no text', { type: 'loglikelihood', context: '', continuation: 'b' }, {}, [[1, 98]]],
  ['another prefix token', { type: 'loglikelihood', context: '', continuation: 'b' }, { prefixToken: 7 }, [[7, 98]]],
  [
    'rolling windows',
    { type: 'loglikelihood_rolling', text: 'abcde' },
    { maxLength: 2 },
    [
      [1, 97, 98],
      [98, 99, 100],
      [99, 100, 101],
    ],
  ],
])('%s', async (_, request, options, prompts) => {
  const bodies = await sent(request, { tokenizer: letters, ...options });
  const asked = bodies.slice(1).flatMap(({ prompt }) => (Array.isArray(prompt) && Array.isArray(prompt[0]) ? prompt : [prompt]));
  expect(asked).toEqual(prompts);
});
