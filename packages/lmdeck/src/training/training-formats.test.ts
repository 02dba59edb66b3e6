import { describe, expect, test } from 'vitest';
import { assistant, createRequest, raw, system, toolResult, user, type CallEnd, type JsonObject, type Message } from '../core/index.ts';
import { exportCalls, type CallFormat, type ExportOptions, type ExportReport } from '../interop/index.ts';
import { openTape, type Tape } from '../tape/index.ts';
import { put, type CallFacts } from '../tape/test-support/calls.ts';
import { chatml, wordTokenizer } from './test-support/word-tokenizer.ts';
import { openaiFormat, preferenceFormat, promptCompletionFormat, sftFormat, trainingTextFormat } from './training-formats.ts';

interface Exported {
  readonly lines: readonly JsonObject[];
  readonly report: ExportReport;
  readonly left: Readonly<Record<string, number>>;
}

async function exported(tape: Tape, format: CallFormat, options: ExportOptions = {}): Promise<Exported> {
  let text = '';
  const report = await exportCalls(tape, (piece) => void (text += piece), { ...options, format });
  const lines = text.split('\n').flatMap((line): JsonObject[] => (line === '' ? [] : [JSON.parse(line)]));
  return { lines, report, left: Object.fromEntries(report.passedOver.map(({ what, count }) => [what, count])) };
}

let time = 0;

/** Puts a scored answer onto the tape. */
function say(
  tape: Tape,
  prompt: string | readonly Message[],
  answer: string,
  reward?: unknown,
  facts: CallFacts = {},
  end: Partial<CallEnd> = {},
): string {
  const id = put(tape, prompt, answer, { startedAt: ++time, ...facts }, end);
  if (reward !== undefined) tape.tag(id, { reward: JSON.parse(JSON.stringify(reward)) });
  return id;
}

const call = (id: string, args: string): Message => ({
  role: 'assistant',
  parts: [{ type: 'tool-call', id, name: 'add', arguments: args }],
});
const tools = [{ name: 'add', description: 'Adds', parameters: { type: 'object' } }];
const wireTools = [{ type: 'function', function: { name: 'add', description: 'Adds', parameters: { type: 'object' } } }];

