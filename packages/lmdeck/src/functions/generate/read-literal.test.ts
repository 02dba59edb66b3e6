import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonValue } from '../../core/index.ts';
import { exampleCall } from './example-tag.ts';
import { printLiteral } from './print-literal.ts';
import { readLiteral } from './read-literal.ts';
import { sameCode } from './same-code.ts';

/** JSON, with texts and keys that are hard to quote. */
const json = fc
  .jsonValue({ stringUnit: fc.constantFrom('a', "'", '"', '\\', '\n', '\u2028', '`', '$', '{', '😀', '/', '*') })
  .map((value): JsonValue => JSON.parse(JSON.stringify(value)));

test('what is printed is read back, and is TypeScript', () => {
  fc.assert(
    fc.property(json, fc.nat(40), (value, indent) => {
      const text = printLiteral(value, indent);
      expect(readLiteral(text)?.value).toEqual(value);
      expect(JSON.stringify(readLiteral(JSON.stringify(value))?.value)).toBe(JSON.stringify(value));
      expect(sameCode(text, printLiteral(value, 200))).toBe(true);
    }),
  );
});

test('values as they are written in TypeScript', () => {
  const read = (text: string): JsonValue | undefined => readLiteral(text)?.value;
  expect(
    read(String.raw`{ a: 'it\'s', "b-c": [1_000, .5, 0x1F, -2e3,], /* no */ d: null, // end
  }`),
  ).toEqual({ a: "it's", 'b-c': [1000, 0.5, 31, -2000], d: null });
  expect(read('new Date("2020-02-03")')).toBe('2020-02-03T00:00:00.000Z');
  expect(read(String.raw`'\u{1F600}\u0041\x42\n'`)).toBe('😀AB\n');
  expect(read('`two\nlines`')).toBe('two\nlines');
  for (const wrong of ['', 'a', '[1 2]', '{ a }', "'open", '1 2', '`${x}`', 'f()', 'new Date("never")', String.raw`'\u{FFFFFFF}'`])
    expect(read(wrong)).toBeUndefined();
});

test('examples of calls', () => {
  expect(exampleCall("find([1, { a: 'b' }], 'x') // => 0", 'find')).toEqual({ args: [[1, { a: 'b' }], 'x'], output: 0 });
  expect(exampleCall('```ts\nawait database.find(1);\n// => {\n//   a: 1,\n// }\n```', 'find')).toEqual({ args: [1], output: { a: 1 } });
  expect(exampleCall('age // => 34', 'age')).toEqual({ args: [], output: 34 });
  expect(exampleCall('<caption>Nothing found</caption> $f() → null', '$f')).toEqual({ args: [], output: null });
  expect(exampleCall('find(x) // => 0', 'find')).toBe('broken');
  expect(exampleCall('find(1, 2', 'find')).toBeUndefined();
  expect(exampleCall('const found = find(1);', 'find')).toBeUndefined();
});

test('a formatter changes nothing, an edit does', () => {
  const text = "const a = { b: ['it', \"it's\"], 'c-d': 1 };\n// note\n";
  expect(sameCode(text, 'const a = {\r\n\tb: [\r\n\t\t"it",\r\n\t\t\'it\\\'s\',\r\n\t],\r\n\t"c-d": 1,\r\n}\r\n// note')).toBe(true);
  for (const [from, to] of [
    ['it', 'at'],
    ['1', '2'],
    ['b:', 'e:'],
    ['note', 'nope'],
    ["'it', ", ''],
    ['1 }', '1, e: 2 }'],
  ] as const)
    expect(sameCode(text, text.replace(from, to))).toBe(false);
});
