import { describe, expect, test } from 'vitest';
import { assistant, raw, toolResult, user } from '../core/index.ts';
import { echo } from './echo.ts';

describe('echo', () => {
  test('answers what it was given, and nothing else', async () => {
    expect(await echo().prompt('Hello').text()).toBe('{\n  "prompt": "Hello"\n}');
    const response = echo().prompt('Hello', {
      system: 'Be brief.',
      messages: [user('Before'), assistant('Yes')],
      options: { temperature: 0 },
      schema: { type: 'object' },
      tools: [{ name: 'f', parameters: {} }],
      toolChoice: 'auto',
      attachments: [{ type: 'attachment', mediaType: 'image/png', url: 'https://x.test/a.png' }],
    });
    expect(await response.json()).toEqual({
      prompt: 'Hello',
      system: 'Be brief.',
      previous: [
        { role: 'user', text: 'Before' },
        { role: 'assistant', text: 'Yes' },
      ],
      options: { temperature: 0 },
      schema: { type: 'object' },
      tools: ['f'],
      tool_choice: 'auto',
      attachments: [{ type: 'image/png', url: 'https://x.test/a.png' }],
    });
  });

  test('streams the same text line by line', async () => {
    const pieces = await Array.fromAsync(echo().prompt('Hello', { system: 'S' }));
    expect(pieces.length).toBe(4);
    expect(pieces.join('')).toBe(await echo().prompt('Hello', { system: 'S' }).text());
  });

  test('answers raw text verbatim', async () => {
    expect(await echo().prompt('{"raw": "  pong\\n"}').text()).toBe('  pong\n');
  });

  test('calls tools as told, once, then tells their results', async () => {
    const prompt = '{"tool_calls": [{"name": "f", "arguments": {"x": 1}}], "prompt": "go"}';
    const response = echo({ id: 'other' }).prompt(prompt);
    expect(await response.toolCalls()).toMatchObject([{ name: 'f', arguments: { x: 1 } }]);
    const [call] = await response.toolCalls();
    const next = echo().prompt([toolResult(call?.id ?? '', '42')], { messages: await response.history() });
    expect(await next.json()).toEqual({ prompt: 'go', tool_results: [{ id: call?.id, output: '42' }] });
  });

  test('tells raw prompts apart', async () => {
    expect(await echo().prompt(raw('Once')).json()).toEqual({ prompt: 'Once', raw: true });
    expect(
      await echo()
        .prompt(raw([1, 2]))
        .json(),
    ).toEqual({ prompt: '', raw: true, tokens: [1, 2] });
  });

  test('scores a text by its length', async () => {
    const score = await echo().score({ context: 'anything', continuation: 'Hello wonderful world' });
    expect(score.tokens.map(({ token, isGreedy }) => [token, isGreedy])).toEqual([
      ['Hello', true],
      [' wonderful', false],
      [' world', true],
    ]);
    expect(score.logprob).toBeCloseTo(-2.1, 10);
  });

  test('a prompt that only looks like JSON is a prompt', async () => {
    expect(await echo().prompt('{not json').json()).toEqual({ prompt: '{not json' });
    expect(await echo().prompt('[1]').json()).toEqual({ prompt: '[1]' });
  });
});
