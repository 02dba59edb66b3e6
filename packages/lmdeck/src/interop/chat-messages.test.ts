import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assistant, system, user, type JsonObject, type Message } from '../core/index.ts';
import { fromChatTools, toChatTools } from './chat-tools.ts';
import { fromChatMessage } from './from-chat-message.ts';
import { toChatMessages } from './to-chat-messages.ts';

const read = (value: JsonObject): Message => fromChatMessage(value, 'theirs');

describe('fromChatMessage', () => {
  test.each<[string, JsonObject, Message]>([
    ['text', { role: 'user', content: 'Hi' }, user('Hi')],
    ['empty text', { role: 'assistant', content: '' }, assistant('')],
    ['nothing', { role: 'assistant', content: null }, { role: 'assistant', parts: [] }],
    ['a name', { role: 'user', content: 'Hi', name: 'anna' }, { ...user('Hi'), name: 'anna' }],
    [
      'kind in place of role',
      { content: 'Be brief.', kind: 'system' },
      { ...system('Be brief.'), providerMetadata: { theirs: { kind: 'system' } } },
    ],
    ['developer', { role: 'developer', content: 'x' }, { ...system('x'), providerMetadata: { theirs: { role: 'developer' } } }],
    [
      'tool calls without content',
      { role: 'assistant', tool_calls: [{ function: { name: 'add', arguments: '{"a": 1}' }, id: 'c1', type: 'function' }] },
      { role: 'assistant', parts: [{ type: 'tool-call', id: 'c1', name: 'add', arguments: '{"a": 1}' }] },
    ],
    [
      'a tool result',
      { role: 'tool', content: '3', tool_call_id: 'c1', name: 'add' },
      { role: 'tool', parts: [{ type: 'tool-result', toolCallId: 'c1', output: '3', name: 'add' }] },
    ],
    [
      'function_call',
      { role: 'assistant', content: null, function_call: { name: 'add', arguments: '{}' } },
      {
        role: 'assistant',
        parts: [{ type: 'tool-call', id: '', name: 'add', arguments: '{}', providerMetadata: { theirs: { function_call: true } } }],
      },
    ],
    [
      'refusal and reasoning',
      { role: 'assistant', content: null, refusal: 'No.', reasoning_content: 'Hm' },
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'Hm' },
          { type: 'refusal', text: 'No.' },
        ],
      },
    ],
    [
      'text and images',
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What?' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBO', detail: 'low' } },
          { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
        ],
      },
      {
        role: 'user',
        parts: [
          { type: 'text', text: 'What?' },
          { type: 'attachment', mediaType: 'image/png', data: 'iVBO', providerMetadata: { theirs: { detail: 'low' } } },
          { type: 'attachment', mediaType: 'image/*', url: 'https://example.com/a.png' },
        ],
      },
    ],
    [
      'extra keys',
      { role: 'user', content: 'x', agent_name: 'a', gone: null },
      { ...user('x'), providerMetadata: { theirs: { agent_name: 'a' } } },
    ],
  ])('%s', (_name, chat, message) => {
    expect(read(chat)).toEqual(message);
  });

  test.each<[JsonObject, string]>([
    [{ content: 'x' }, 'role undefined'],
    [{ role: 'robot', content: 'x' }, 'role "robot"'],
    [{ role: 'user', content: 5 }, 'neither text nor a list'],
    [{ role: 'user', content: [{ type: 'hologram' }] }, 'unknown type "hologram"'],
    [{ role: 'assistant', tool_calls: [{ id: 'x' }] }, 'has no function'],
  ])('%j is refused', (chat, reason) => {
    expect(() => read(chat)).toThrow(reason);
  });
});

