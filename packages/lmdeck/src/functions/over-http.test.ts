import { createServer, type Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import type { JsonObject } from '../core/index.ts';
import { openai } from '../models/index.ts';
import { llmFunction } from './llm-function.ts';

let server: Server | undefined;
afterEach(() => server?.close().closeAllConnections());

/** A server of chat completions that gives these answers in turn. */
async function serve(answers: readonly string[]): Promise<{ readonly baseUrl: string; readonly bodies: JsonObject[] }> {
  const bodies: JsonObject[] = [];
  server = createServer((request, response) => {
    void (async () => {
      const body: JsonObject = JSON.parse(Buffer.concat(await Array.fromAsync(request)).toString());
      const content = answers[bodies.push(body) - 1] ?? '';
      if (body['stream'] !== true) {
        response.setHeader('content-type', 'application/json');
        return response.end(JSON.stringify({ choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }] }));
      }
      response.setHeader('content-type', 'text/event-stream');
      for (const piece of content.match(/.{1,7}/gsu) ?? [])
        response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: piece }, finish_reason: null }] })}\n\n`);
      response.end(`data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}\n\ndata: [DONE]\n\n`);
    })();
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const address = server.address();
  return { baseUrl: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/v1`, bodies };
}

const cities = llmFunction({
  name: 'cities',
  input: z.object({ country: z.string() }),
  output: z.array(z.object({ name: z.string().describe('In English'), founded: z.int().optional() })).meta({ hint_max_items: 3 }),
});

test('the schema goes over the wire in strict form, what is not valid goes back', async () => {
  const { baseUrl, bodies } = await serve([
    '{"result": [{"name": 1, "founded": null}]}',
    '{"result": [{"name": "Oslo", "founded": null}]}',
  ]);
  const run = await cities(openai({ baseUrl, apiKey: 'k', model: 'm' })).run({ country: 'Norway' });
  expect(run).toMatchObject({ value: [{ name: 'Oslo' }], attempts: 2 });
  expect(bodies[0]?.['response_format']).toEqual({
    type: 'json_schema',
    json_schema: {
      name: 'answer',
      strict: true,
      schema: {
        type: 'object',
        properties: {
          result: {
            type: 'array',
            items: {
              type: 'object',
              properties: { name: { type: 'string' }, founded: { anyOf: [{ type: 'integer' }, { type: 'null' }] } },
              required: ['name', 'founded'],
              additionalProperties: false,
            },
          },
        },
        required: ['result'],
        additionalProperties: false,
      },
    },
  });
  expect(bodies[1]?.['messages']).toMatchObject([
    { role: 'system', content: expect.stringContaining('// preferably at most 3 items') },
    { role: 'user' },
    { role: 'assistant', content: '{"result": [{"name": 1, "founded": null}]}' },
    { role: 'user', content: expect.stringContaining('$[0].name: ') },
  ]);
});

test('a stream of server-sent events is a stream of results', async () => {
  const { baseUrl } = await serve(['{"result": [{"name": "Oslo", "founded": 1048}]}']);
  const stream = cities(openai({ baseUrl, apiKey: 'k', model: 'm' })).stream({ country: 'Norway' });
  // How many events a read brings is up to the network: the steps may be few, the last one has all.
  const steps = [];
  for await (const step of stream) steps.push(structuredClone(step));
  expect(steps.at(-1)).toEqual([{ name: 'Oslo', founded: 1048 }]);
  for (const [first] of steps) expect('Oslo'.startsWith(first?.name ?? '')).toBe(true);
  expect(await stream.value()).toEqual([{ name: 'Oslo', founded: 1048 }]);
});
