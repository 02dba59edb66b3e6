import { expect, test } from 'vitest';
import { formatFields, percentFormat, pythonFormat } from './python-format.ts';
import { pythonFloat } from './python-float.ts';
import type { PythonValue } from './python-value.ts';

/** What CPython 3.11 gives for `format(value, spec)`; `undefined`: it raises an error. */
const formatted: readonly (readonly [value: PythonValue, spec: string, text: string | undefined])[] = [
  ['ab', '*^7', '**ab***'],
  ['ab', '05', 'ab000'],
  ['héllo', '.2', 'hé'],
  ['ab', '=5', undefined],
  ['ab', 'd', undefined],
  ['ab', ',', undefined],
  [42, '08d', '00000042'],
  [-42, '+08,', '-000,042'],
  [1234567, ',', '1,234,567'],
  [1234567, '020,', '0,000,000,001,234,567'],
  [12345678901234567890n, '_', '12_345_678_901_234_567_890'],
  [255, '#06x', '0x00ff'],
  [255, '_b', '1111_1111'],
  [255, ',x', undefined],
  [5, 'c', '\x05'],
  [65, 'c', 'A'],
  [5, '.2', undefined],
  [true, 'd', '1'],
  [true, '5', '    1'],
  [true, '', 'True'],
  [2.5, '.0f', '2'],
  [0.125, '.2f', '0.12'],
  [2.675, '.2f', '2.67'],
  [pythonFloat(1e22), 'f', '10000000000000000000000.000000'],
  [pythonFloat(1e22), ',', '1e+22'],
  [9.995, '.3', '9.99'],
  [pythonFloat(10.0), '.2', '1e+01'],
  [pythonFloat(1.0), '.1', '1e+00'],
  [0.5, '.0', '0.5'],
  [1e-5, 'g', '1e-05'],
  [123456.789, '.1G', '1E+05'],
  [0.256, '.1%', '25.6%'],
  [2.5, '.0e', '2e+00'],
  [3.5, '.0e', '4e+00'],
  [Number.POSITIVE_INFINITY, '010,', '0000000inf'],
  [1.5, 'x', undefined],
  [1.5, 'z.1f', '1.5'],
  [3, 'q', undefined],
  [3, '>', '3'],
];

test.each(formatted)('format(%s, %j)', (value, spec, text) => {
  if (text === undefined) expect(() => pythonFormat(value, spec)).toThrow();
  else expect(pythonFormat(value, spec)).toBe(text);
});

/** What CPython 3.11 gives for `template % values`. */
const filledIn: readonly (readonly [template: string, values: readonly PythonValue[], text: string | undefined])[] = [
  ['%5.1f|%-6s|%+d|%05d', [3.14, 'ab', 3, -42], '  3.1|ab    |+3|-0042'],
  ['%x %X %#o %e %G', [255, 255, 8, 12345.678, 1e-10], 'ff FF 0o10 1.234568e+04 1E-10'],
  ['%s %r %a', ['é', 'é', 'é'], "é 'é' '\\xe9'"],
  ['%*d|%-*s|%.*f', [5, 3, 4, 'x', 2, 2.345], '    3|x   |2.35'],
  ['%c%c', [65, 'B'], 'AB'],
  ['%%', [], '%'],
  ['%.3s|%.0f|%.f', ['abcdef', 2.5, 1.5], 'abc|2|2'],
  ['%d', [2.9], '2'],
  ['%i', ['x'], undefined],
  ['%d %d', [1], undefined],
  ['%d', [1, 2], undefined],
  ['%z', [1], undefined],
  ['%', [], undefined],
  ['%x', [1.5], undefined],
  ['a', [[1]], 'a'],
  ['a', [pythonFloat(1)], undefined],
];

test.each(filledIn)('%j %% %j', (template, values, text) => {
  if (text === undefined) expect(() => percentFormat(template, values)).toThrow();
  else expect(percentFormat(template, values)).toBe(text);
});

test('fields of format by place, by name, with members and nested specifications', () => {
  const named = new Map<string, PythonValue>([
    ['a', { k: [1, 'x'] }],
    ['w', 6],
  ]);
  expect(formatFields('{}{}|{1}{0}|{a[k][1]!r:>{w}}|{{}}', ['p', 'q'], named)).toBe("pq|qp|   'x'|{}");
  for (const wrong of ['{', '}', '{}{}{}', '{z}', '{a.k}', '{a[z]}', '{!x}', '{0:q}'])
    expect(() => formatFields(wrong, ['p', 'q'], named)).toThrow();
});