describe('sft', () => {
  test('is messages, with tools as chat templates want them', async () => {
    await using tape = openTape(':memory:');
    const messages = [system('Be brief.'), user('1 + 1?'), call('c1', '{"a":1}'), toolResult('c1', '2')];
    say(tape, '', 'It is 2', undefined, { request: createRequest({ messages, tools }) });
    const { lines } = await exported(tape, sftFormat({ tape }));
    expect(lines).toEqual([
      {
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: '1 + 1?' },
          { role: 'assistant', tool_calls: [{ id: 'c1', type: 'function', function: { name: 'add', arguments: { a: 1 } } }] },
          { role: 'tool', content: '2', tool_call_id: 'c1', name: 'add' },
          { role: 'assistant', content: 'It is 2' },
        ],
        tools: wireTools,
      },
    ]);
    const { lines: apart } = await exported(tape, promptCompletionFormat({ tape }));
    expect(apart).toEqual([{ prompt: expect.any(Array), completion: [{ role: 'assistant', content: 'It is 2' }], tools: wireTools }]);
  });

  test('only good answers: scores, cut ones, failures; what is left aside is counted', async () => {
    await using tape = openTape(':memory:');
    say(tape, 'a', 'good', 1);
    say(tape, 'b', 'bad', 0.2);
    say(tape, 'c', 'unscored');
    say(tape, 'd', 'cut', 1, {}, { samples: [{ message: assistant('cut'), finish: { reason: 'length' } }] });
    say(tape, 'e', '', 1, {}, { samples: [] });
    say(tape, 'f', 'scored text', 1, { request: createRequest({ messages: [user('f')], continuation: 'x' }) });
    say(tape, 'g', 'failed', 1, {}, { status: 'error' });
    const { lines, left, report } = await exported(tape, sftFormat({ tape, minScore: 0.5 }));
    expect(lines.map((line) => JSON.stringify(line).includes('good'))).toEqual([true]);
    expect(left).toEqual({
      'answers without a reward of at least 0.5': 2,
      'answers that were cut off at the token limit': 1,
      'calls without an answer': 1,
      'scored texts': 1,
    });
    expect(report.failedCount).toBe(0);
    expect((await exported(tape, sftFormat({ tape, cutOff: true }))).lines).toHaveLength(4);
    expect((await exported(tape, sftFormat({ tape }), { filter: { status: 'error' } })).lines).toHaveLength(1);
  });

  test('per conversation its end, per prompt its best answer, equal lines once', async () => {
    await using tape = openTape(':memory:');
    const first = say(tape, [user('Hi')], 'Hello');
    const history = [user('Hi'), assistant('Hello'), user('More')];
    say(tape, 'alone', 'one', 0.1);
    say(tape, history, 'Much more', undefined, { conversationId: first });
    say(tape, 'alone', 'two', 0.9);
    say(tape, 'alone', 'two', 0.3);
    const answers = ({ lines }: Exported): unknown[] =>
      lines.map(({ messages }) => (Array.isArray(messages) ? [messages.length, messages.at(-1).content] : undefined));
    expect(answers(await exported(tape, sftFormat({ tape })))).toEqual([
      [2, 'Hello'],
      [2, 'one'],
      [4, 'Much more'],
      [2, 'two'],
      [2, 'two'],
    ]);
    expect(answers(await exported(tape, sftFormat({ tape, per: 'conversation' })))).toEqual([
      [4, 'Much more'],
      [2, 'one'],
      [2, 'two'],
      [2, 'two'],
    ]);
    expect(answers(await exported(tape, sftFormat({ tape, per: 'prompt' })))).toEqual([
      [2, 'Hello'],
      [2, 'two'],
      [4, 'Much more'],
    ]);
    const once = await exported(tape, sftFormat({ tape, dedupe: true }));
    expect([once.lines.length, once.left]).toEqual([4, { 'lines that were there already': 1 }]);
  });

  test('a conversation went on with the first of several samples', async () => {
    await using tape = openTape(':memory:');
    say(tape, 'Hi', '', undefined, {}, { samples: [{ message: assistant('first') }, { message: assistant('second') }] });
    const text = JSON.stringify((await exported(tape, sftFormat({ tape, per: 'conversation' }))).lines);
    expect([text.includes('first'), text.includes('second')]).toEqual([true, false]);
    expect((await exported(tape, sftFormat({ tape }))).lines).toHaveLength(2);
  });

  test('an answer that the format cannot say is named; reasoning is written under the key that is asked for', async () => {
    await using tape = openTape(':memory:');
    const bad = say(tape, 'x', '', undefined, {}, { samples: [{ message: call('c', '{"a":') }] });
    const thought: Message = { role: 'assistant', parts: [{ type: 'reasoning', text: 'Hm' }, ...assistant('y').parts] };
    say(tape, 'x', '', undefined, {}, { samples: [{ message: thought }] });
    say(tape, [raw('Once')], 'upon');
    const { lines, report } = await exported(tape, sftFormat({ tape, reasoning: 'reasoning_content' }));
    expect(lines).toEqual([
      {
        messages: [
          { role: 'user', content: 'x' },
          { role: 'assistant', content: 'y', reasoning_content: 'Hm' },
        ],
      },
    ]);
    expect(report.failed).toEqual([
      { where: `call ${bad}`, reason: 'the arguments of the tool call add are no JSON object' },
      { where: expect.stringContaining('call '), reason: 'a raw prompt is no chat message' },
    ]);
  });
});

describe('openai-ft', () => {
  test('learns the last answer of a call, all of a conversation', async () => {
    await using tape = openTape(':memory:');
    const messages = [user('1 + 1?'), call('c1', '{"a":1}'), toolResult('c1', '2')];
    say(tape, '', 'It is 2', undefined, { request: createRequest({ messages, tools, options: { parallelToolCalls: false } }) });
    const { lines } = await exported(tape, openaiFormat({ tape }));
    expect(lines).toEqual([
      {
        messages: [
          { role: 'user', content: '1 + 1?' },
          { role: 'assistant', tool_calls: [{ id: 'c1', type: 'function', function: { name: 'add', arguments: '{"a":1}' } }], weight: 0 },
          { role: 'tool', content: '2', tool_call_id: 'c1' },
          { role: 'assistant', content: 'It is 2' },
        ],
        tools: wireTools,
        parallel_tool_calls: false,
      },
    ]);
    expect(JSON.stringify((await exported(tape, openaiFormat({ tape, per: 'conversation' }))).lines)).not.toContain('weight');
  });

  test('takes images, nothing else', async () => {
    await using tape = openTape(':memory:');
    say(tape, [user('What?', [{ type: 'attachment', mediaType: 'image/png', data: 'AA==' }])], 'a');
    say(tape, [user('What?', [{ type: 'attachment', mediaType: 'application/pdf', data: 'AA==' }])], 'b');
    const { lines, report } = await exported(tape, openaiFormat({ tape }));
    expect(lines).toHaveLength(1);
    expect(report.failed[0]?.reason).toBe('fine-tuning takes text and images, not a part of the type file');
  });
});

