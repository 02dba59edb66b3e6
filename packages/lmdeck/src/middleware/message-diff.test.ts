import { describe, expect, test } from 'vitest';
import { assistant, type Message, system, toolResult, user } from '../core/index.ts';
import { messagesDiff } from './message-diff.ts';
import { plainStyle } from './text-diff.ts';

const diff = (before: readonly Message[], after: readonly Message[], maxChars = 4000) => messagesDiff(before, after, plainStyle, maxChars);

test('equal histories have no difference, whatever the order of their fields', () => {
  const history = [system('Be brief.'), user('Hi')];
  expect(diff(history, history)).toEqual([]);
  expect(
    diff([{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }], [{ parts: [{ text: 'Hi', type: 'text' }], role: 'user' }]),
  ).toEqual([]);
  expect(diff([], [])).toEqual([]);
});

test('the message that changed, by its number', () => {
  const before = [system('Be brief.'), user('Capital of France?'), assistant('Paris'), user('And of Italy?')];
  expect(diff(before, [...before.slice(0, 3), user('And of Spain?')])).toEqual([
    'message 4 (user): And of [-Italy-]{+Spain+}?',
    'The other 3 messages are the same.',
  ]);
});

test('messages that came or went do not shift those behind them', () => {
  const before = [user('one'), assistant('1'), user('two'), assistant('2'), user('three')];
  expect(diff(before, [system('Count.'), ...before])).toEqual([
    'message 1 (system) is asked and not recorded: {+Count.+}',
    'The other 5 messages are the same.',
  ]);
  expect(diff(before, [...before.slice(0, 2), user('three')])).toEqual([
    'message 3 (user) was recorded and not asked: [-two-]',
    'message 4 (assistant) was recorded and not asked: [-2-]',
    'The other 3 messages are the same.',
  ]);
  expect(diff([user('one'), user('two'), user('three')], [user('one'), user('three!')])).toEqual([
    'message 2 (user) was recorded and not asked: [-two-]',
    'message 2 (user): three{+!+}',
    'The other message is the same.',
  ]);
});

test('a message of another role is another message', () => {
  expect(diff([user('Hi')], [system('Hi')])).toEqual([
    'message 1 (user) was recorded and not asked: [-Hi-]',
    'message 1 (system) is asked and not recorded: {+Hi+}',
  ]);
});

describe('what is not text', () => {
  const call = (id: string, args: string): Message => ({
    role: 'assistant',
    parts: [{ type: 'tool-call', id, name: 'look', arguments: args }],
  });

  test('tool calls and results', () => {
    expect(
      diff([call('a', '{"at":"Paris"}'), toolResult('a', '18 °C')], [call('b', '{"at":"Rome"}'), toolResult('b', '18 °C', true)]),
    ).toEqual([
      'message 1 (assistant): look({"at":"[-Paris-]{+Rome+}"})\n  parts[0].id: "a" → "b"',
      'message 2 (tool): the text is the same.\n  parts[0].toolCallId: "a" → "b"\n  parts[0].isError: not set → true',
    ]);
  });

  test('attachments by their digest, metadata by its place', () => {
    const image = (data: string): Message => user('What is it?', [{ type: 'attachment', mediaType: 'image/png', data }]);
    expect(diff([image('QUJD')], [image('QUJE')])).toEqual([
      expect.stringMatching(
        /^message 1 \(user\): the text is the same\.\n {2}parts\[1\]\.data: "sha256 [0-9a-f]{12}" → "sha256 [0-9a-f]{12}"$/,
      ),
    ]);
    const signed = (signature: string): Message => ({
      role: 'assistant',
      parts: [{ type: 'reasoning', text: 'Hm', providerMetadata: { anthropic: { signature } } }],
    });
    expect(diff([signed('x')], [signed('y')])).toEqual([
      'message 1 (assistant): the text is the same.\n  parts[0].providerMetadata.anthropic.signature: "x" → "y"',
    ]);
  });
});

test('no more is said than there is room for', () => {
  const history = (word: string): Message[] => Array.from({ length: 200 }, (_, i) => user(`${word} ${i} ${'text '.repeat(50)}`));
  const blocks = diff(history('old'), history('new'), 2000);
  expect(blocks.join('\n').length).toBeLessThan(3000);
  expect(blocks.slice(-2)).toEqual([expect.stringContaining('message'), '… (more messages differ)']);
});

test('long histories are compared in their order', () => {
  const history = (word: string): Message[] => Array.from({ length: 600 }, (_, i) => user(`${word} ${i}`));
  expect(diff(history('old'), [...history('new'), user('more')], 100_000).at(-1)).toBe(
    'message 601 (user) is asked and not recorded: {+more+}',
  );
});
