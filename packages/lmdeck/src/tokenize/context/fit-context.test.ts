import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assistant, raw, system, toolResult, user, type Message, type Tokenizer } from '../../core/index.ts';
import { chatTemplate } from '../chat/chat-template.ts';
import { huggingFaceTokenizer } from '../huggingface/hugging-face-tokenizer.ts';
import { nastyText } from '../test-support/nasty-text.ts';
import { byteLevel } from '../test-support/hub-tokenizers.ts';
import { tiktokenTokenizer } from '../tiktoken/tiktoken-tokenizer.ts';
import { countMessages, countOpenAiMessages, type MessageCounter } from './count-messages.ts';
import { fitContext, type FitOptions } from './fit-context.ts';
import { messageGroups } from './message-turns.ts';

const cl100k = await tiktokenTokenizer('cl100k_base', { cacheFolder: false });
const hub = await huggingFaceTokenizer({ tokenizer: byteLevel });
/** One token a word, and what is asked of the words is easy to see. */
const words: Tokenizer = {
  id: 'words',
  encode: (text) => (text.match(/\S+/g) ?? []).map((word) => word.length),
  decode: (ids) => ids.map((id) => 'x'.repeat(id)).join(' '),
  count: (text) => (text.match(/\S+/g) ?? []).length,
};
const template = await chatTemplate(
  '{% for m in messages %}{{ m.role }} {{ m.content }} {% for c in m.tool_calls %}{{ c.function.name }} {% endfor %}{% endfor %}{{ tools | tojson if tools }}',
);
const chat: Tokenizer = { ...words, chatTemplate: template };
const call = (id: string): Message => ({ role: 'assistant', parts: [{ type: 'tool-call', id, name: 'look', arguments: '{}' }] });

describe('a text', () => {
  const fit = (text: string, contextSize: number, strategy: FitOptions['strategy']) =>
    fitContext(text, { tokenizer: cl100k, contextSize, reserve: 2, strategy });

  test('that fits stays as it is', async () => {
    expect(await fit('hello world', 4, 'refuse')).toEqual({
      prompt: 'hello world',
      tokens: 2,
      fits: true,
      cut: { tokens: 0, messages: 0 },
    });
  });

  test.each([
    ['left', ' three four five'],
    ['right', 'one two three'],
    ['middle', 'one four five'],
  ] as const)('is cut %s', async (strategy, expected) => {
    expect(await fit('one two three four five', 5, strategy)).toEqual({
      prompt: expected,
      tokens: 3,
      fits: true,
      cut: { tokens: 2, messages: 0 },
    });
  });

  test('that is too long is refused or warned of, with the numbers', async () => {
    await expect(fit('one two three', 4, 'refuse')).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining('The prompt has 3 tokens (tiktoken/cl100k_base), and the context of 4 has room for 2'),
      data: { tokens: 3, contextSize: 4, reserve: 2 },
    });
    const warnings: string[] = [];
    const onWarning = (message: string): number => warnings.push(message);
    const options = { tokenizer: cl100k, contextSize: 2, strategy: 'warn', onWarning } as const;
    expect(await fitContext('one two three', options)).toEqual({
      prompt: 'one two three',
      tokens: 3,
      fits: false,
      cut: { tokens: 0, messages: 0 },
    });
    expect(warnings).toEqual([expect.stringContaining('has room for 1 beside 1 for the answer')]);
  });

  test.each([cl100k, words, hub])('never gets too long, and no character is cut in two ($id)', async (tokenizer) => {
    const whole = tokenizer === words ? fc.constantFrom('a bb ccc', 'one  two three four') : nastyText;
    await fc.assert(
      fc.asyncProperty(whole, fc.integer({ min: 1, max: 12 }), fc.constantFrom('left', 'right', 'middle'), async (text, room, strategy) => {
        const { prompt, tokens } = await fitContext(text, { tokenizer, contextSize: room + 1, strategy });
        expect(tokens).toBeLessThanOrEqual(room);
        expect(await tokenizer.count(prompt)).toBe(tokens);
        if (tokenizer === words) return;
        // What is left are pieces of the text: nothing of a broken character.
        const kept = text.toWellFormed();
        if (strategy === 'left') expect(kept.endsWith(prompt.toWellFormed())).toBe(true);
        if (strategy === 'right') expect(kept.startsWith(prompt.toWellFormed())).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  test('behind a server is cut by its tokens', async () => {
    expect(await fitContext('a bb ccc dddd', { tokenizer: words, contextSize: 3, strategy: 'left' })).toMatchObject({
      prompt: 'xxx xxxx',
      tokens: 2,
    });
  });

  test('has no messages to leave out', async () => {
    await expect(fit('one two three', 3, 'messages')).rejects.toMatchObject({ code: 'usage' });
    await expect(fit('one', 2, 'left')).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining('no room for a prompt') });
  });
});

test('token ids are cut like texts', async () => {
  const options = { tokenizer: words, contextSize: 4 } as const;
  expect(await fitContext([1, 2, 3, 4, 5], { ...options, strategy: 'middle' })).toMatchObject({
    prompt: [1, 4, 5],
    tokens: 3,
    cut: { tokens: 2 },
  });
  expect(await fitContext([1, 2], { ...options, strategy: 'refuse' })).toMatchObject({ prompt: [1, 2], fits: true });
});

describe('messages', () => {
  const history = [
    system('S'),
    user('one'),
    assistant('two'),
    user('three'),
    call('a'),
    toolResult('a', 'result'),
    assistant('four'),
    user('five'),
  ];
  const fit = (messages: readonly Message[], room: number, strategy: FitOptions['strategy'] = 'messages', more: Partial<FitOptions> = {}) =>
    fitContext(messages, { tokenizer: chat, contextSize: room + 1, strategy, ...more });
  const shown = (messages: readonly Message[]): string => messages.map(({ role }) => role[0]).join('');

  test.each([
    [16, 'suauatau', 0],
    [15, 'suatau', 2],
    [12, 'suatau', 2],
    [11, 'su', 6],
    [4, 'su', 6],
  ])('into %i tokens: the oldest turns go, calls and results together', async (room, expected, dropped) => {
    const { prompt, cut, tokens } = await fit(history, room);
    expect(shown(prompt)).toBe(expected);
    expect(cut.messages).toBe(dropped);
    expect(tokens).toBeLessThanOrEqual(room);
    expect(tokens).toBe(await countMessages(chat, prompt));
  });

  test('that must stay and are too long are refused', async () => {
    await expect(fit(history, 3)).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining('even without all that may be left out'),
    });
  });

  test('of the last turn: old rounds of tools go, the user message and the last round stay', async () => {
    const agent = [
      user('go'),
      call('a'),
      toolResult('a', 'x'),
      call('b'),
      toolResult('b', 'y'),
      toolResult('b2', 'z'),
      call('c'),
      toolResult('c', 'w'),
    ];
    expect(shown((await fit(agent, 12)).prompt)).toBe('uattat');
    expect(shown((await fit(agent, 6)).prompt)).toBe('uat');
    await expect(fit(agent, 5)).rejects.toMatchObject({ code: 'invalid-request' });
  });

  test('are grouped so that results never stand without their call', () => {
    const role = fc.constantFrom('system', 'user', 'assistant', 'tool');
    fc.assert(
      fc.property(fc.array(role, { maxLength: 20 }), (roles) => {
        const messages = roles.map((each): Message => ({ role: each, parts: [] }));
        const groups = messageGroups(messages);
        expect(groups.flatMap((group) => group.messages).toSorted((a, b) => a - b)).toEqual(messages.map((_, index) => index));
        const groupOf = (index: number): number => groups.findIndex((group) => group.messages.includes(index));
        const lastUser = roles.lastIndexOf('user');
        for (const [index, each] of roles.entries()) {
          if (each === 'system' || index === lastUser) expect(groups[groupOf(index)]?.keep).toBe(true);
          if (each === 'tool' && (roles[index - 1] === 'assistant' || roles[index - 1] === 'tool'))
            expect(groupOf(index)).toBe(groupOf(index - 1));
        }
      }),
    );
  });

  test('shortened: the longest text first, never the system message', async () => {
    const long = [system('a b c d e f g h'), user('one two three four five six'), assistant('x y z'), user('now')];
    const { prompt, cut } = await fit(long, 17, 'middle');
    expect(prompt.map((message) => message.parts.map((part) => (part.type === 'text' ? part.text : '')).join())).toEqual([
      'a b c d e f g h',
      'xxx',
      'x y z',
      'now',
    ]);
    expect(cut).toEqual({ tokens: 5, messages: 0 });
    const result = await fit([user('q'), call('a'), toolResult('a', 'r r r r r r')], 7, 'right');
    expect(result.prompt[2]?.parts[0]).toMatchObject({ type: 'tool-result', toolCallId: 'a', output: 'x x' });
    await expect(fit([system('a b c d e f g h'), user('u')], 8, 'left')).rejects.toMatchObject({ code: 'invalid-request' });
  });

  test('count with their tools, or as told', async () => {
    const tools = [{ name: 'look', parameters: {} }];
    await expect(fit([user('a')], 3, 'refuse', { render: { tools } })).rejects.toMatchObject({ code: 'invalid-request' });
    expect((await fit([user('a')], 3, 'refuse')).tokens).toBe(2);
    expect((await fit([user('a')], 3, 'refuse', { count: () => 3 })).tokens).toBe(3);
  });
});

