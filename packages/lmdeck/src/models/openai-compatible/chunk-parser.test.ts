import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../../core/index.ts';
import { ChunkParser } from './chunk-parser.ts';

/** What `JSON.parse` makes of a text, or that it refuses it. */
function parsed(parse: (text: string) => JsonValue, text: string): JsonValue | undefined {
  try {
    return structuredClone(parse(text));
  } catch (error) {
    expect(error).toBeInstanceOf(SyntaxError);
    return undefined;
  }
}

/** Parses a stream both ways; tells of which chunks the text was not parsed as a whole. */
function compare(texts: readonly string[]): boolean[] {
  const parser = new ChunkParser();
  let before: JsonValue | undefined;
  return texts.map((text) => {
    const expected = parsed((each) => JSON.parse(each), text);
    let value: JsonValue | undefined;
    const actual = parsed((each) => (value = parser.parse(each)), text);
    expect(actual).toEqual(expected);
    const isSame = typeof value === 'object' && value === before;
    before = value;
    return isSame;
  });
}

const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1763660000, model: 'm', system_fingerprint: 'fp' };
const chunk = (delta: object, extra: object = {}, choice: object = {}): object => ({
  ...head,
  choices: [{ index: 0, delta, logprobs: null, finish_reason: null, ...choice }],
  ...extra,
});
/** As Python's `json.dumps` writes it. */
const spaced = (value: object): string => JSON.stringify(value, null, 1).replaceAll(/\n\s*/g, ' ');
const words = ['Grü', 'ße', '"', '\\', ' \\" ', '\n', '{"a":', 'lmdeckProbeOne', '', '\u2028', '\ud800', '"content":"', 'end'];

describe('chunks that differ in one string are parsed by that string', () => {
  const streams: [string, string[]][] = [
    ['text', words.map((content) => JSON.stringify(chunk({ content })))],
    ['text, with spaces', words.map((content) => spaced(chunk({ content })))],
    ['text after a role', words.map((content) => JSON.stringify(chunk({ role: 'assistant', content, refusal: null })))],
    ['reasoning', words.map((text) => JSON.stringify(chunk({ content: null, reasoning_content: text })))],
    ['arguments', words.map((each) => JSON.stringify(chunk({ tool_calls: [{ index: 0, function: { arguments: each } }] })))],
    ['padded text', words.map((content, i) => JSON.stringify(chunk({ content }, { usage: null, obfuscation: 'aB3'.repeat(i) })))],
    ['padded text, with spaces', words.map((content, i) => spaced(chunk({ content }, { obfuscation: 'é'.repeat(i % 2) })))],
  ];
  test.each(streams)('%s', (_, texts) => {
    const hits = compare(texts);
    // The first one is compared with the second one; an empty string may be anything; after a miss it takes two again.
    expect(hits.slice(0, 2)).toEqual([false, false]);
    expect(hits.filter(Boolean).length).toBeGreaterThanOrEqual(words.length / 2);
  });

  test('with whatever comes before and after', () => {
    const texts = [
      JSON.stringify(chunk({ role: 'assistant', content: '' })),
      ...['a', 'b', 'c', 'd'].map((content) => JSON.stringify(chunk({ content }))),
      JSON.stringify({ ...chunk({ content: 'e' }), created: 1763660001 }),
      ...['f', 'g', 'h'].map((content) => JSON.stringify({ ...chunk({ content }), created: 1763660001 })),
      JSON.stringify(chunk({}, {}, { finish_reason: 'stop' })),
      JSON.stringify({ ...head, choices: [], usage: { prompt_tokens: 1 } }),
    ];
    expect(compare(texts)).toEqual([false, false, false, true, true, false, false, true, true, false, false]);
  });

  test('until a stream has shown that it never repeats itself', () => {
    const texts = Array.from({ length: 30 }, (_, i) => JSON.stringify({ ...chunk({ content: `${i}` }), id: `${i}` }));
    const same = Array.from({ length: 5 }, (_, i) => JSON.stringify(chunk({ content: `${i}` })));
    expect(compare([...texts, ...same]).some(Boolean)).toBe(false);
  });
});

