import { expect, test } from 'vitest';
import fc from 'fast-check';
import { parsePythonLiteral } from './python-literal.ts';
import { pythonFloat } from './python-float.ts';
import { pythonRepr } from './python-repr.ts';
import type { PythonValue } from './python-value.ts';

test.each<[string, PythonValue | undefined]>([
  ["['a', \"b's\"]", ['a', "b's"]],
  ['[1, 2.0, -3, 1e3, .5]', [1, pythonFloat(2), -3, pythonFloat(1000), 0.5]],
  ['(1, 2)', [1, 2]],
  ['(1)', 1],
  ['(1,)', [1]],
  ['()', []],
  ["{'a': [True, None]}", new Map<PythonValue, PythonValue>([['a', [true, null]]])],
  ["'a' 'b'", 'ab'],
  [String.raw`'\n\x41\u00e9\'\\'`, "\nAé'\\"],
  [String.raw`r'\n'`, String.raw`\n`],
  ['"""x\ny"""', 'x\ny'],
  [' [ ] ', []],
  ['[1, 2', undefined],
  ['[a]', undefined],
  ['[1] x', undefined],
  ['', undefined],
  ['12345678901234567890', 12345678901234567890n],
])('%j', (text, value) => expect(parsePythonLiteral(text)).toEqual(value));

test('reads what repr writes', () => {
  const values = fc.letrec<{ value: PythonValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: 'binary' }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 4 }),
    ),
  })).value;
  fc.assert(
    fc.property(values, (value) => {
      expect(parsePythonLiteral(pythonRepr(value))).toEqual(value);
    }),
  );
});
