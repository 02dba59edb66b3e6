import type { ModelEvent } from 'lmdeck/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AnswerReader, type AnswerSyntax } from './answer-reader.ts';
import type { ToolSyntax } from './tool-syntax.ts';

const call = { optionalPrefixSpace: true, prefix: '', paramsPrefix: '', suffix: '' };
const hermes: ToolSyntax = {
  prefix: '<tool_call>\n{"name": "',
  paramsPrefix: '", "arguments": ',
  suffix: '}\n</tool_call>',
  sectionPrefix: '',
  betweenCalls: '\n',
  opening: '<tool_call>',
  closing: '</tool_call>',
  template: { call, result: { prefix: '', suffix: '' } },
};
const functional: ToolSyntax = { ...hermes, prefix: '||call: ', paramsPrefix: '(', suffix: ')', opening: '||call:', closing: undefined };

function read(pieces: readonly string[], syntax: Partial<AnswerSyntax> = {}): { events: ModelEvent[]; reader: AnswerReader } {
  let calls = 0;
  const reader = new AnswerReader({
    stops: [],
    tools: hermes,
    startsReasoning: false,
    trimStart: true,
    callId: () => `c${calls++}`,
    ...syntax,
  });
  return { events: [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()], reader };
}

/** Adjacent deltas put together, so that answers can be compared however they were cut. */
function joined(events: readonly ModelEvent[]): unknown[] {
  const out: { type: string; value: string }[] = [];
  for (const event of events) {
    const value =
      'text' in event
        ? event.text
        : event.type === 'tool-call-delta'
          ? event.arguments
          : event.type === 'tool-call-start'
            ? event.name
            : '';
    const last = out.at(-1);
    if (last?.type === event.type && event.type.endsWith('-delta')) last.value += value;
    else out.push({ type: event.type, value });
  }
  return out.map(({ type, value }) => (value === '' ? [type] : [type, value]));
}

const WEATHER = '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Par}is"}}\n</tool_call>';
const weather = [['tool-call-start', 'get_weather'], ['tool-call-delta', '{"city": "Par}is"}'], ['tool-call-end']];

describe('tool calls', () => {
  test('are read from the text of the answer, arguments to the byte', () => {
    const { events, reader } = read([WEATHER]);
    expect(joined(events)).toEqual(weather);
    expect(reader.calls).toBe(1);
  });

  test('may stand behind text and behind each other', () => {
    const { events } = read([`Let me see.\n${WEATHER}\n${WEATHER}`]);
    expect(joined(events)).toEqual([['text-delta', 'Let me see.'], ...weather, ...weather]);
    expect(events.filter((event) => event.type === 'tool-call-start').map((event) => [event.index, event.id])).toEqual([
      [0, 'c0'],
      [1, 'c1'],
    ]);
  });

  test('may differ from the syntax in white space and in the order of the keys', () => {
    expect(joined(read(['<tool_call>{"name":"f","arguments":{}}</tool_call>']).events)).toEqual([
      ['tool-call-start', 'f'],
      ['tool-call-delta', '{}'],
      ['tool-call-end'],
    ]);
    expect(joined(read(['<tool_call>\n{"arguments": {"a": 1}, "name": "f"}\n</tool_call>']).events)).toEqual([
      ['tool-call-start', 'f'],
      ['tool-call-delta', '{"a":1}'],
      ['tool-call-end'],
    ]);
  });

  test('are read in other syntaxes, without arguments too', () => {
    const { events } = read(['Hm. ||call: f({"a": 1}) and ||call: g()'], { tools: functional });
    expect(joined(events)).toEqual([
      ['text-delta', 'Hm. '],
      ['tool-call-start', 'f'],
      ['tool-call-delta', '{"a": 1}'],
      ['tool-call-end'],
      ['text-delta', 'and '],
      ['tool-call-start', 'g'],
      ['tool-call-end'],
    ]);
  });

  test('that are none stay text', () => {
    expect(joined(read(['<tool_call>I do not know</tool_call>.']).events)).toEqual([
      ['text-delta', '<tool_call>I do not know</tool_call>.'],
    ]);
    expect(joined(read(['a <tool_call>\n{"na']).events)).toEqual([['text-delta', 'a <tool_call>\n{"na']]);
  });

  test('that are cut off have no end', () => {
    expect(joined(read([WEATHER.slice(0, WEATHER.indexOf('Par'))]).events)).toEqual([
      ['tool-call-start', 'get_weather'],
      ['tool-call-delta', '{"city": "'],
    ]);
  });

  test('are not looked for when no tools were offered', () => {
    expect(joined(read([WEATHER], { tools: undefined }).events)).toEqual([['text-delta', WEATHER]]);
  });
});

test('reasoning is told from the answer, also when the prompt has opened it', () => {
  const reasoning = { opening: '<think>', closing: '</think>' };
  const expected = [
    ['reasoning-delta', 'hm'],
    ['text-delta', 'Yes.'],
  ];
  expect(joined(read(['<think>\nhm\n</think>\n\nYes.'], { reasoning }).events)).toEqual(expected);
  expect(joined(read(['\nhm\n</think>\n\nYes.'], { reasoning, startsReasoning: true }).events)).toEqual(expected);
});

test('a stop text ends the answer, nothing of it or behind it is given out', () => {
  const { events, reader } = read(['one, t', 'wo, thr', 'ee'], { stops: ['two'] });
  expect(joined(events)).toEqual([['text-delta', 'one, ']]);
  expect(reader.stopped).toBe(true);
});

test('events do not depend on the pieces', () => {
  const parts = fc.array(fc.constantFrom(WEATHER, '\n', ' text ', '<tool_', '<think>', '</think>', 'STOP', 'ST', '{"x"}'), {
    maxLength: 8,
  });
  const syntax = { reasoning: { opening: '<think>', closing: '</think>' }, stops: ['STOP'] };
  fc.assert(
    fc.property(parts, fc.array(fc.nat(40)), (texts, cuts) => {
      const text = texts.join('');
      const places = [0, ...cuts.filter((cut) => cut < text.length), text.length].sort((a, b) => a - b);
      const pieces = places.slice(1).map((place, i) => text.slice(places[i], place));
      expect(joined(read(pieces, syntax).events)).toEqual(joined(read([text], syntax).events));
    }),
  );
});
