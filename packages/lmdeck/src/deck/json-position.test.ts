import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { jsonKeyPosition, jsonProblem } from './json-position.ts';

describe('what is wrong with a JSON text', () => {
  test.each([
    ['{\n  "a": 1,\n}', 2, 9, 'no "," may stand before "}"'],
    ['{\n  "a": tru }', 2, 8, 'expected a value (texts stand in double quotes)'],
    ['{\n  a: 1 }', 2, 3, 'expected a key in double quotes'],
    ['{ "a" 1 }', 1, 7, 'expected ":" after the key'],
    ['{ "a": 1 "b": 2 }', 1, 10, 'expected "," or "}"'],
    ['[1, 2', 1, 6, 'expected "," or "]", but the file ends here'],
    ['{ "a": "x\n" }', 1, 8, 'a text in double quotes has a line break or a wrong "\\" escape in it'],
    ['{ "a": "x', 1, 8, 'a text in double quotes is not closed'],
    ['{} {}', 1, 4, 'expected the end of the file: there is something after the closing bracket'],
    ['', 1, 1, 'expected a value, but the file ends here'],
  ])('%j', (text, line, column, message) => {
    expect(jsonProblem(text)).toEqual({ line, column, message });
  });

  test('nothing, for every JSON text', () => {
    fc.assert(
      fc.property(fc.json(), fc.integer({ min: 0, max: 3 }), (json, indent) => {
        expect(jsonProblem(JSON.stringify(JSON.parse(json), null, indent))).toBeUndefined();
      }),
    );
  });

  test('something, whenever JSON.parse objects', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.constantFrom('', ',', '"', '}', ']', ':', 'x', '\\', '1'), (json, at, insert) => {
        const cut = at % (json.length + 1);
        const text = json.slice(0, cut) + insert + json.slice(cut + (insert === '' ? 1 : 0));
        expect(jsonProblem(text) === undefined).toBe(parses(text));
      }),
      { numRuns: 500 },
    );
  });
});

test('where a key or an item is', () => {
  const text = '{\n  "models": {\n    "a/b": { "options": [1, {"x": 2}] } }\n}';
  expect(jsonKeyPosition(text, ['models'])).toEqual({ line: 2, column: 3 });
  expect(jsonKeyPosition(text, ['models', 'a/b', 'options', 1])).toEqual({ line: 3, column: 29 });
  expect(jsonKeyPosition(text, ['models', 'a/b', 'options', 1, 'x'])).toEqual({ line: 3, column: 30 });
  expect(jsonKeyPosition(text, ['nowhere'])).toBeUndefined();
});

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
