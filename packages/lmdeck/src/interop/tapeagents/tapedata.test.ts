import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { messageText, type StoredCall } from '../../core/index.ts';
import { openTape, type Tape } from '../../tape/index.ts';
import { exportCalls } from '../export-calls.ts';
import { importCalls, type ImportOptions, type ImportReport } from '../import-calls.ts';
import { promptId, readTapeData, writeTapeData, type TapeDataOptions, type TapeDataRow } from '../test-support/tapedata.ts';
import { temporaryFolder } from '../test-support/temporary-folder.ts';

interface Imported {
  readonly report: ImportReport;
  readonly calls: readonly StoredCall[];
  /** The rows of the file, and those of the export of its calls. */
  readonly original: readonly Record<string, unknown>[];
  readonly exported: readonly Record<string, unknown>[];
}

async function imported(rows: readonly TapeDataRow[], options: TapeDataOptions & ImportOptions = {}): Promise<Imported> {
  const folder = temporaryFolder();
  const [path, back] = [join(folder, 'tapedata.sqlite'), join(folder, 'back.sqlite')];
  writeTapeData(path, rows, options);
  await using tape = openTape(':memory:');
  const report = await importCalls(tape, path, options);
  expect([...tape.verify()]).toEqual([]);
  await exportCalls(tape, back, { format: 'tapeagents' });
  return { report, calls: tape.calls({ order: 'oldest' }), original: readTapeData(path), exported: readTapeData(back) };
}

const prompt = (number: number, messages: unknown, more: object = {}): object => ({ id: promptId(number), tools: null, messages, ...more });
const user = [{ role: 'user', content: 'Hello' }];

/** Rows as TapeAgents wrote them, one for each shape that is met in its files. */
const shapes: Readonly<Record<string, TapeDataRow>> = {
  'the newest form': { prompt: { ...prompt(1, user), token_ids: [], response_format: null } },
  'a prompt without token ids and response format': { prompt: prompt(2, user) },
  'a prompt without response format': { prompt: prompt(3, user, { token_ids: [] }) },
  'an output of two keys': { output: { content: 'Hi', role: 'assistant' } },
  'an output with refusal and annotations': {
    output: { content: 'Hi', role: 'assistant', tool_calls: null, function_call: null, refusal: null, annotations: [] },
  },
  'a refusal': { output: { content: null, role: 'assistant', tool_calls: null, function_call: null, refusal: 'No.' } },
  'an empty answer': { output: { content: '', role: 'assistant', tool_calls: null, function_call: null } },
  'an answer of nothing': { output: { content: null, role: 'assistant', tool_calls: null, function_call: null } },
  'kind in place of role, content first': {
    prompt: prompt(4, [
      { content: 'Be brief.', kind: 'system' },
      { content: 'Hello', role: 'user' },
    ]),
  },
  'names and extra keys': {
    prompt: prompt(5, [
      { role: 'user', content: 'a', name: 'Initiator' },
      { role: 'assistant', content: 'b', agent_name: 'search_agent' },
      { role: 'user', content: 'c', agent_name: 'search_agent', name: 'Agent' },
      { role: 'user', content: 'd', copy_output: false, name: 'Agent' },
    ]),
  },
  'tools, calls without content, results': {
    prompt: {
      id: promptId(6),
      tools: [
        {
          type: 'function',
          function: { name: 'add', description: 'Adds', parameters: { type: 'object', properties: { a: { type: 'integer' } } } },
        },
      ],
      messages: [
        ...user,
        { role: 'assistant', tool_calls: [{ function: { name: 'add', arguments: '{"a":1}' }, id: 'call_1', type: 'function' }] },
        { role: 'tool', content: '2', tool_call_id: 'call_1' },
        { role: 'assistant', content: null, tool_calls: [{ function: { name: 'add', arguments: '{}' }, id: 'call_2', type: 'function' }] },
        { role: 'tool', content: '', tool_call_id: 'call_2' },
      ],
    },
    output: {
      content: null,
      role: 'assistant',
      tool_calls: [{ function: { arguments: '{"a":2}', name: 'add' }, id: 'call_3', type: 'function' }],
      function_call: null,
    },
  },
  'calls in the order of OpenAI': {
    prompt: prompt(7, [
      ...user,
      { role: 'assistant', content: null, tool_calls: [{ id: 'x', type: 'function', function: { arguments: '{}', name: 'f' } }] },
    ]),
  },
  function_call: { output: { content: null, role: 'assistant', tool_calls: null, function_call: { arguments: '{}', name: 'add' } } },
  'token ids beside messages': { prompt: prompt(8, user, { token_ids: [1, 2, 3], response_format: null }) },
  'token ids alone': { prompt: prompt(9, [], { token_ids: [1, 2, 3], response_format: null }) },
  'a schema': {
    prompt: prompt(10, user, {
      token_ids: [],
      response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'object' }, strict: true } },
    }),
  },
  'a format without schema': { prompt: prompt(11, user, { token_ids: [], response_format: { type: 'json_object' } }) },
  images: {
    prompt: prompt(12, [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What?' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0=' } },
        ],
      },
      { role: 'user', content: [{ type: 'text', text: 'text alone, as a list' }] },
    ]),
  },
  'numbers that JavaScript writes otherwise': {
    prompt: `{"id":"${promptId(13)}","tools":[{"type":"function","function":{"name":"f","parameters":{"minimum":1.0,"maximum":1e-05}}}],"messages":[]}`,
  },
  'another id inside': { prompt: prompt(999, user) },
  'unknown tokens': { prompt_length_tokens: -1, output_length_tokens: -1 },
  'tokens that say 0': { prompt_length_tokens: 0, output_length_tokens: 0, cost: 0 },
  'no model': { llm_info: '{}', cost: 0 },
  'fractions of a cent': { cost: 0.000054749999999999996 },
  'a cached answer': { cached: 1 },
  'letters of all kinds': { prompt: prompt(14, [{ role: 'user', content: 'é \u2028 😀 "\\" \u0000 </s>' }]) },
};

