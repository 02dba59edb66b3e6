import { describe, expect, test } from 'vitest';
import { pythonRegex, pythonRegexEscape } from './python-regex.ts';

// All results were printed by the module re of CPython 3.11.7.
describe('findall', () => {
  test.each<[string, string, (string | string[])[]]>([
    [String.raw`#### (\-?[0-9\.\,]+)`, 'so\n#### 1,234.\n#### -5', ['1,234.', '-5']],
    [
      '(-?[$0-9.,]{2,})|(-?[0-9]+)',
      'It is $1,234.50 or 7, not -3.',
      [
        ['$1,234.50', ''],
        ['7,', ''],
        ['-3.', ''],
      ],
    ],
    [
      String.raw`\('([^']*)', '([^']*)'\)`,
      "[('a', 'N'), ('b', 'V')]",
      [
        ['a', 'N'],
        ['b', 'V'],
      ],
    ],
    ['(?=(female|woman|man|male))', 'a woman', ['woman', 'man']],
    [String.raw`^(.*?)(?=\n|$)`, 'one\ntwo', ['one']],
    [String.raw`\b(Yes|No)\b`, 'Yes, Nope No_ No', ['Yes', 'No']],
    ['|a', 'aa', ['', 'a', '', 'a', '']],
    ['a*?', 'aa', ['', 'a', '', 'a', '']],
    ['x*', 'axb', ['', 'x', '', '']],
    [
      '(a??)(b?)',
      'ab',
      [
        ['', ''],
        ['a', 'b'],
        ['', ''],
      ],
    ],
    [String.raw`(a??)\1`, 'aa', ['', 'a', '']],
    [String.raw`\b`, '\u00e9 a', ['', '', '', '']],
    [String.raw`\B`, '', []],
    [String.raw`\B`, 'a\ud83d\ude00b', []],
    ['$', 'a\n', ['', '']],
    ['a$', 'a\na\n', ['a']],
    ['(?m)^.', 'a\nb\r\u2028c', ['a', 'b']],
    ['(?m)^', '\ud83d\ude00\n', ['', '']],
    ['(?m).$', 'a\nb', ['a', 'b']],
    ['.+', 'a\u2028b\rc\nd', ['a\u2028b\rc', 'd']],
    ['(?s).+', 'a\nb', ['a\nb']],
    ['(?i)STRASSE', 'Strasse STRASSE', ['Strasse', 'STRASSE']],
    [String.raw`\w+`, 'na\u00efve_1 \u0663 \u0939\u093f \u4e2d\u6587 e\u0301', ['na\u00efve_1', '\u0663', '\u0939', '\u4e2d\u6587', 'e']],
    [String.raw`(?a)\w+`, 'na\u00efve_1', ['na', 've_1']],
    [String.raw`\d+`, '12 \u0663\u096a \u00bd', ['12', '\u0663\u096a']],
    [String.raw`\s`, 'a\u001cb\ufeffc\u3000', ['\u001c', '\u3000']],
    [String.raw`[\W]+`, 'a, b_\u00e9!', [', ', '!']],
    [String.raw`[^\W\d_]+`, 'ab1_\u00e9\u0663', ['ab', '\u00e9']],
    [String.raw`[\S\n]+`, 'a b\nc', ['a', 'b\nc']],
    ['[]a]+', ']a[', [']a']],
    ['[^]a]+', ']ab[', ['b[']],
    [String.raw`[a\]b-]+`, 'a-b]c', ['a-b]']],
    ['[-a]+', 'a-b', ['a-']],
    ['(?P<x>a)(?P=x)', 'aab', ['a']],
    [String.raw`(a)\1`, 'aaa', ['a']],
    ['(?:ab){2,}', 'ababab', ['ababab']],
    ['a{,2}b', 'aaab', ['aab']],
    ['{a}', '{a}', ['{a}']],
    ['a{x}', 'a{x}', ['a{x}']],
    ['(?x) a  b # c', 'ab', ['ab']],
    ['(?i:A)b', 'ab Ab AB', ['ab', 'Ab']],
    ['a(?#c)+', 'aaa', ['aaa']],
    [String.raw`\x41|\u00e9|\U0001F600`, 'A \u00e9 \ud83d\ude00', ['A', '\u00e9', '\ud83d\ude00']],
    [String.raw`\101\060`, 'A0', ['A0']],
    [String.raw`[\101-\103]`, 'ABCD', ['A', 'B', 'C']],
    ['(?<!a)b', 'ab b', ['b']],
    [String.raw`(?<=\$)\d`, '$5 5', ['5']],
    ['.', '\ud83d\ude00e\u0301', ['\ud83d\ude00', 'e', '\u0301']],
    ['(?ms)^a.$', 'a\n\nab', ['a\n', 'ab']],
    ['[\ud83d\ude00-\ud83d\ude02]', '\ud83d\ude01\ud83d\ude03', ['\ud83d\ude01']],
    ['\\.\\,\\-\\"\\\'\\@\\%\\&\\!\\=\\~\\`\\<\\>\\;\\#\\/', 'x.,-"\'@%&!=~`<>;#/', ['.,-"\'@%&!=~`<>;#/']],
    ['[&&||~~-]+', 'a&-|~', ['&-|~']],
    ['(?i)\u00e9', '\u00c9', ['\u00c9']],
    [
      String.raw`(\[[A-D]\])|([A-D])`,
      '[A] B',
      [
        ['[A]', ''],
        ['', 'B'],
      ],
    ],
    [String.raw`\A.\Z`, 'a', ['a']],
    ['a|b|', 'ab', ['a', 'b', '']],
  ])('%s in %j', (pattern, text, found) => {
    expect(pythonRegex(pattern).findall(text)).toEqual(found);
  });
});

