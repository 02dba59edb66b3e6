import { expect, test } from 'vitest';
import { createRequest, messageText, system, user, type JsonObject } from '../../core/index.ts';
import { START } from '../sources/row-source.ts';
import { promptTemplate } from './prompt-template.ts';
import { RowReader, type RowSettings } from './row-reader.ts';

function read(rows: readonly (JsonObject | string)[], settings: RowSettings = {}) {
  const reader = new RowReader({ name: 'in.jsonl', places: 'line' }, settings);
  return rows.map((content, index) => reader.read({ index, line: index + 1, offset: 0, next: START, content }).row);
}

/** What is asked, as texts by role, or the problem. */
function asked(rows: readonly (JsonObject | string)[], settings: RowSettings = {}): unknown[] {
  return read(rows, settings).map((row) =>
    'error' in row ? row.error.message : row.request.messages.map((message) => `${message.role}: ${messageText(message)}`).join(' | '),
  );
}

test('texts, prompts, messages, templates; ids', async () => {
  const rows = [
    'a line',
    { prompt: 'a prompt', id: 7 },
    { prompt: 'an empty cell', id: '' },
    { text: 'a text', id: 'x' },
    {
      messages: [
        { role: 'system', content: 's' },
        { role: 'user', content: 'u' },
      ],
    },
  ];
  expect(asked(rows)).toEqual(['user: a line', 'user: a prompt', 'user: an empty cell', 'user: a text', 'system: s | user: u']);
  expect(read(rows).map((row) => row.id)).toEqual(['0', '7', '2', 'x', '4']);
  const template = await promptTemplate('{{ a }} + {{b.c}}{% if d is defined %}!{% endif %}');
  expect(asked([{ a: '{{ b }}', b: { c: 1 } }, { a: 1.5, b: { c: null }, d: 0 }, { b: {} }], { template })).toEqual([
    'user: {{ b }} + 1',
    'user: 1.5 + None!',
    expect.stringMatching(/^in\.jsonl:3: .*a/),
  ]);
});

test('a simple template gives what Jinja gives', async () => {
  for (const source of ['{{ a }}', 'x {{a}}{{ b }}\n', '{ {{ a }} }', '{{ none }}{{ a }}', '{{ missing }}']) {
    const simple = await promptTemplate(source);
    // A comment keeps it from being taken for simple.
    const full = await promptTemplate(`{# #}${source}`);
    for (const columns of [
      { a: 'A', b: 'B' },
      { a: '', b: '{{ a }}' },
      { a: 1, b: 'x' },
      { a: 'A', b: 'B', none: 'N' },
    ]) {
      const results = [simple, full].map((template) => {
        try {
          return template.render(columns);
        } catch {
          return 'an error';
        }
      });
      expect(results[0]).toBe(results[1]);
    }
  }
});

test('settings of the run and of the row', async () => {
  const own = { prompt: 'p', system: 'own', options: { maxTokens: 5 }, samples: 2, model: 'other', schema: 'name, age int' };
  const settings: RowSettings = { system: await promptTemplate('be {{ prompt }}'), options: { temperature: 0, maxTokens: 9 }, samples: 3 };
  const [first, second] = read([own, { prompt: 'q', options: '{"seed": 1}', samples: '' }], settings);
  expect(first).toMatchObject({
    model: 'other',
    request: { samples: 2, options: { temperature: 0, maxTokens: 5 }, schema: { properties: { age: { type: 'integer' } } } },
  });
  expect(first !== undefined && 'request' in first ? first.request.messages : []).toEqual([system('own'), user('p')]);
  expect(second).toMatchObject({ request: { samples: 3, options: { temperature: 0, maxTokens: 9, seed: 1 } } });
  expect(second !== undefined && 'request' in second ? second.request.messages[0] : []).toEqual(system('be q'));
  // With a template columns are columns.
  const template = await promptTemplate('{{ model }}');
  expect(read([{ model: 'phone', options: ['a', 'b'] }], { template })[0]).toMatchObject({ request: { options: {} } });
  expect(
    asked([{ prompt: 'p', samples: 0 }, { prompt: 'p', options: [] }, { prompt: 'p', options: '{' }, { prompt: 1 }, { other: 1 }]),
  ).toEqual([
    expect.stringContaining('samples must be'),
    expect.stringContaining('options are no object'),
    expect.stringContaining('its options are not JSON, "{": '),
    expect.stringContaining('its prompt is no text: 1'),
    expect.stringContaining('it has no prompt, text or messages (other)'),
  ]);
});

test("lines of OpenAI's batch API", () => {
  const body = {
    model: 'gpt-x',
    messages: [{ role: 'user', content: 'hi' }],
    max_completion_tokens: 5,
    top_p: 0.5,
    n: 2,
    stream: true,
    metadata: { a: 'b' },
    response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'object' } } },
    tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }],
    tool_choice: { type: 'function', function: { name: 'f' } },
  };
  const line = (id: string, more: JsonObject = {}): JsonObject => ({
    custom_id: id,
    method: 'POST',
    url: '/v1/chat/completions',
    body,
    ...more,
  });
  const rows = read([line('a'), line('b', { url: '/v1/embeddings' }), line('a'), line('c', { body: { messages: [] } })], {
    lineModels: true,
  });
  expect(rows[0]).toMatchObject({
    id: 'a',
    model: 'gpt-x',
    request: createRequest({
      messages: [user('hi')],
      options: { maxTokens: 5, topP: 0.5, extraBody: { metadata: { a: 'b' } } },
      samples: 2,
      schema: { type: 'object' },
      tools: [{ name: 'f', parameters: { type: 'object' } }],
      toolChoice: { name: 'f' },
    }),
  });
  expect(rows.slice(1).map((row) => ('error' in row ? row.error.message : ''))).toEqual([
    'in.jsonl:2: rows for /v1/embeddings cannot be asked: only those for /v1/chat/completions.',
    'in.jsonl:3: the custom_id "a" occurs before.',
    'in.jsonl:4: messages is empty.',
  ]);
});

test('rows that ask the same are draws of their own, as many apart as they have samples', () => {
  const rows = read([{ text: 'a' }, { text: 'b' }, { text: 'a', id: 'other' }, { text: 'a', samples: 3 }, { text: 'a', samples: 3 }]);
  expect(rows.map((row) => ('request' in row ? [row.request.sample ?? 0, row.request.samples ?? 1] : []))).toEqual([
    [0, 1],
    [0, 1],
    [1, 1],
    [0, 3],
    [3, 3],
  ]);
});
