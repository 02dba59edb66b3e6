import { describe, expect, test } from 'vitest';
import { createRequest, user, type BatchApi, type BatchLine, type BatchLines, type BatchResult } from '../../core/index.ts';
import { readAll, serveHttp } from '../../transport/test-support/loopback.ts';
import { anthropicPreset, chatModel, geminiModel, geminiPreset, messagesModel, presets } from '../index.ts';

/** What a server says in order, and what it was asked. */
interface Life {
  readonly answers: readonly (readonly [path: string, body: string])[];
  readonly asked: { readonly path: string; readonly body: string }[];
}

async function living<T>(answers: Life['answers'], work: (url: string, asked: Life['asked']) => Promise<T>): Promise<T> {
  const left = [...answers];
  const asked: Life['asked'] = [];
  await using server = await serveHttp(async (request, response) => {
    asked.push({ path: `${request.method} ${request.url}`, body: await readAll(request) });
    const at = left.findIndex(([path]) => path === `${request.method} ${request.url}`);
    const [answer] = at === -1 ? [] : left.splice(at, 1);
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(answer?.[1] ?? '{}');
  });
  return await work(server.url, asked);
}

async function lines(api: BatchApi, texts: readonly string[]): Promise<BatchLines> {
  const all: BatchLine[] = [];
  for (const [i, text] of texts.entries()) all.push(await api.encode(String(i), createRequest({ messages: [user(text)] })));
  return {
    rows: all.length,
    bytes: all.reduce((sum, { line }) => sum + Buffer.byteLength(line) + 1, 0),
    async *read() {
      yield* all;
    },
  };
}

async function collected(results: AsyncIterable<BatchResult>): Promise<Readonly<Record<string, string>>> {
  const all: Record<string, string> = {};
  for await (const result of results) {
    const text = 'events' in result ? result.events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('') : '';
    all[result.customId] = 'error' in result ? `${result.error.code}${result.unasked === undefined ? '' : ` ${result.unasked}`}` : text;
  }
  return all;
}

const openai = (url: string): BatchApi =>
  found(chatModel({ ...presets.openai, baseUrl: `${url}/v1`, apiKey: 'k', model: 'gpt-x' }).batches);
const mistral = (url: string): BatchApi =>
  found(chatModel({ ...presets.mistral, baseUrl: `${url}/v1`, apiKey: 'k', model: 'm-x' }).batches);
const claude = (url: string): BatchApi =>
  found(messagesModel({ ...anthropicPreset, baseUrl: `${url}/v1`, apiKey: 'k', model: 'c-x' }).batches);
const google = (url: string): BatchApi =>
  found(geminiModel({ ...geminiPreset, baseUrl: `${url}/v1beta`, apiKey: 'k', model: 'g-x' }).batches);

function found(api: BatchApi | undefined): BatchApi {
  if (api === undefined) throw new Error('the model has no jobs');
  return api;
}