describe('dpo', () => {
  function rated(tape: Tape): void {
    say(tape, 'a', 'worst', 0, { model: 'one' });
    say(tape, 'a', 'best', 1, { model: 'two' });
    say(tape, 'b', 'only', 1);
    say(tape, 'a', 'middle', 0.5);
    say(tape, 'c', 'same', 1);
    say(tape, 'c', 'same', 0);
    say(tape, 'd', 'x', 1);
    say(tape, 'd', 'y', 1);
    say(tape, 'e', 'unscored');
    say(tape, 'f', '', [0, 1], {}, { samples: [{ message: assistant('first') }, { message: assistant('second') }] });
  }
  const pairs = ({ lines }: Exported): unknown[] =>
    lines.map(({ chosen, rejected }) => [chosen, rejected].map((side) => (Array.isArray(side) ? side[0].content : undefined)));

  test('is the best answer with the worst, over all models, samples included', async () => {
    await using tape = openTape(':memory:');
    rated(tape);
    const result = await exported(tape, preferenceFormat({ tape }));
    expect(pairs(result)).toEqual([
      ['best', 'worst'],
      ['second', 'first'],
    ]);
    expect(result.lines[0]?.['prompt']).toEqual([{ role: 'user', content: 'a' }]);
    expect(result.left).toEqual({ 'answers without a reward': 1, 'prompts without two answers of different score': 3 });
  });

  test('or every pair of different scores, chosen ones good enough', async () => {
    await using tape = openTape(':memory:');
    rated(tape);
    expect(pairs(await exported(tape, preferenceFormat({ tape, pairs: 'all' })))).toEqual([
      ['best', 'middle'],
      ['best', 'worst'],
      ['middle', 'worst'],
      ['second', 'first'],
    ]);
    expect(pairs(await exported(tape, preferenceFormat({ tape, pairs: 'all', minScore: 0.8 })))).toEqual([
      ['best', 'middle'],
      ['best', 'worst'],
      ['second', 'first'],
    ]);
  });
});

describe('training', () => {
  test('is TrainingText with reward and group; token ids when they are asked for', async () => {
    await using tape = openTape(':memory:');
    const tokenizer = wordTokenizer({ chatTemplate: chatml });
    say(tape, 'a', 'yes', 1);
    say(tape, 'a', 'cut', -1, {}, { samples: [{ message: assistant('cut'), finish: { reason: 'length' } }] });
    const { lines } = await exported(tape, trainingTextFormat({ tape, tokenizer }));
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatchObject({ n_predicted: 14, reward: 1, input_ids: [], labels: [] });
    expect(lines[0]?.['group_id']).toBe(lines[1]?.['group_id']);
    const [withTokens] = (await exported(tape, trainingTextFormat({ tape, tokenizer, tokens: true, minScore: 0 }))).lines;
    const ids = withTokens?.['input_ids'];
    expect(Array.isArray(ids) ? ids.length : 0).toBeGreaterThan(5);
    const { encodeWithOffsets: _, ...elsewhere } = tokenizer;
    expect(() => trainingTextFormat({ tape, tokenizer: elsewhere, tokens: true })).toThrow('a tokenizer in this process');
  });

  test('without a template nothing can be written, and that is said once', async () => {
    await using tape = openTape(':memory:');
    say(tape, 'a', 'yes');
    await expect(exported(tape, trainingTextFormat({ tape, tokenizer: wordTokenizer() }))).rejects.toMatchObject({ code: 'capability' });
  });
});