describe('tapedata.sqlite', () => {
  test.each(Object.entries(shapes))('%s is imported and written again to the byte', async (_name, row) => {
    const { report, original, exported } = await imported([{ prompt_id: promptId(1), ...row }]);
    expect(report).toMatchObject({ format: 'tapeagents', calls: 1, skipped: 0, failedCount: 0 });
    const parsed = (rows: readonly Record<string, unknown>[]): unknown =>
      rows.map((each) => ({ ...each, llm_info: JSON.parse(String(each['llm_info'])) }));
    expect(parsed(exported)).toEqual(parsed(original));
  });

  test('all shapes in one file: counts and sums are those of the file', async () => {
    const rows = Object.values(shapes).map((row, i) => ({
      ...row,
      prompt_id: promptId(100 + i),
      timestamp: `2024-12-12T09:36:${10 + i}.000001`,
    }));
    const { report, calls, exported } = await imported(rows);
    const known = rows.map(({ prompt_length_tokens: tokens = 8 }) => (typeof tokens === 'number' && tokens > 0 ? tokens : 0));
    expect(report).toMatchObject({ calls: rows.length, inputTokens: known.reduce((a, b) => a + b), failedCount: 0 });
    expect(report.costUsd).toBeCloseTo(
      rows.map(({ cost = 0.000015 }) => Number(cost)).reduce((a, b) => a + b),
      12,
    );
    expect(calls.map((call) => call.startedAt)).toEqual(rows.map((_, i) => Date.UTC(2024, 11, 12, 9, 36, 10 + i)));
    expect(exported.map((row) => row['prompt_id'])).toEqual(rows.map((row) => row.prompt_id));
  });

  test('a call has its own time, model, options, tokens and cost', async () => {
    const { calls } = await imported([
      {
        prompt_id: promptId(1),
        llm_info: {
          model_name: 'meta-llama/Llama-3',
          parameters: { temperature: 0.2, max_tokens: 64, top_p: 1, timeout: 15, skip_special_tokens: false, n: 1 },
          context_size: 128000,
        },
        cost: 0.00005475,
        prompt_length_tokens: 93,
        output_length_tokens: 68,
      },
    ]);
    expect(calls[0]).toMatchObject({
      startedAt: Date.UTC(2024, 11, 12, 9, 36, 32, 403),
      model: 'meta-llama/Llama-3',
      status: 'ok',
      usage: { inputTokens: 93, outputTokens: 68 },
      costMicros: 54.75,
      request: { options: { temperature: 0.2, maxTokens: 64, topP: 1, extraBody: { skip_special_tokens: false } } },
    });
    expect(calls[0]?.durationMs).toBeUndefined();
    expect(calls[0]?.metadata?.['tapeagents']).toMatchObject({
      promptId: promptId(1),
      timestamp: '2024-12-12T09:36:32.403069',
      contextSize: 128000,
    });
  });

  test('keys and tokens among the parameters never reach the tape', async () => {
    const parameters = {
      temperature: 0,
      token: 'hf_secretsecret',
      api_key: 'sk-secret',
      max_tokens: 5,
      extra_headers: { Authorization: 'Bearer secret' },
    };
    const { calls } = await imported([{ llm_info: { model_name: 'm', parameters } }]);
    expect(calls[0]?.request.options).toEqual({ temperature: 0, maxTokens: 5 });
    expect(JSON.stringify(calls)).not.toContain('secret');
  });

  test('an older table without llm_info and cost: nothing is known of them', async () => {
    const { calls, exported, report } = await imported([{}], { without: ['llm_info', 'cost'], model: 'llama' });
    expect(calls[0]).toMatchObject({ model: 'llama', request: { options: {} } });
    expect(calls[0]?.costMicros).toBeUndefined();
    expect(report).not.toHaveProperty('costUsd');
    expect(exported[0]).toMatchObject({ llm_info: '{}', cost: 0 });
  });

  test('times without a zone are UTC unless another one is named', async () => {
    const { calls } = await imported([{}], { timeZone: 'America/Toronto' });
    expect(calls[0]?.startedAt).toBe(Date.UTC(2024, 11, 12, 14, 36, 32, 403));
  });

  test('a prompt answered differently is several calls with one request key; the last one wins where TapeAgents replays', async () => {
    const same = { prompt: prompt(50, user) };
    const { calls, exported } = await imported([
      { ...same, prompt_id: promptId(51), output: { content: 'one', role: 'assistant' } },
      { ...same, prompt_id: promptId(52), output: { content: 'two', role: 'assistant' }, cached: 1 },
    ]);
    expect(new Set(calls.map((call) => call.requestKey)).size).toBe(1);
    expect(calls.map((call) => [messageText(call.samples[0]?.message ?? { role: 'assistant', parts: [] }), call.attempts])).toEqual([
      ['one', undefined],
      ['two', 0],
    ]);
    expect(exported.map((row) => row['output'])).toEqual(['{"content":"one","role":"assistant"}', '{"content":"two","role":"assistant"}']);
  });

  test('prompt ids that are there twice are kept apart, equal rows are one call', async () => {
    const row = { prompt_id: promptId(60), prompt: prompt(60, user) };
    const { report, exported } = await imported([row, { ...row, output: { content: 'else', role: 'assistant' } }, row], { noKey: true });
    expect(report).toMatchObject({ calls: 2, skipped: 1 });
    expect(exported).toHaveLength(2);
    expect(exported[0]?.['prompt_id']).toBe(promptId(60));
    expect(exported[1]?.['prompt_id']).not.toBe(promptId(60));
  });

  test('rows that are no calls are named with their place and left out', async () => {
    const { report, calls } = await imported([
      {},
      { prompt: 'no json' },
      { output: '[1]' },
      { timestamp: 'yesterday' },
      { timestamp: null },
      { prompt: { id: 'x', messages: [{ role: 'robot', content: 'x' }] } },
      { prompt_length_tokens: 'many' },
      { llm_info: '5' },
      { cost: 'dear' },
      {},
    ]);
    expect(report).toMatchObject({ calls: 2, failedCount: 8 });
    expect(calls).toHaveLength(2);
    expect(report.failed.map(({ where }) => where)).toEqual([2, 3, 4, 5, 6, 7, 8, 9].map((row) => `LLMCalls row ${row}`));
    expect(report.failed.map(({ reason }) => reason).join('\n')).toMatch(
      /prompt is no JSON[^]*output is no JSON object[^]*timestamp "yesterday"[^]*timestamp is missing[^]*role "robot"[^]*"many"[^]*llm_info[^]*"dear"/,
    );
  });

  test('tapes of agents are told, not taken over', async () => {
    expect((await imported([{}], { tapes: 3 })).report.ignored).toEqual([{ what: 'tapes of agents (table Tapes)', count: 3 }]);
    expect((await imported([{}], { tapes: 0 })).report.ignored).toEqual([]);
  });

  test('a compressed file is the same file; importing it again adds nothing', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'tapedata.sqlite');
    writeTapeData(path, [{}, {}]);
    await using tape = openTape(':memory:');
    const first = await importCalls(tape, path);
    execFileSync('gzip', ['-k', path]);
    const again = await importCalls(tape, `${path}.gz`);
    expect([first.calls, again.calls, again.skipped, again.inputTokens]).toEqual([2, 0, 2, 0]);
    expect(tape.count()).toBe(2);
  });
});