describe('what only looks like it is parsed as a whole', () => {
  const around = (inner: string): string => `{"choices":[{"index":0,"delta":{"content":${inner}}}]}`;
  test.each<[string, string]>([
    ['another key behind the string', '"a","refusal":"b"'],
    ['two strings', '"a" "b"'],
    ['a number', '1'],
    ['nothing', ''],
    ['an open string', '"a'],
    ['a raw line end', '"a\nb"'],
    ['a bare word', 'a'],
    ['a list', '["a"]'],
  ])('%s', (_, inner) => {
    expect(compare(['"x"', '"y"', '"z"', inner, '"after"'].map(around))[3]).toBe(false);
  });

  test.each<[string, (text: string) => string]>([
    ['a key of the same name further in', (text) => `{"choices":[{"delta":{"content":"${text}","meta":{"content":"${text}"}}}]}`],
    ['a key that comes twice', (text) => `{"choices":[{"delta":{"content":"${text}","content":"x"}}]}`],
    ['a key of the same name further out', (text) => `{"choices":[{"delta":{"content":"a"}}],"content":"${text}"}`],
    ['a string that looks like the key', (text) => `{"choices":[{"delta":{"content":"a"}}],"x":"\\"content\\":\\"${text}\\""}`],
    ['padding before the text', (text) => `{"obfuscation":"${text}","choices":[{"delta":{"content":"${text}"}}]}`],
  ])('%s', (_, of) => {
    compare(['a', 'b', 'c', 'd', 'e', 'c'].map(of));
  });

  test.each(['null', '[]', '1', '"content"', '{"choices":{}}', '{"choices":[null]}', '{"choices":[{"delta":{"tool_calls":[1]}}]}'])(
    '%s',
    (text) => {
      compare([text, text, text]);
    },
  );
});

test('the result is that of JSON.parse for any chunks, also when they are damaged', () => {
  const string = fc.oneof(
    fc.constantFrom(...words),
    fc.string({ unit: 'binary', maxLength: 6 }),
    fc.string({ unit: fc.constantFrom('"', '\\', 'a', ':', ',', '{', '}', 'content', 'obfuscation'), maxLength: 6 }),
  );
  const shape = fc.record({
    kind: fc.constantFrom('content', 'reasoning', 'arguments'),
    padded: fc.boolean(),
    isSpaced: fc.boolean(),
    id: fc.constantFrom('1', '"content":"', 'x'),
  });
  const damage = fc.record({ at: fc.nat(400), remove: fc.nat(2), insert: fc.constantFrom('', '"', '\\', ',', ' ', '}') });
  const piece = fc.record({
    value: string,
    padding: string,
    shape: fc.nat(8),
    damage: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: damage }),
  });
  const write = (
    { kind, padded, isSpaced, id }: { kind: string; padded: boolean; isSpaced: boolean; id: string },
    value: string,
    padding: string,
  ): string => {
    const delta = kind === 'arguments' ? { tool_calls: [{ index: 0, function: { arguments: value } }] } : { [kind]: value };
    return (isSpaced ? spaced : JSON.stringify)({ ...chunk(delta), id, ...(padded ? { obfuscation: padding } : {}) });
  };
  let hits = 0;
  fc.assert(
    fc.property(fc.array(shape, { minLength: 1, maxLength: 2 }), fc.array(piece, { minLength: 8, maxLength: 20 }), (shapes, pieces) => {
      const texts = pieces.map(({ value, padding, shape: index, damage }) => {
        // The first shape more often than the other.
        const text = write(
          shapes[index < shapes.length ? index : 0] ?? { kind: 'content', padded: false, isSpaced: false, id: '1' },
          value,
          padding,
        );
        if (damage === undefined) return text;
        const at = damage.at % text.length;
        return text.slice(0, at) + damage.insert + text.slice(at + damage.remove);
      });
      hits += compare(texts).filter(Boolean).length;
    }),
    { numRuns: 200 },
  );
  expect(hits).toBeGreaterThan(500);
});