describe('counting messages', () => {
  test('by the chat template, special tokens as tokens', async () => {
    const tokenizer = await huggingFaceTokenizer({
      tokenizer: byteLevel,
      chatTemplates: { default: '<|begin|>{{ messages[0].content }}<|end|>' },
    });
    expect(await countMessages(tokenizer, [user('hello')])).toBe(3);
  });

  test('needs a template, or a tokenizer that counts by itself', async () => {
    await expect(countMessages(words, [user('x')])).rejects.toMatchObject({
      code: 'capability',
      message: expect.stringContaining('countOpenAiMessages'),
    });
    const counter: Tokenizer & MessageCounter = { ...words, countMessages: () => 42 };
    expect(await countMessages(counter, [user('x')])).toBe(42);
  });

  /** The example of OpenAI's cookbook (How_to_count_tokens_with_tiktoken.ipynb), which its API counted as 129 and 124 prompt tokens. */
  test('by the rule of OpenAI', async () => {
    const said = (name: string, text: string): Message => ({ ...system(text), name });
    const messages = [
      system('You are a helpful, pattern-following assistant that translates corporate jargon into plain English.'),
      said('example_user', 'New synergies will help drive top-line growth.'),
      said('example_assistant', 'Things working well together will increase revenue.'),
      said('example_user', "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage."),
      said('example_assistant', "Let's talk later when we're less busy about how to do better."),
      user("This late pivot means we don't have time to boil the ocean for the client deliverable."),
    ];
    expect(await countOpenAiMessages(cl100k, messages)).toBe(129);
    expect(await countOpenAiMessages(await tiktokenTokenizer('gpt-4o', { cacheFolder: false }), messages)).toBe(124);
    await expect(countOpenAiMessages(cl100k, [raw([1])])).rejects.toMatchObject({ code: 'capability' });
  });
});