describe('a life cycle', () => {
  test('of OpenAI: form, job, states, output and error file', async () => {
    const job = (status: string, more: object = {}): string =>
      JSON.stringify({
        id: 'batch_1',
        object: 'batch',
        status,
        output_file_id: null,
        error_file_id: null,
        created_at: 1736489775,
        ...more,
      });
    const chat = (content: string) => ({ choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }] });
    const output = ['2', '1', '0']
      .map((custom_id) => JSON.stringify({ custom_id, response: { status_code: 200, body: chat(`output ${custom_id}`) }, error: null }))
      .join('\n');
    const errors = [
      JSON.stringify({ custom_id: '3', response: { status_code: 429, body: { error: { message: 'slow' } } }, error: null }),
      JSON.stringify({ custom_id: '4', response: null, error: { code: 'batch_expired', message: 'expired' } }),
      JSON.stringify({ custom_id: '5', response: null, error: { code: 'batch_cancelled', message: 'cancelled' } }),
    ].join('\n');
    await living(
      [
        ['POST /v1/files', '{"id":"file-1"}'],
        ['POST /v1/batches', job('validating')],
        ['GET /v1/batches/batch_1', job('in_progress', { request_counts: { total: 6, completed: 1, failed: 0 } })],
        ['GET /v1/batches/batch_1', job('completed', { output_file_id: 'out', error_file_id: 'err', completed_at: 1736489783 })],
        ['GET /v1/files/out/content', output],
        ['GET /v1/files/err/content', errors],
      ],
      async (url, asked) => {
        const api = openai(url);
        const created = await api.submit(await lines(api, ['Spaghetti', 'Sushi']), { label: 'run-1' });
        expect(created).toMatchObject({ id: 'batch_1', state: 'waiting', rawState: 'validating', createdAt: 1736489775000 });
        expect(asked[0]?.body).toBe(
          [
            '--lmdeck-run-1',
            'Content-Disposition: form-data; name="purpose"',
            '',
            'batch',
            '--lmdeck-run-1',
            'Content-Disposition: form-data; name="file"; filename="run-1.jsonl"',
            'Content-Type: application/jsonl',
            '',
            '{"custom_id":"0","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-x","messages":[{"role":"user","content":"Spaghetti"}]}}\n' +
              '{"custom_id":"1","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-x","messages":[{"role":"user","content":"Sushi"}]}}\n',
            '--lmdeck-run-1--',
            '',
          ].join('\r\n'),
        );
        expect(JSON.parse(asked[1]?.body ?? '')).toEqual({
          input_file_id: 'file-1',
          endpoint: '/v1/chat/completions',
          completion_window: '24h',
          metadata: { lmdeck_job: 'run-1' },
        });
        expect(await api.status('batch_1')).toMatchObject({ state: 'running', counts: { total: 6, succeeded: 1, failed: 0 } });
        const ended = await api.status('batch_1');
        expect(ended).toMatchObject({ state: 'completed', endedAt: 1736489783000 });
        expect(await collected(api.results(ended))).toEqual({
          0: 'output 0',
          1: 'output 1',
          2: 'output 2',
          3: 'rate-limit',
          4: 'timeout expired',
          5: 'aborted cancelled',
        });
      },
    );
  });

  test('of Mistral: the job names the model, its rows do not', async () => {
    const job = (status: string): string =>
      JSON.stringify({
        id: 'job',
        status,
        created_at: 1,
        total_requests: 1,
        succeeded_requests: 0,
        failed_requests: 1,
        errors: [{ message: 'bad', count: 1 }],
      });
    await living(
      [
        ['POST /v1/files', '{"id":"file-1"}'],
        ['POST /v1/batch/jobs', job('QUEUED')],
        ...['RUNNING', 'SUCCESS', 'FAILED', 'TIMEOUT_EXCEEDED', 'CANCELLATION_REQUESTED', 'CANCELLED', 'NEW'].map(
          (status) => ['GET /v1/batch/jobs/job', job(status)] as const,
        ),
      ],
      async (url, asked) => {
        const api = mistral(url);
        const created = await api.submit(await lines(api, ['Hi']), { label: 'run-1' });
        expect(created).toMatchObject({ state: 'waiting', counts: { total: 1, failed: 1 }, errors: [{ message: 'mistral: bad' }] });
        expect(asked[0]?.body).toContain('{"custom_id":"0","body":{"messages":[{"role":"user","content":"Hi"}]}}\n');
        expect(JSON.parse(asked[1]?.body ?? '')).toMatchObject({
          input_files: ['file-1'],
          model: 'm-x',
          metadata: { lmdeck_job: 'run-1' },
        });
        const states = [];
        for (let i = 0; i < 7; i++) states.push((await api.status('job')).state);
        expect(states).toEqual(['running', 'completed', 'failed', 'expired', 'cancelling', 'cancelled', 'running']);
      },
    );
  });

  test('of Anthropic: rows in the body, results of four types in any order', async () => {
    const job = (processing_status: string, counts: object, results_url: string | null = null): string =>
      JSON.stringify({
        id: 'msgbatch_1',
        processing_status,
        request_counts: counts,
        results_url,
        created_at: '2025-01-12T05:59:14.154311+00:00',
      });
    const message = { content: [{ type: 'text', text: 'Hello!' }], stop_reason: 'end_turn', usage: {} };
    const results = [
      { custom_id: 'b', result: { type: 'succeeded', message } },
      { custom_id: 'a', result: { type: 'errored', error: { type: 'error', error: { type: 'invalid_request_error', message: 'bad' } } } },
      { custom_id: 'c', result: { type: 'canceled' } },
      { custom_id: 'd', result: { type: 'expired' } },
    ];
    await living(
      [
        ['POST /v1/messages/batches', job('in_progress', { processing: 2 })],
        ['GET /v1/messages/batches/msgbatch_1', job('canceling', { processing: 2 })],
        [
          'GET /v1/messages/batches/msgbatch_1',
          job('ended', { succeeded: 1, errored: 1, canceled: 1, expired: 1 }, 'https://elsewhere.invalid/x'),
        ],
        ['GET /v1/messages/batches/msgbatch_1/results', results.map((each) => JSON.stringify(each)).join('\n')],
      ],
      async (url, asked) => {
        const api = claude(url);
        const created = await api.submit(await lines(api, ['Hi', 'Ho']), { label: 'run-1' });
        expect(created).toMatchObject({ state: 'running', counts: { total: 2 }, createdAt: Date.UTC(2025, 0, 12, 5, 59, 14, 154) });
        const row = (custom_id: string, content: string) => ({
          custom_id,
          params: { model: 'c-x', max_tokens: 8192, messages: [{ role: 'user', content }] },
        });
        expect(JSON.parse(asked[0]?.body ?? '')).toEqual({ requests: [row('0', 'Hi'), row('1', 'Ho')] });
        expect((await api.status('msgbatch_1')).state).toBe('cancelling');
        const ended = await api.status('msgbatch_1');
        expect(ended).toMatchObject({ state: 'expired', counts: { total: 4, succeeded: 1, failed: 1 } });
        expect(await collected(api.results(ended))).toEqual({
          a: 'invalid-request',
          b: 'Hello!',
          c: 'aborted cancelled',
          d: 'timeout expired',
        });
        expect(asked.at(-1)?.path).toBe('GET /v1/messages/batches/msgbatch_1/results');
      },
    );
  });

  test('of Gemini: inline rows, both names of every state', async () => {
    const operation = (state: string, more: object = {}): string =>
      JSON.stringify({ name: 'batches/b1', metadata: { state, batchStats: { requestCount: '2', successfulRequestCount: '1' } }, ...more });
    const inlined = [
      { metadata: { key: '1' }, response: { candidates: [{ content: { parts: [{ text: 'one' }] }, finishReason: 'STOP' }] } },
      { metadata: { key: '0' }, error: { code: 3, message: 'bad' } },
    ];
    await living(
      [
        ['POST /v1beta/models/g-x:batchGenerateContent', operation('BATCH_STATE_PENDING')],
        ...['JOB_STATE_RUNNING', 'BATCH_STATE_FAILED', 'JOB_STATE_EXPIRED', 'BATCH_STATE_CANCELLED', 'JOB_STATE_QUEUED'].map(
          (state) => ['GET /v1beta/batches/b1', operation(state)] as const,
        ),
        [
          'GET /v1beta/batches/b1',
          operation('BATCH_STATE_SUCCEEDED', { done: true, response: { inlinedResponses: { inlinedResponses: inlined } } }),
        ],
      ],
      async (url, asked) => {
        const api = google(url);
        const created = await api.submit(await lines(api, ['Hi', 'Ho']), { label: 'run-1' });
        expect(created).toMatchObject({ id: 'batches/b1', state: 'waiting', counts: { total: 2, succeeded: 1 } });
        const row = (key: string, text: string) => ({ request: { contents: [{ role: 'user', parts: [{ text }] }] }, metadata: { key } });
        expect(JSON.parse(asked[0]?.body ?? '')).toEqual({
          batch: { displayName: 'run-1', inputConfig: { requests: { requests: [row('0', 'Hi'), row('1', 'Ho')] } } },
        });
        const states = [];
        for (let i = 0; i < 5; i++) states.push((await api.status('batches/b1')).state);
        expect(states).toEqual(['running', 'failed', 'expired', 'cancelled', 'waiting']);
        expect(await collected(api.results(await api.status('batches/b1')))).toEqual({ 0: 'invalid-request', 1: 'one' });
      },
    );
  });
});

