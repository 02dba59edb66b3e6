import { expect, test } from 'vitest';

import { assistant, createRequest, system, toolResult, user, type StoredCall } from '../../core/index.ts';
import { logMarkdown } from './log-markdown.ts';
import { logRow } from './log-row.ts';
import { logShort } from './log-short.ts';

const call: StoredCall = {
  id: '01kab',
  startedAt: Date.UTC(2026, 10, 20, 19, 59, 38),
  model: 'local/small',
  resolvedModel: 'small-2026',
  request: createRequest({
    messages: [
      system('Be brief.'),
      user('What is the weather in San Francisco today?'),
      { role: 'assistant', parts: [{ type: 'tool-call', id: 'c1', name: 'weather', arguments: '{"city":"SF"}' }] },
      toolResult('c1', '61 F'),
      user('And tomorrow?', [{ type: 'attachment', mediaType: 'image/png', data: 'aGVsbG8=', name: 'map.png' }]),
    ],
    options: { temperature: 0 },
  }),
  requestKey: 'ab'.repeat(32),
  stream: true,
  conversationId: '01kaa',
  status: 'ok',
  samples: [
    {
      message: { role: 'assistant', parts: [{ type: 'reasoning', text: 'Hm.' }, ...assistant('```\nSunny').parts] },
      finish: { reason: 'stop' },
    },
  ],
  usage: { inputTokens: 10, outputTokens: 3, reasoningTokens: 1 },
  durationMs: 120.4,
  firstTokenMs: 20,
  attempts: 1,
};

test('a row has the keys of simonw/llm, and what was new in the turn', () => {
  const row = logRow(call);
  expect(row).toMatchObject({
    id: '01kab',
    model: 'local/small',
    resolved_model: 'small-2026',
    options_json: { temperature: 0 },
    conversation_id: '01kaa',
    conversation_name: 'What is the weather in San Fran…',
    duration_ms: 120,
    datetime_utc: '2026-11-20T19:59:38.000Z',
    input_tokens: 10,
    output_tokens: 3,
    token_details: { reasoning_tokens: 1 },
    schema_json: null,
    prompt: 'And tomorrow?',
    system: 'Be brief.',
    response: '```\nSunny',
    reasoning: 'Hm.',
    tool_calls: [],
    tool_results: [{ tool_call_id: 'c1', output: '61 F', is_error: false }],
    attachments: [{ type: 'image/png', name: 'map.png', url: null, content_length: 5 }],
    status: 'ok',
    error: null,
    finish_reason: 'stop',
    attempts: 1,
  });
  expect(JSON.stringify(row)).not.toContain('aGVsbG8');
});

test('Markdown tells what was asked, answered and used', () => {
  const text = logMarkdown(logRow(call), { usage: true });
  expect(text).toMatch(
    /^# 2026-11-2\d\S+ {4}conversation: 01kaa id: 01kab\n\nModel: \*\*local\/small\*\* \(resolved: \*\*small-2026\*\*\)\n/,
  );
  expect(text).toContain('## Prompt\n\nAnd tomorrow?\n\n### Attachments\n\n1. **image/png**: map.png, 5 bytes');
  expect(text).toContain('## Reasoning\n\nHm.\n\n## Response\n\n```\nSunny');
  expect(text).toContain('10 input, 3 output (1 reasoning), first token 20 ms');
});

test('a call that did not end well says so, with what came', () => {
  const failed = logRow({ ...call, status: 'error', error: { code: 'server', message: '500 oh', retryable: true } });
  expect(logMarkdown(failed)).toContain('## Error\n\nserver: 500 oh');
  expect(logMarkdown(logRow({ ...call, status: 'interrupted', samples: [] }))).toContain('Interrupted: its process ended');
  expect(logMarkdown(logRow({ ...call, status: 'aborted' }))).toContain('Stopped before the end. The response above');
});

test('a system prompt is not repeated within a conversation', () => {
  const row = logRow(call);
  expect(logMarkdown(row)).toContain('## System');
  expect(logMarkdown(row, { before: row })).not.toContain('## System');
});

test('short form is YAML with one line per text', async () => {
  const text = await logShort([logRow({ ...call, request: createRequest({ messages: [user(`line\n${'x'.repeat(200)}`)] }) })], false);
  expect(text).toContain('- model: local/small\n');
  expect(text).toMatch(/prompt: line x{94}…\n/);
});