describe('sub', () => {
  test.each([
    [String.raw`(\w+) (\w+)`, String.raw`\2 \1`, 'a b c d', 0, 'b a d c'],
    [String.raw`(?P<n>\d)`, String.raw`<\g<n>>`, '1 2 3', 2, '<1> <2> 3'],
    ['x*', '-', 'abxd', 0, '-a-b--d-'],
    ['(a)|b', String.raw`[\1]`, 'ab', 0, '[a][]'],
    ['a', String.raw`\n\t\\\g<0>\&`, 'a', 0, '\n\t\\a\\&'],
    ['a', String.raw`\101\0`, 'a', 0, 'A\u0000'],
    ['(a)(b)?', String.raw`\g<2>\g<1>0`, 'a', 0, 'a0'],
    ['a', '$&$1', 'a', 0, '$&$1'],
  ])('%s by %s in %j, %d times', (pattern, replacement, text, count, result) => {
    expect(pythonRegex(pattern).sub(replacement, text, count)).toBe(result);
  });

  test.each([String.raw`\2`, String.raw`\g<2>`, String.raw`\g<name>`, String.raw`\q`, '\\'])(
    'the replacement %s is refused',
    (replacement) => {
      expect(() => pythonRegex('(a)').sub(replacement, 'a')).toThrow(expect.objectContaining({ code: 'config' }));
    },
  );
});

describe('split', () => {
  test.each<[string, string, number, (string | undefined)[]]>([
    [String.raw`\s+`, 'a b  c\n', 0, ['a', 'b', 'c', '']],
    ['x*', 'axbc', 0, ['', 'a', '', 'b', 'c', '']],
    ['(,)|;', 'a,b;c', 0, ['a', ',', 'b', undefined, 'c']],
    [',', 'a,b,c', 1, ['a', 'b,c']],
    [String.raw`\b`, 'ab c', 0, ['', 'ab', ' ', 'c', '']],
    [String.raw`\s+`, '', 0, ['']],
  ])('by %s of %j, %d times', (pattern, text, maxSplit, parts) => {
    expect(pythonRegex(pattern).split(text, maxSplit)).toEqual(parts);
  });
});

test('search gives the first match with its groups', () => {
  const regex = pythonRegex(String.raw`(?P<sign>-)?(\d+)`);
  expect(regex.search('at 42')).toEqual({ text: '42', index: 3, groups: [undefined, '42'] });
  expect(regex.search('none')).toBeUndefined();
});

test('flags can be given beside the pattern', () => {
  expect(pythonRegex('a.b', 'is').findall('A\nB')).toEqual(['A\nB']);
});

test.each([
  ['(', 'missing ), unterminated subpattern (position 0)'],
  ['a)', 'unbalanced parenthesis (position 1)'],
  ['[a', 'unterminated character set (position 0)'],
  ['*a', 'nothing to repeat (position 0)'],
  ['{2}', 'nothing to repeat (position 0)'],
  ['a**', 'multiple repeat (position 1)'],
  ['a++', 'possessive quantifiers have no counterpart in JavaScript (position 1)'],
  ['(?>a)', 'atomic groups have no counterpart in JavaScript (position 0)'],
  ['(a)(?(1)b|c)', 'conditional groups have no counterpart in JavaScript (position 3)'],
  ['a(?i)b', 'global flags not at the start of the expression; move them to the front, or write (?s:…) (position 1)'],
  ['(?L)a', 'unknown flag "L"; there are a, i, m, s, u and x (position 4)'],
  [String.raw`\q`, String.raw`bad escape \q (position 0)`],
  [String.raw`a\x4`, String.raw`incomplete escape \x (position 1)`],
  [String.raw`(a)\2`, 'invalid group reference 2 (position 3)'],
  ['(?P=x)', "unknown group name 'x' (position 0)"],
  ['(?P<x>a)(?P<x>b)', "redefinition of group name 'x' (position 8)"],
  ['[z-a]', 'bad character range (position 0)'],
  [String.raw`[a-\d]`, 'bad character range (position 0)'],
  ['\\', 'bad escape (end of pattern) (position 1)'],
])('%s is refused', (pattern, reason) => {
  expect(() => pythonRegex(pattern)).toThrow(
    expect.objectContaining({ code: 'config', message: `regular expression ${JSON.stringify(pattern)}: ${reason}.` }),
  );
});

test('numbers of a repetition in the wrong order are refused', () => {
  expect(() => pythonRegex('a{3,2}')).toThrow(expect.objectContaining({ code: 'config' }));
});

test('an escaped text matches itself', () => {
  const text = '()[]{}?*+-|^$\\.&~# \t\n\v\f\r"\'@é😀';
  expect(pythonRegex(pythonRegexEscape(text)).findall(`a${text}b`)).toEqual([text]);
});