describe('toChatMessages', () => {
  test('writes what it reads', () => {
    const text = fc.string();
    const call = fc.record({ id: text, type: fc.constant('function'), function: fc.record({ name: text, arguments: text }) });
    const chat = fc.oneof(
      fc.record({ role: fc.constantFrom('system', 'user', 'assistant', 'developer'), content: text }),
      fc.record({ role: fc.constant('user'), content: text, name: text, agent_name: text }),
      fc.record({ role: fc.constant('assistant'), content: fc.constant(null), tool_calls: fc.array(call, { minLength: 1, maxLength: 3 }) }),
      fc.record({ role: fc.constant('assistant'), content: text, refusal: text.filter((each) => each !== '') }),
      fc.record({ role: fc.constant('tool'), content: text, tool_call_id: text }),
      fc.record({ role: fc.constant('function'), content: text, name: text }),
      fc.record({
        role: fc.constant('user'),
        content: fc.tuple(
          fc.record({ type: fc.constant('text'), text }),
          fc.record({ type: fc.constant('image_url'), image_url: fc.record({ url: fc.webUrl(), detail: fc.constant('low') }) }),
        ),
      }),
    );
    fc.assert(
      fc.property(chat, (each) => {
        const value: JsonObject = JSON.parse(JSON.stringify(each));
        expect(toChatMessages(read(value), { namespace: 'theirs' })).toEqual([value]);
      }),
    );
  });

  test('extra keys, reasoning and names of tools are written where they are asked for', () => {
    const message: Message = { ...assistant('x'), providerMetadata: { theirs: { agent_name: 'a' } } };
    expect(toChatMessages(message)).toEqual([{ role: 'assistant', content: 'x' }]);
    const thinking: Message = { role: 'assistant', parts: [{ type: 'reasoning', text: 'Hm' }, ...assistant('x').parts] };
    expect(toChatMessages(thinking)).toEqual([{ role: 'assistant', content: 'x' }]);
    expect(toChatMessages(thinking, { reasoning: 'thinking' })).toEqual([{ role: 'assistant', content: 'x', thinking: 'Hm' }]);
    const result: Message = { role: 'tool', parts: [{ type: 'tool-result', toolCallId: 'c1', output: '3' }] };
    const toolNames = new Map([['c1', 'add']]);
    expect(toChatMessages(result, { toolNames })).toEqual([{ role: 'tool', content: '3', tool_call_id: 'c1', name: 'add' }]);
    expect(
      toChatMessages({ role: 'tool', parts: [{ type: 'tool-result', toolCallId: 'c1', output: '3', name: 'add' }] }, { toolNames: 'none' }),
    ).toEqual([{ role: 'tool', content: '3', tool_call_id: 'c1' }]);
  });

  test('the results of one round are a message each, what is attached to them follows', () => {
    const message: Message = {
      role: 'tool',
      parts: [
        { type: 'tool-result', toolCallId: 'a', output: '1', attachments: [{ type: 'attachment', mediaType: 'image/png', data: 'AA==' }] },
        { type: 'tool-result', toolCallId: 'b', output: '2' },
      ],
    };
    expect(toChatMessages(message)).toEqual([
      { role: 'tool', content: '1', tool_call_id: 'a' },
      { role: 'tool', content: '2', tool_call_id: 'b' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Attachments of the tool results above:' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } },
        ],
      },
    ]);
  });

  test('arguments become objects where chat templates want them, and only JSON objects do', () => {
    const calls = (text: string): Message => ({ role: 'assistant', parts: [{ type: 'tool-call', id: 'c', name: 'f', arguments: text }] });
    expect(toChatMessages(calls('{"a": 1}'), { toolArguments: 'object' })).toEqual([
      { role: 'assistant', content: null, tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: { a: 1 } } }] },
    ]);
    expect(() => toChatMessages(calls('{"a": '), { toolArguments: 'object' })).toThrow('the tool call f are no JSON object');
    expect(() => toChatMessages({ role: 'raw', parts: [{ type: 'text', text: 'x' }] })).toThrow('raw prompt');
  });
});

test('tools go there and back', () => {
  const tools = [
    { name: 'add', description: 'Adds', parameters: { type: 'object', properties: { a: { type: 'number' } } }, strict: true },
    { name: 'now', parameters: { type: 'object', properties: {} } },
  ];
  expect(fromChatTools(toChatTools(tools))).toEqual(tools);
  expect(fromChatTools([{ name: 'bare' }])).toEqual([{ name: 'bare', parameters: { type: 'object', properties: {} } }]);
  expect(() => fromChatTools([{ type: 'web_search' }])).toThrow('a tool has no name');
});
