import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonValue } from '../../../core/index.ts';
import { takeOutArrays } from './unread-arrays.ts';

/** Puts the arrays back where their numbers stand. */
function restored(value: JsonValue | undefined, arrays: ReturnType<typeof takeOutArrays>['arrays']): JsonValue | undefined {
  if (Array.isArray(value)) return value.map((each: JsonValue) => restored(each, arrays) ?? null);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const array = name === 'tops' && typeof member === 'number' ? arrays[member] : undefined;
      if (array === undefined) return [name, restored(member, arrays) ?? null];
      const elements: JsonValue[] = [];
      for (let element = array.at(0), i = 1; element !== undefined; element = array.at(i++)) elements.push(element);
      return [name, elements];
    }),
  );
}

/** Texts that try to look like what is looked for. */
const texts = fc.oneof(fc.string(), fc.constantFrom('tops', '"tops":[', '\\"tops": [1]', ']', '\\', '"', '{"tops":[]}'));
/** No backslash alone: without `markedKeys` (token-keys.ts) V8 takes other keys for it. */
const names = texts.filter((text) => text !== '\\');
const leaves = fc.oneof(texts, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(null), fc.boolean());
const alternatives = fc.array(
  fc.oneof(
    fc.constant(null),
    fc.dictionary(names, leaves),
    fc.array(leaves, { maxLength: 3 }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  ),
  { minLength: 1, maxLength: 5 },
);
const answers = fc.record({
  text: texts,
  choices: fc.array(fc.record({ tokens: fc.array(texts), logprobs: fc.record({ before: texts, tops: alternatives, after: leaves }) }), {
    maxLength: 3,
  }),
});

test('nothing is lost: the arrays put back give the answer', () => {
  fc.assert(
    fc.property(answers, fc.constantFrom(undefined, 1, '\t'), (answer, indent) => {
      const { text, arrays } = takeOutArrays(JSON.stringify(answer, undefined, indent), 'tops');
      expect(arrays).toHaveLength(answer.choices.length);
      const rest: JsonValue = JSON.parse(text);
      const whole: JsonValue = JSON.parse(JSON.stringify(answer));
      expect(restored(rest, arrays)).toEqual(whole);
    }),
  );
});

test.each(['{"tops":[1,', '{"tops":["a', '{"tops":"[1]"}', '{"tops":{"a":[1]}}', '{"tops"', 'tops', '"tops":'])(
  '%s stays as it is',
  (text) => {
    expect(takeOutArrays(text, 'tops')).toEqual({ text, arrays: [] });
  },
);
