import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../core/index.ts';
import { parsePythonJson } from './parse-python-json.ts';
import { PythonFloat, pythonFloat } from './python-float.ts';
import { pythonJson } from './python-json.ts';
import type { PythonValue } from './python-value.ts';

// Texts printed by json.dumps of CPython 3.11.7.
describe('writes what json.dumps writes', () => {
  const value = {
    q: 'é "x" \\ \n\t\u0000\u007f\u2028😀/',
    n: [1, pythonFloat(1), -0, 1e-5, pythonFloat(1e16), 10n ** 25n, null, true, false],
    e: [],
    o: {},
    f: Number.NaN,
    i: [Infinity, -Infinity],
  };

  test('in ASCII', () => {
    expect(pythonJson(value)).toBe(
      String.raw`{"q": "\u00e9 \"x\" \\ \n\t\u0000\u007f\u2028\ud83d\ude00/", "n": [1, 1.0, -0.0, 1e-05, 1e+16, 10000000000000000000000000, null, true, false], "e": [], "o": {}, "f": NaN, "i": [Infinity, -Infinity]}`,
    );
  });

  test('in Unicode', () => {
    expect(pythonJson({ q: value.q }, { ensureAscii: false })).toBe('{"q": "é \\"x\\" \\\\ \\n\\t\\u0000\u007f\u2028😀/"}');
  });

  test('with an indent', () => {
    expect(pythonJson({ b: [1, { a: 2 }], a: { z: [], y: {} } }, { indent: 2 })).toBe(
      '{\n  "b": [\n    1,\n    {\n      "a": 2\n    }\n  ],\n  "a": {\n    "z": [],\n    "y": {}\n  }\n}',
    );
  });

  test('with separators and sorted keys', () => {
    expect(pythonJson({ b: 1, a: [1, 2] }, { separators: [',', ':'], sortKeys: true })).toBe('{"a":[1,2],"b":1}');
    // By code point: U+E000 comes before U+1F600, whose first UTF-16 unit is smaller.
    expect(pythonJson({ '😀': 1, '\ue000': 2 }, { sortKeys: true, ensureAscii: false })).toBe('{"\ue000": 2, "😀": 1}');
  });

  test('with keys that are no text, in their order', () => {
    const dict = new Map<PythonValue, PythonValue>([
      ['b', 0],
      [1, 4],
      [1.5, 3],
      [pythonFloat(2), 1],
      [true, 2],
      [null, 5],
    ]);
    expect(pythonJson(dict)).toBe('{"b": 0, "1": 4, "1.5": 3, "2.0": 1, "true": 2, "null": 5}');
    expect(() => pythonJson(new Map([[[1], 1]]))).toThrow(TypeError);
  });

  test('a lone surrogate as its escape', () => {
    expect(pythonJson('\ud800')).toBe(String.raw`"\ud800"`);
  });

  // From the sample files of lm-evaluation-harness: json.dumps(doc, indent=2, ensure_ascii=False).
  test('the hash of a document', () => {
    expect(sha256(pythonJson({ question: 'Qé', answer: '4' }, { indent: 2, ensureAscii: false }))).toBe(
      '0f5c62879ca824df2003e9337f2c20aa7e16b9fa5ae810bb7020b94e70a34567',
    );
  });
});

describe('reads what json.loads reads', () => {
  test('whole floats, large integers and the words besides', () => {
    expect(parsePythonJson('[1, 1.0, 1.5, 2e3, 12345678901234567890, NaN, -Infinity, "NaN, 1.0", "\\"Infinity"]')).toEqual([
      1,
      new PythonFloat(1),
      1.5,
      new PythonFloat(2000),
      12345678901234567890n,
      Number.NaN,
      -Infinity,
      'NaN, 1.0',
      '"Infinity',
    ]);
  });

  test('dicts in their order, also where keys are digits', () => {
    const text = '{"x": 1, "10": {"2": "\\"3\\": ", "1": 1.0, "\uf8ff4": []}, "2": [{"0": 1, "7": 2, "a": 3}], "2": 5}';
    const parsed = parsePythonJson(text);
    const inner = new Map<PythonValue, PythonValue>([
      ['2', '"3": '],
      ['1', new PythonFloat(1)],
      ['\uf8ff4', []],
    ]);
    expect(parsed).toEqual(
      new Map<PythonValue, PythonValue>([
        ['x', 1],
        ['10', inner],
        ['2', 5],
      ]),
    );
    expect(pythonJson(inner, { ensureAscii: false })).toBe('{"2": "\\"3\\": ", "1": 1.0, "\uf8ff4": []}');
    // A plain object keeps these in their order.
    expect(parsePythonJson('[{"0": 1, "7": 2, "a": 3}]')).toEqual([{ 0: 1, 7: 2, a: 3 }]);
  });

  test('text that is no JSON is refused', () => {
    expect(() => parsePythonJson('[1.0,]')).toThrow(SyntaxError);
    expect(() => parsePythonJson("{'a': 1}")).toThrow(SyntaxError);
  });
});

test('what was written is read back', () => {
  const leaf = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.constantFrom(null, true, false, Number.NaN, Infinity, -0.5, 2n ** 60n, -(10n ** 25n)),
    fc.maxSafeInteger().map((number) => number + 0),
    fc.integer().map((number) => pythonFloat(number)),
  );
  const list = fc.array(leaf, { maxLength: 4 });
  const value: fc.Arbitrary<PythonValue> = fc.oneof(
    leaf,
    list,
    fc.dictionary(fc.string({ maxLength: 5 }), fc.oneof(leaf, list), { maxKeys: 4, noNullPrototype: true }),
  );
  fc.assert(
    fc.property(value, fc.option(fc.nat(4), { nil: undefined }), fc.boolean(), (any, indent, ensureAscii) => {
      expect(parsePythonJson(pythonJson(any, { indent, ensureAscii }))).toEqual(any);
    }),
  );
});
