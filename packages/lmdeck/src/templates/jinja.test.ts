import { expect, test } from 'vitest';
import { pythonFloat, type PythonValue } from '../python/index.ts';
import { TaskJinja } from './jinja.ts';

const doc: Readonly<Record<string, PythonValue>> = {
  question: " What's up, Döner? ",
  choices: ['a', "b's", 'C d'],
  label: 1,
  f: pythonFloat(1),
  none_col: null,
  yes: true,
  nested: { k: [1, 2.5], text: ['x', 'y'], label: ['A', 'B'] },
  answerKey: 'B',
  num: '3',
  empty: '',
  lst: [3, 1, 2],
  ctx: 'A B\nC',
};

/** What Jinja2 3.1.6 renders with StrictUndefined and keep_trailing_newline; `undefined`: it raises an error. */
const rendered: readonly (readonly [template: string, text: string | undefined])[] = [
  ['Q: {{question.strip()}}\nA:', "Q: What's up, Döner?\nA:"],
  ['{{choices}}', "['a', \"b's\", 'C d']"],
  ['{{choices[label]}}', "b's"],
  ['{{f}} {{none_col}} {{yes}} {{nested}}', "1.0 None True {'k': [1, 2.5], 'text': ['x', 'y'], 'label': ['A', 'B']}"],
  ["{{question|regex_replace('W.','x')}}", " xat's up, Döner? "],
  ["{{question|regex_replace('[a-z]','x', 2)}}", " Wxxt's up, Döner? "],
  ['{{ [question, choices[0]] }}', "[\" What's up, Döner? \", 'a']"],
  ['{% for c in choices %}{{loop.index}}. {{c}}\n{% endfor %}', "1. a\n2. b's\n3. C d\n"],
  ["{% for c in choices -%}\n{{ 'ABC'[loop.index0] }}. {{c}}\n{% endfor %}Answer:", "A. a\nB. b's\nC. C d\nAnswer:"],
  ['{{missing}}', undefined],
  ['{{missing is defined}}', 'False'],
  ["{{missing|default('d')}}", 'd'],
  ['{{nested.k[1]}}\n', '2.5\n'],
  ["{{nested['label'].index(answerKey)}}", '1'],
  ["{{choices.index('C d')}}", '2'],
  ["{{choices|length}} {{choices|join(', ')}}", "3 a, b's, C d"],
  ["{{'abc'[1:]}}", 'bc'],
  ["{{['no','yes'][label]}}", 'yes'],
  ['{{label==1}}', 'True'],
  ['{% set x = label+1 %}{{x}}', '2'],
  ["{{question.split(' ')}}", "['', \"What's\", 'up,', 'Döner?', '']"],
  ["{{'%s-%s'|format('a',label)}}", 'a-1'],
  ["{{'A'~label}}", 'A1'],
  ['{{question.replace("W",\'V\')}}', " Vhat's up, Döner? "],
  ["{{{0:'x',1:'y'}[label]}}", 'y'],
  ['{{choices|lower}}', "['a', \"b's\", 'c d']"],
  ['{{question|trim|capitalize}}', "What's up, döner?"],
  ["{{label|string+'x'}}", '1x'],
  ['{{7//2}} {{7/2}} {{2**3}} {{7%4}} {{-7//2}}', '3 3.5 8 33'],
  ["{{'abc'.find('c')}} {{'abc'.find('z')}}", '2 -1'],
  ["{{choices|map('upper')|list}}", "['A', \"B'S\", 'C D']"],
  ["{{'x'.join(choices)}}", "axb'sxC d"],
  ["{{ ctx.split('\n')[0] }}", 'A B'],
  ['{{ctx.splitlines()}}', "['A B', 'C']"],
  ['{{question[0]|upper}}{{question[1:]}}', " What's up, Döner? "],
  ["{{'yes' if yes else 'no'}}", 'yes'],
  ["{{lst|sort|join(',')}}", '1,2,3'],
  ['{{lst|sum}} {{lst|max}} {{lst|min}}', '6 3 1'],
  ['{{num|int+1}}', '4'],
  ['{{ (-0.5)|int }} {{ (-2.5)|int }} {{f|int}}', '0 -2 1'],
  ['{{ (-7)%3 }} {{7%-3}} {{5.5%2}} {{6 % 3.0}}', '2 -2 1.5 0.0'],
  ["{{'%s: %.2f %03d%%' % (question|trim, 2.345, label)}} {{'%d' % f}}", "What's up, Döner?: 2.35 001% 1"],
  ["{{'%5s|%-5s|' % ('a', 'b')}}", '    a|b    |'],
  ["{{'%q' % label}}", undefined],
  ["{{label|replace('1', 'one')}}{{'aaa'|replace('a', 'b', 2)}}{{choices|replace('[', '(')}}", "onebba('a', \"b's\", 'C d']"],
  ['{{[none_col, [1, f], yes, f]|join(" / ")}}', 'None / [1, 1.0] / True / 1.0'],
  ["{{['b', 'a', 'B', 1, 1]|unique|list}}", "['b', 'a', 1]"],
  ["{{'é😀ñ'|length}}", '3'],
  ["{{ {'b': '<&>', 'a': \"it's é\"}|tojson }}", '{"a": "it\\u0027s \\u00e9", "b": "\\u003c\\u0026\\u003e"}'],
  ['{{[1, {}]|tojson(2)}}', '[\n  1,\n  {}\n]'],
  ["{{label + 'x'}}", undefined],
  ["{{'x' + choices}}", undefined],
  ["{{'x' + num + 'y'}} {{label + 1 + f}} {{[1] + [2]}}", 'x3y 3.0 [1, 2]'],
  ['{{choices|last}}', 'C d'],
  ['{{question|length}}', '19'],
  ["{{question.startswith(' W')}} {{question.lower().strip()}}", "True what's up, döner?"],
  ["{{['A','B','C'][choices.index(\"b's\")]}}", 'B'],
  ['{{choices|reverse|list}}', "['C d', \"b's\", 'a']"],
  ["{{empty or 'fallback'}}", 'fallback'],
  ['{% if label == 0 %}zero{% elif label == 1 %}one{% else %}more{% endif %}', 'one'],
  ['{{range(3)|list}}', '[0, 1, 2]'],
  ['{% for i in range(0, choices|length) %}{{i}}{{choices[i]}}{% if not loop.last %}, {% endif %}{% endfor %}', "0a, 1b's, 2C d"],
  ["{{'True' in question}} {{'up' in question}}", 'False True'],
  ['{{not yes}}', 'False'],
  ['{{choices[-1]}} {{choices[:2]}}', "C d ['a', \"b's\"]"],
  ['{{1.5+f}}', '2.5'],
  ['{{f|int}}', '1'],
  ["{{question|replace('up','down')|title}}", " What's Down, Döner? "],
  ['{{[1,2]+[3]}}', '[1, 2, 3]'],
  ['{{none_col is none}}', 'True'],
  ["{{'%d%%'|format(label)}}", '1%'],
  ["{{ 'a\\nb' }}", 'a\nb'],
  ['{# c #}x', 'x'],
  ["{{question.rsplit(',',1)[0]}}", " What's up"],
  ["{{'{} and {}'.format(label, num)}}", '1 and 3'],
  ["{{'abc'|list}}", "['a', 'b', 'c']"],
  ['{{num.zfill(3)}} {{num.isdigit()}}', '003 True'],
  ['{{f == 1}} {{f}}', 'True 1.0'],
  ['{{\'"q"\'}}', '"q"'],
  ['{{lst[0]+lst[1]}}', '4'],
  ["{{'abc'|first}}", 'a'],
  ['{{label * 2}} {{3 - label}}', '2 2'],
  ['{%- set ns = namespace(x=0) -%}{% for c in choices %}{% set ns.x = ns.x + 1 %}{% endfor %}{{ns.x}}', '3'],
  ["{{ {'a': 1, 'b': [1,2]} }}", "{'a': 1, 'b': [1, 2]}"],
  ['{{choices|string}}', "['a', \"b's\", 'C d']"],
  ['{{question|wordcount}}', '4'],
  ["{{ '  x '|trim }}|", 'x|'],
  ['{{lst|unique|list}}', '[3, 1, 2]'],
  ['{{label|abs}} {{2.567|round(1)}} {{2.5|round|int}}', '1 2.6 2'],
  ["{{'x'|upper ~ 'Y'|lower}}", 'Xy'],
  ['{{doc is defined}}', 'False'],
];

