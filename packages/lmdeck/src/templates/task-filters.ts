import { equal, fieldsOf, fromRuntime, itemsOf, pythonFilter, type RuntimeValue } from '../jinja/index.ts';
import {
  formatFixed,
  isPythonList,
  percentFormat,
  pythonFloat,
  pythonJson,
  pythonLength,
  pythonRegex,
  pythonStr,
  pythonStrMethod,
  type PythonValue,
} from '../python/index.ts';
import { taskTest } from './task-tests.ts';
import { escaped, striptags, truncated, urlencoded, wordwrapped } from './task-texts.ts';
import { TUPLE } from './task-tokens.ts';
import {
  bind,
  compare,
  defined,
  items,
  kindOf,
  numberOf,
  operate,
  plain,
  str,
  truth,
  whole,
  type Arguments,
  type Maker,
} from './task-values.ts';

/** A filter of Jinja; `undefined` is what is undefined in the template. */
type TaskFilter = (value: RuntimeValue, given: Arguments, make: Maker) => RuntimeValue | undefined;

const filters: Readonly<Record<string, TaskFilter>> = {
  abs: (value, _, make) => {
    const number = real(value, 'abs');
    return make.of(value.type === 'FloatValue' ? pythonFloat(Math.abs(number)) : Math.abs(number));
  },
  attr: (value, given) => {
    const [name] = bind('attr', given, 'name');
    return name && memberOfGroup(value, str(name));
  },
  batch: (value, given, make) => {
    const [count, fill] = bind('batch', given, 'linecount', 'fill_with');
    const size = argument(count, 'linecount of batch');
    const all = items(value, make);
    const rows = Array.from({ length: Math.ceil(all.length / size) }, (_, row) => all.slice(row * size, (row + 1) * size));
    return make.list(
      rows.map((row) => make.list(isGiven(fill) ? [...row, ...Array.from({ length: size - row.length }, () => fill)] : row)),
    );
  },
  dictsort: (value, given, make) => {
    const [caseSensitive, by, reverse] = bind('dictsort', given, 'case_sensitive', 'by', 'reverse');
    const place = { key: 0, value: 1 }[by === undefined ? 'key' : str(by)];
    if (place === undefined) throw new TypeError('you can only sort by either "key" or "value"');
    return sorted(
      pairs(value, make),
      cased((pair) => itemsOf(pair)?.[place] ?? pair, caseSensitive, make),
      reverse,
      make,
    );
  },
  first: (value, _, make) => items(value, make)[0],
  float: (value, given, make) => {
    const [instead] = bind('float', given, 'default');
    const number = floatOf(defined(value));
    return number === undefined ? (instead ?? make.of(pythonFloat(0))) : make.of(pythonFloat(number));
  },
  format: (value, { positional, named }, make) => {
    if (positional.length > 0 && named.size > 0) throw new TypeError('format takes arguments by place or by name, not both');
    return make.of(
      percentFormat(
        str(value),
        named.size > 0 ? [new Map(Array.from(named, ([name, each]) => [name, plain(each)]))] : positional.map(plain),
      ),
    );
  },
  groupby: (value, given, make) => {
    const [path, instead, caseSensitive] = bind('groupby', given, 'attribute', 'default', 'case_sensitive');
    const shown = attribute(path, make, isGiven(instead) ? instead : undefined);
    const key = cased(shown, caseSensitive, make);
    const groups: RuntimeValue[][] = [];
    for (const each of items(sorted(items(value, make), key, undefined, make), make)) {
      const group = groups.at(-1);
      if (group?.[0] !== undefined && equal(key(group[0]), key(each))) group.push(each);
      else groups.push([each]);
    }
    return make.list(
      groups.flatMap((group) => {
        const grouper = group.slice(0, 1).map(shown);
        const list = make.list(group);
        const pair = make.tuple([...grouper, list]);
        // Where the library looks for the members of a value.
        const members = new Map([...grouper.map((each): [string, RuntimeValue] => ['grouper', each]), ['list', list]]);
        return [Object.defineProperty(pair, 'builtins', { value: members })];
      }),
    );
  },
  indent: (value, given, make) => {
    const [width, first, blank] = bind('indent', given, 'width', 'first', 'blank');
    const text = plain(width ?? make.of(4));
    const indention = typeof text === 'string' ? text : ' '.repeat(Number(text));
    const split = pythonStrMethod('splitlines')?.(`${str(value)}\n`, [], new Map());
    const [head = '', ...rest] = isPythonList(split) ? split.map(pythonStr) : [];
    return make.of(
      (truth(first) ? indention : '') + [head, ...rest.map((line) => (truth(blank) || line !== '' ? indention + line : line))].join('\n'),
    );
  },
  int: (value, given, make) => {
    const [instead, base] = bind('int', given, 'default', 'base');
    const number = intOf(defined(value), base === undefined ? 10 : argument(base, 'base of int'));
    return number === undefined ? (instead ?? make.of(0)) : make.of(number);
  },
  items: (value, _, make) => (value.type === 'UndefinedValue' ? make.list([]) : make.list(pairs(value, make))),
  join: (value, given, make) => {
    const [separator, path] = bind('join', given, 'd', 'attribute');
    return make.of(
      items(value, make)
        .map((each) => str(attribute(path, make)(each)))
        .join(separator === undefined ? '' : str(separator)),
    );
  },
  last: (value, _, make) => items(value, make).at(-1),
  length: (value, _, make) => make.of(items(value, make).length),
  list: (value, _, make) => make.list(items(value, make)),
  map: (value, given, make) => {
    if (given.positional.length === 0) {
      const [path, instead] = bind('map', given, 'attribute', 'default');
      if (path === undefined) throw new TypeError('map needs the name of a filter or attribute=…');
      return make.list(maybeNone(value, make).map(attribute(path, make, instead)));
    }
    const [name, ...positional] = given.positional;
    const rest: Arguments = { positional, named: given.named };
    return make.list(maybeNone(value, make).map((each) => applyFilter(pythonStr(plain(name)), each, rest, make) ?? make.of(undefined)));
  },
  max: (value, given, make) => extreme('max', value, given, make),
  min: (value, given, make) => extreme('min', value, given, make),
  regex_replace: (value, given, make) => {
    const [pattern, replacement, count] = bind('regex_replace', given, 'pattern', 'repl', 'count');
    if (pattern === undefined || replacement === undefined) throw new TypeError('regex_replace takes a pattern and what takes its place');
    return make.of(
      pythonRegex(str(pattern)).sub(str(replacement), str(value), count === undefined ? 0 : whole(count, 'count of regex_replace')),
    );
  },
  reject: (value, given, make) => chosen(value, given, false, make),
  rejectattr: (value, given, make) => chosen(value, given, false, make, true),
  reverse: (value, _, make) => {
    const reversed = items(value, make).toReversed();
    return typeof value.value === 'string' ? make.of(reversed.map(str).join('')) : make.list(reversed);
  },
  round: (value, given, make) => {
    const [precision, method] = bind('round', given, 'precision', 'method');
    const digits = precision === undefined ? 0 : whole(precision, 'precision of round');
    const number = real(value, 'round');
    const how = method === undefined ? 'common' : str(method);
    if (digits < 0 || !['common', 'ceil', 'floor'].includes(how))
      throw new TypeError('round takes a precision of 0 or more, and common, ceil or floor');
    if (how !== 'common')
      return make.of(pythonFloat((how === 'ceil' ? Math.ceil(number * 10 ** digits) : Math.floor(number * 10 ** digits)) / 10 ** digits));
    return make.of(value.type === 'FloatValue' ? pythonFloat(Number(formatFixed(number, Math.min(100, digits)))) : number);
  },
  select: (value, given, make) => chosen(value, given, true, make),
  selectattr: (value, given, make) => chosen(value, given, true, make, true),
  slice: (value, given, make) => {
    const [count, fill] = bind('slice', given, 'slices', 'fill_with');
    const all = items(value, make);
    const slices = argument(count, 'slices of slice');
    const [size, longer] = [Math.floor(all.length / slices), all.length % slices];
    return make.list(
      Array.from({ length: slices }, (_, index) => {
        const start = index * size + Math.min(index, longer);
        const part = all.slice(start, start + size + (index < longer ? 1 : 0));
        return make.list(isGiven(fill) && index >= longer ? [...part, fill] : part);
      }),
    );
  },
  sort: (value, given, make) => {
    const [reverse, caseSensitive, path] = bind('sort', given, 'reverse', 'case_sensitive', 'attribute');
    const paths = path?.type === 'StringValue' ? str(path).split(',') : undefined;
    const keys = (paths?.map((each) => make.of(each)) ?? [path]).map((each) => cased(attribute(each, make), caseSensitive, make));
    return sorted(items(value, make), (each) => make.list(keys.map((key) => key(each))), reverse, make);
  },
  sum: (value, given, make) => {
    const [path, start] = bind('sum', given, 'attribute', 'start');
    return items(value, make)
      .map(attribute(path, make))
      .reduce((sum, each) => operate('+', sum, each, make), start ?? make.of(0));
  },
  tojson: (value, given, make) => {
    const [indent] = bind('tojson', given, 'indent');
    const spaces = isGiven(indent) ? whole(indent, 'indent of tojson') : undefined;
    const json = pythonJson(fromRuntime(defined(value)), { indent: spaces, sortKeys: true });
    // Jinja makes it such that it can stand in HTML, wherever it stands.
    return make.of(json.replaceAll(/[<>&']/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`));
  },
  unique: (value, given, make) => {
    const [caseSensitive, path] = bind('unique', given, 'case_sensitive', 'attribute');
    const key = cased(attribute(path, make), caseSensitive, make);
    const seen: RuntimeValue[] = [];
    const isNew = (each: RuntimeValue): boolean => {
      const own = key(each);
      return !seen.some((other) => equal(other, own)) && seen.push(own) > 0;
    };
    return make.list(items(value, make).filter(isNew));
  },
  urlencode: (value, _, make) => {
    if (typeof value.value === 'string') return make.of(urlencoded(value.value, '%20').replaceAll('%2F', '/'));
    const given = value.type === 'ObjectValue' ? pairs(value, make) : itemsOf(defined(value));
    if (given === undefined) return make.of(urlencoded(str(value), '%20').replaceAll('%2F', '/'));
    return make.of(
      given
        .map((pair) => {
          const both = items(pair, make);
          if (both.length !== 2) throw new TypeError(`urlencode takes pairs, and ${str(pair)} is none`);
          return both.map((each) => urlencoded(str(each), '+')).join('=');
        })
        .join('&'),
    );
  },
  [TUPLE]: (value, _, make) => make.tuple(items(value, make)),
};

/** Filters of texts: what they take besides, and what they make of it. Any value is a text, as it is written. */
const texts: Readonly<Record<string, readonly [parameters: string, apply: (self: string, given: readonly PythonValue[]) => PythonValue]>> =
  {
    center: ['width', (self, [width]) => pythonStrMethod('center')?.(self, [width ?? 80], new Map())],
    escape: ['', escaped],
    safe: ['', (self) => self],
    string: ['', (self) => self],
    striptags: ['', striptags],
    truncate: ['length killwords end leeway', truncated],
    wordwrap: ['width break_long_words wrapstring break_on_hyphens', wordwrapped],
    ...Object.fromEntries(
      Object.entries({ capitalize: '', lower: '', replace: 'old new count', title: '', trim: 'chars', upper: '', wordcount: '' }).map(
        ([name, parameters]) => {
          const filter = pythonFilter(name);
          return [name, [parameters, filter?.of === 'text' ? filter.apply : pythonLength]];
        },
      ),
    ),
  };

/** Filters that take nothing but a text. */
const OF_TEXT: ReadonlySet<string> = new Set(['indent', 'truncate', 'wordwrap']);
const ALIASES: Readonly<Record<string, string>> = { count: 'length', e: 'escape', forceescape: 'escape' };

/** What a filter gives; `undefined` is what is undefined in the template. @throws TypeError for a filter that is not known here. */
export function applyFilter(name: string, value: RuntimeValue, given: Arguments, make: Maker): RuntimeValue | undefined {
  const own = Object.hasOwn(ALIASES, name) ? (ALIASES[name] ?? name) : name;
  if (OF_TEXT.has(own) && typeof defined(value).value !== 'string') throw new TypeError(`${name} needs a text, not ${kindOf(value)}`);
  const filter = Object.hasOwn(filters, own) ? filters[own] : undefined;
  if (filter !== undefined) return filter(value, given, make);
  const [parameters, apply] = (Object.hasOwn(texts, own) ? texts[own] : undefined) ?? [];
  if (parameters !== undefined && apply !== undefined)
    return make.of(apply(str(value), bind(name, given, ...(parameters === '' ? [] : parameters.split(' '))).map(plain)));
  if (own === 'default' || own === 'd') {
    const [instead, isTested] = bind('default', given, 'default_value', 'boolean');
    return value.type === 'UndefinedValue' || (truth(isTested) && !truth(value)) ? (instead ?? make.of('')) : value;
  }
  const known = [...Object.keys(filters), ...Object.keys(texts), ...Object.keys(ALIASES), 'd', 'default'];
  throw new TypeError(
    `there is no filter '${name}' (known: ${known
      .filter((each) => each !== TUPLE)
      .toSorted()
      .join(', ')})`,
  );
}

function isGiven(value: RuntimeValue | undefined): value is RuntimeValue {
  return value !== undefined && value.type !== 'NullValue';
}

/** `map` and `select` take what counts as false for an empty list. */
function maybeNone(value: RuntimeValue, make: Maker): readonly RuntimeValue[] {
  return truth(value) ? items(value, make) : [];
}

function argument(value: RuntimeValue | undefined, what: string): number {
  if (value === undefined) throw new TypeError(`${what} is missing`);
  const number = whole(value, what);
  if (number > 0) return number;
  throw new RangeError(`${what} must be at least 1`);
}

function real(value: RuntimeValue, filter: string): number {
  const number = numberOf(defined(value));
  if (number === undefined) throw new TypeError(`${filter} needs a number, not ${kindOf(value)}`);
  return number;
}

function pairs(value: RuntimeValue, make: Maker): readonly RuntimeValue[] {
  if (value.type !== 'ObjectValue') throw new TypeError(`a dict is needed, not ${kindOf(value)}`);
  return fieldsOf(value)?.map(([name, field]) => make.tuple([make.of(name), field])) ?? [];
}

/** What a filter looks at in each item: itself, or a member by its path. */
function attribute(path: RuntimeValue | undefined, make: Maker, instead?: RuntimeValue): (value: RuntimeValue) => RuntimeValue {
  if (!isGiven(path)) return (value) => value;
  const keys = path.type === 'StringValue' ? str(path).split('.') : [str(path)];
  return (value) => keys.reduce((each, key) => member(defined(each), key) ?? instead ?? make.of(undefined), value);
}

function member(value: RuntimeValue, key: string): RuntimeValue | undefined {
  if (/^\d+$/.test(key) && itemsOf(value) !== undefined) return itemsOf(value)?.[Number(key)];
  return new Map(fieldsOf(value)).get(key) ?? memberOfGroup(value, key);
}

/** `grouper` or `list` of what `groupby` gives: the members that only these tuples have. */
function memberOfGroup(value: RuntimeValue, key: string): RuntimeValue | undefined {
  const members: unknown = Object.getOwnPropertyDescriptor(value, 'builtins')?.value;
  return members instanceof Map ? members.get(key) : undefined;
}

/** Texts in small letters, unless upper and lower case count. */
function cased(
  key: (value: RuntimeValue) => RuntimeValue,
  caseSensitive: RuntimeValue | undefined,
  make: Maker,
): (value: RuntimeValue) => RuntimeValue {
  if (truth(caseSensitive)) return key;
  return (value) => {
    const found = key(value);
    return typeof found.value === 'string' ? make.of(found.value.toLowerCase()) : found;
  };
}

/** Stable; what is equal stays in its order also when the order is reversed. */
function sorted(
  all: readonly RuntimeValue[],
  key: (value: RuntimeValue) => RuntimeValue,
  reverse: RuntimeValue | undefined,
  make: Maker,
): RuntimeValue {
  const keyed = all.map((each): [RuntimeValue, RuntimeValue] => [key(each), each]);
  keyed.sort(([a], [b]) => (truth(reverse) ? compare(b, a) : compare(a, b)));
  return make.list(keyed.map(([, each]) => each));
}

function extreme(name: 'max' | 'min', value: RuntimeValue, given: Arguments, make: Maker): RuntimeValue | undefined {
  const [caseSensitive, path] = bind(name, given, 'case_sensitive', 'attribute');
  const key = cased(attribute(path, make), caseSensitive, make);
  const [first, ...others] = items(value, make);
  return (
    first &&
    others.reduce(
      (best, each) => ((name === 'max' ? compare(key(each), key(best)) : compare(key(best), key(each))) > 0 ? each : best),
      first,
    )
  );
}

function chosen(value: RuntimeValue, given: Arguments, keeps: boolean, make: Maker, hasAttribute = false): RuntimeValue {
  const [path, ...afterPath] = given.positional;
  if (hasAttribute && path === undefined) throw new TypeError('the name of an attribute is missing');
  const key = attribute(hasAttribute ? path : undefined, make);
  const [name, ...positional] = hasAttribute ? afterPath : given.positional;
  const test = name === undefined ? truth : taskTest(str(name));
  return make.list(maybeNone(value, make).filter((each) => test(key(each), { positional, named: given.named }, make) === keeps));
}

/** `float(value)`; `undefined` for what is none. */
function floatOf(value: RuntimeValue): number | undefined {
  if (typeof value.value !== 'string') return numberOf(value);
  const text = value.value.trim();
  if (/^[-+]?(?:inf|infinity)$/i.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^[-+]?nan$/i.test(text)) return Number.NaN;
  return /^[-+]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:e[-+]?\d+(?:_\d+)*)?$/i.test(text)
    ? Number(text.replaceAll('_', ''))
    : undefined;
}

/** `int(value, base)`, else `int(float(value))`; `undefined` for what is neither. */
function intOf(value: RuntimeValue, base: number): number | undefined {
  if (typeof value.value === 'string' && base !== 10) {
    const prefix = { 2: '0b', 8: '0o', 16: '0x' }[base] ?? '';
    const [, sign = '', digits = ''] = new RegExp(`^([-+]?)(?:${prefix})?([\\da-z]+)$`, 'i').exec(value.value.trim()) ?? [];
    const isWhole = digits !== '' && Array.from(digits).every((digit) => Number.parseInt(digit, 36) < base);
    if (isWhole) return Number.parseInt(digits, base) * (sign === '-' ? -1 : 1);
  }
  const number = floatOf(value);
  return number === undefined || !Number.isFinite(number) ? undefined : Math.trunc(number) + 0;
}