test('states of OpenAI; one that is not known yet goes on', async () => {
  const known = { validating: 'waiting', in_progress: 'running', finalizing: 'running', cancelling: 'cancelling', completed: 'completed' };
  const all = Object.entries({ ...known, failed: 'failed', expired: 'expired', cancelled: 'cancelled', future_status: 'running' });
  await living(
    all.map(([status]) => ['GET /v1/batches/b', JSON.stringify({ id: 'b', status })] as const),
    async (url) => {
      const api = openai(url);
      for (const [, state] of all) expect((await api.status('b')).state).toBe(state);
    },
  );
});

test('an upload address on another server is refused: it would get the rows', async () => {
  await using other = await serveHttp((_, response) => response.end('{}'));
  await using server = await serveHttp(async (request, response) => {
    await readAll(request);
    response.setHeader('x-goog-upload-url', `${other.url}/upload`).end('{}');
  });
  const api = google(server.url);
  const big = await lines(
    api,
    Array.from({ length: 11 }, () => 'x'.repeat(1_000_000)),
  );
  await expect(api.submit(big, { label: 'run-1' })).rejects.toMatchObject({ code: 'invalid-response' });
  expect(other.sockets).toHaveLength(0);
});

test('jobs take no raw prompts and no scores; servers that have none say so', async () => {
  const api = openai('http://127.0.0.1:1');
  const scored = createRequest({ messages: [user('x')], continuation: 'y' });
  await expect(api.encode('0', scored)).rejects.toMatchObject({ code: 'capability' });
  expect(chatModel({ ...presets.ollama, model: 'm' }).batches).toBeUndefined();
  expect(chatModel({ name: 'own', baseUrl: 'http://127.0.0.1:1/v1', model: 'm' }).batches).toMatchObject({
    provider: 'openai',
    priceShare: 1,
  });
});
