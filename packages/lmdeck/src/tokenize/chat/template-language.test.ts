import { describe, expect, test } from 'vitest';
import { chatTemplate } from './chat-template.ts';

const variables = {
  x: 0.5,
  y: 1e-7,
  i: 7,
  t: true,
  n: null,
  l: [1, 'a', "it's", null, true, 0.25],
  d: { b: 1, a: [{ z: null }], é: 'ü\u2028"', B: {} },
  s: ' \t\ufeffword\x85 ',
};

/** Templates, and what `render_jinja_template` of transformers 5.18.0 (jinja2 3.1.6) makes of them with these variables. */
const vectors: readonly (readonly [template: string, rendered: string])[] = [
  ['{{ x }} {{ y }} {{ i }} {{ t }} {{ n }} [{{ nothing }}]', '0.5 1e-07 7 True None []'],
  ['{{ l }} {{ d }}', "[1, 'a', \"it's\", None, True, 0.25] {'b': 1, 'a': [{'z': None}], '\u00e9': '\u00fc\\u2028\"', 'B': {}}"],
  ['{{ l | string }}', "[1, 'a', \"it's\", None, True, 0.25]"],
  ['{{ x ~ t ~ n ~ l }}', "0.5TrueNone[1, 'a', \"it's\", None, True, 0.25]"],
  ['{{ d | tojson }}', '{"b": 1, "a": [{"z": null}], "\u00e9": "\u00fc\u2028\\"", "B": {}}'],
  [
    '{{ d | tojson(indent=2) }}',
    '{\n  "b": 1,\n  "a": [\n    {\n      "z": null\n    }\n  ],\n  "\u00e9": "\u00fc\u2028\\"",\n  "B": {}\n}',
  ],
  [
    "{{ d | tojson(ensure_ascii=True, separators=(',', ':'), sort_keys=True) }}",
    '{"B":{},"a":[{"z":null}],"b":1,"\\u00e9":"\\u00fc\\u2028\\""}',
  ],
  ['{{ [] | tojson(indent=4) }}{{ {} | tojson }}', '[]{}'],
  ["{{ y | tojson }} {{ 1.0 | tojson }} {{ 'a/<b>' | tojson }}", '1e-07 1.0 "a/<b>"'],
  [
    "[{{ s | trim }}] [{{ s.strip() }}] [{{ s.lstrip() }}] [{{ 'xxaxbx'.strip('x') }}] [{{ '\\n\\n a \\n'.strip('\\n') }}] [{{ 'ab'.rstrip('b') }}]",
    '[\ufeffword] [\ufeffword] [\ufeffword\u0085 ] [axb] [ a ] [a]',
  ],
  [
    "{{ \"they're HERE\".title() }} {{ 'foo-bar (BAZ q' | title }} {{ 'aBC'.capitalize() }} {{ 'aBC' | capitalize }}",
    "They'Re Here Foo-Bar (Baz Q Abc Abc",
  ],
  [
    "{{ '' == false }} {{ '1' == 1 }} {{ 1 == true }} {{ 1.0 == 1 }} {{ none == nothing }} {{ [1, {'a': 2}] == [1, {'a': 2}] }} {{ {'a': 1} != {'a': 1} }} {{ [1] == [2] }}",
    'False False True True False True False False',
  ],
  [
    "{% for c in 'h\u00e9y' %}{{ c }}.{% endfor %}{% for c in nothing %}x{% else %}none{% endfor %}{% for k in l if k is string %}{{ k }};{% endfor %}",
    "h.\u00e9.y.nonea;it's;",
  ],
  ['{% for i in [1, 2] %}{{ seen is defined }}{% set seen = i %}{{ seen }} {% endfor %}{{ seen is defined }}', 'False1 False2 False'],
  [
    '{% for i in range(6) %}{% if i == 1 %}{% continue %}{% endif %}{% if i == 4 %}{% break %}{% endif %}{{ i }},{% endfor %}{% for i in range(5, 0, -2) %}{{ i }}{% endfor %}{{ range(2, 4) | list }}',
    '0,2,3,531[2, 3]',
  ],
  [
    "{{ 'a' is iterable }} {{ d is iterable }} {{ nothing is iterable }} {{ i is iterable }} {{ i is not iterable }} {{ l is iterable }}",
    'True True True False True True',
  ],
  [
    "[{{ d[nothing] }}] [{{ d['b'] }}] [{{ l[-1] }}] {{ l[1:3] }} {{ nothing | trim }}{{ nothing | length }}{{ nothing | list }}",
    "[] [1] [0.25] ['a', \"it's\"] 0[]",
  ],
  [
    '{% set ns = namespace(k=1.0) %}{% for i in [1, 2] %}{% set ns.k = ns.k + i %}{% endfor %}{{ ns.k }} {{ 7 // 2 }} {{ 7 / 2 }} {{ 8 / 2 }} {{ -7 // 2 }}',
    '4.0 3 3.5 4.0 -4',
  ],
  ['{% macro f(a, b=2) %}{{ a }}-{{ b }}{{ kwargs }}{% endmacro %}{{ f(1) }} {{ f(1, b=3, c=4) }}', "1-2{} 1-3{'c': 4}"],
  ["  {% if true %}\n  a\n  {%- endif %}\n{# c #}\n b {{- ' x ' -}} c\n\n", '  a b x c\n'],
  ["{% generation %}x{% endgeneration %}y{{ 'a' if false }}|", 'xy|'],
  ["{{ strftime_now('%d %b %Y|%A %B %-d|%H:%M:%S|%I %p|%j|%y-%m|%%') }}", '04 Jul 2025|Friday July 4|09:05:03|09 AM|185|25-07|%'],
];

describe('as in Python', () => {
  test.each(vectors)('%s', async (source, expected) => {
    const template = await chatTemplate(source, { printing: 'python', now: () => new Date(2025, 6, 4, 9, 5, 3) });
    expect(template.renderVariables(variables)).toBe(expected);
  });
});

test('lists and dicts that are printed as they are come out as JSON by default, all else as in Python', async () => {
  const template = await chatTemplate('{{ l }}{{ d }}{{ t }}');
  expect(template.renderVariables({ l: [1, 'a', null], d: { a: { b: true } }, t: true })).toBe('[1, "a", null]{"a": {"b": true}}True');
});