test('calls of others become prompts and outputs that TapeAgents reads', async () => {
  const path = join(temporaryFolder(), 'out.sqlite');
  await using tape = openTape(':memory:');
  const report = await exportOthers(tape, path);
  expect(report).toMatchObject({ calls: 2, failedCount: 1 });
  expect(report.failed[0]?.reason).toContain('raw text');
  const rows = readTapeData(path);
  expect(
    rows.map((row) => ({ ...row, prompt_id: '', prompt: JSON.parse(String(row['prompt'])), output: JSON.parse(String(row['output'])) })),
  ).toEqual([
    {
      prompt_id: '',
      timestamp: '2024-12-12T09:36:32.403000',
      prompt: {
        id: rows[0]?.['prompt_id'],
        tools: [{ type: 'function', function: { name: 'add', parameters: {} } }],
        messages: [{ role: 'user', content: 'Hello' }],
        token_ids: [],
        response_format: null,
      },
      output: {
        content: 'a',
        role: 'assistant',
        tool_calls: [{ function: { arguments: '{}', name: 'add' }, id: 'c', type: 'function' }],
        function_call: null,
      },
      prompt_length_tokens: 7,
      output_length_tokens: -1,
      cached: 0,
      llm_info: '{"model_name":"openai/x","parameters":{"max_tokens":5,"top_k":2}}',
      cost: 0.0000015,
    },
    expect.objectContaining({
      prompt_length_tokens: -1,
      cost: 0,
      output: { content: 'b', role: 'assistant', tool_calls: null, function_call: null },
    }),
  ]);
  expect(rows[0]?.['prompt_id']).toMatch(/^[0-9a-f-]{36}$/);
});

async function exportOthers(tape: Tape, path: string): ReturnType<typeof exportCalls> {
  const { put } = await import('../../tape/test-support/calls.ts');
  const { assistant, createRequest, raw, user: say } = await import('../../core/index.ts');
  const startedAt = Date.UTC(2024, 11, 12, 9, 36, 32, 403);
  const request = createRequest({
    messages: [say('Hello')],
    tools: [{ name: 'add', parameters: {} }],
    options: { maxTokens: 5, topK: 2 },
  });
  put(
    tape,
    '',
    '',
    { request, model: 'openai/x', startedAt },
    {
      samples: [
        {
          message: {
            role: 'assistant',
            parts: [
              { type: 'text', text: 'a' },
              { type: 'tool-call', id: 'c', name: 'add', arguments: '{}' },
            ],
          },
        },
        { message: assistant('b') },
      ],
      usage: { inputTokens: 7 },
      costMicros: 1.5,
    },
  );
  put(tape, [raw('Once upon')], 'a time');
  put(tape, 'failed', undefined, {}, { status: 'error' });
  return exportCalls(tape, path, { format: 'tapeagents' });
}