const jinja = await TaskJinja.load();

test.each(rendered)('%j', (template, text) => {
  if (text === undefined) expect(() => jinja.template(template).render(doc)).toThrow(expect.objectContaining({ code: 'config' }));
  else expect(jinja.template(template).render(doc)).toBe(text);
});

test('an expression that stands alone gives its value', () => {
  expect(jinja.template('{{ [question, choices[0]] }}').value(doc)).toEqual([" What's up, Döner? ", 'a']);
  expect(jinja.template('{{ f }}').value(doc)).toEqual(pythonFloat(1));
  expect(jinja.template('x{{ f }}').value(doc)).toBe('x1.0');
  expect(jinja.template('plain').value(doc)).toBe('plain');
});

test('a mistake names the template and what is wrong', () => {
  expect(() => jinja.template('Q: {{ missing }}').render(doc)).toThrow(`template "Q: {{ missing }}": 'missing' is undefined`);
  expect(() => jinja.template('{{ nested.zzz }}').render(doc)).toThrow("there is no member 'zzz'");
  expect(() => jinja.template('{{ question').render(doc)).toThrow('template "{{ question"');
  expect(() => jinja.template("{{ choices.index('z') }}").render(doc)).toThrow('z is not in list');
});

test('columns can have any letters in their names', () => {
  const template = jinja.template(
    "{# é #}{{ größe }} {{ 问题.ß }} {{ 'ö' ~ größe }}{% for ü in 问题.list %} {{ ü }}é{% endfor %} {{ fehlt_ä is defined }}",
  );
  expect(template.render({ größe: 1, 问题: { ß: 's', list: ['x'] } })).toBe('1 s ö1 xé False');
  expect(() => jinja.template('{{ straße }}').render(doc)).toThrow("'straße' is undefined");
});

test('what format() does not know is an error and not left as it is', () => {
  expect(() => jinja.template("{{ '{:q}'.format(label) }}").render(doc)).toThrow("Unknown format code 'q' for object of type 'int'");
});

test('a column wins over a name of the language', () => {
  expect(jinja.template('{{ range }} {{ none }}').render({ range: 'r', none: 'n' })).toBe('r n');
});
