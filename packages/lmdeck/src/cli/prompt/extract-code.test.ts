import { expect, test } from 'vitest';

import { extractCode } from './extract-code.ts';

const two = 'First:\n\n```python\nprint(1)\n```\n\nSecond:\n\n```js\nrun();\n```';

test.each([
  ['no code', 'Just text with `inline` code.', undefined, undefined],
  ['a bare fence', 'Text.\n\n```\na = 1\n  b\n```\n\nMore.', 'a = 1\n  b\n', 'a = 1\n  b\n'],
  ['a language', 'Text.\n\n```python\na = 1\n```\n', 'a = 1\n', 'a = 1\n'],
  ['a language with signs', '```c++ title="x"\nint a;\n```', 'int a;\n', 'int a;\n'],
  ['four backticks', '````\na\n```\nb\n````\n', 'a\n```\nb\n', 'a\n```\nb\n'],
  ['four backticks and a language', '````js\na\n````\n\nMore.', 'a\n', 'a\n'],
  ['a longer closing fence', 'Text.\n\n```python\na\n````\n\nMore.', undefined, undefined],
  ['no closing fence', '```python\na\n', undefined, undefined],
  ['two blocks', two, 'print(1)\n', 'run();\n'],
  ['white space behind the last fence', `${two} `, 'print(1)\n', 'run();\n'],
  ['backticks inside', '```python\nreturn `bar`\n```\n', 'return `bar`\n', 'return `bar`\n'],
  ['an empty block', '```\n```\n', '', ''],
  ['CRLF', '```\r\na\r\n```\r\n', 'a\n', 'a\n'],
])('%s', (_, text, first, last) => {
  expect(extractCode(text)).toBe(first);
  expect(extractCode(text, 'last')).toBe(last);
});
