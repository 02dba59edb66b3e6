import { expect, test } from 'vitest';
import { isPythonSpace, pythonLength, pythonLstrip, pythonRstrip, pythonSplit, pythonStrip } from './python-text.ts';

const blanks = ' \t\n\v\f\r\u001c\u001f\u0085\u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000';

test('white space is what Python takes for it', () => {
  expect(isPythonSpace(blanks)).toBe(true);
  // JavaScript's \s has U+FEFF, Python's has not.
  expect(['\ufeff', '\u200b', '', ' a'].map((text) => isPythonSpace(text))).toEqual([false, false, false, false]);
});

test('strip', () => {
  expect(pythonStrip(`${blanks}\ufeffa b${blanks}`)).toBe('\ufeffa b');
  expect([pythonLstrip(' a '), pythonRstrip(' a '), pythonStrip(blanks)]).toEqual(['a ', ' a', '']);
  expect([pythonStrip('$$a$b$', '$'), pythonStrip('xyax', 'xy'), pythonRstrip('😀😀a😀', '😀')]).toEqual(['a$b', 'a', '😀😀a']);
});

test('split', () => {
  expect(pythonSplit(`${blanks}a${blanks}b c\ufeff `)).toEqual(['a', 'b', 'c\ufeff']);
  expect([pythonSplit(''), pythonSplit(blanks)]).toEqual([[], []]);
});

test('length counts code points', () => {
  expect(['', 'é', '😀a', '\ud83d', '\ude00\ud83d', '👩‍👩‍👧'].map((text) => pythonLength(text))).toEqual([0, 1, 2, 1, 2, 5]);
});
