import {
  formatFixed,
  isPythonList,
  jinjaTitle,
  pythonCapitalize,
  pythonTitle,
  PythonFloat,
  pythonFloat,
  pythonLength,
  pythonLstrip,
  pythonRstrip,
  pythonSplit,
  pythonStr,
  pythonStrip,
  type PythonValue,
} from '../python/index.ts';

/** Where `str.splitlines` breaks. */
const LINE_BREAK = new RegExp(`\r\n|[\n\r\v\f${String.fromCodePoint(0x1c, 0x1d, 0x1e)}\u0085\u2028\u2029]`);

type Method<Self> = (self: Self, args: readonly PythonValue[]) => PythonValue;

/** The methods of Python's `str` that templates call. Positions count code points, as in Python. */
const stringMethods: Readonly<Record<string, Method<string>>> = {
  capitalize: pythonCapitalize,
  casefold: (self) => self.toLowerCase().replaceAll('ß', 'ss'),
  count: (self, [part]) => (text(part) === '' ? pythonLength(self) + 1 : self.split(text(part)).length - 1),
  endswith: (self, [suffix]) => anyOf(suffix).some((each) => self.endsWith(each)),
  find: (self, [part]) => pointIndex(self, self.indexOf(text(part))),
  format: (self, args) => format(self, args),
  index: (self, [part]) => found(pointIndex(self, self.indexOf(text(part))), 'substring not found'),
  isalnum: (self) => /^[\p{L}\p{N}]+$/u.test(self),
  isalpha: (self) => /^\p{L}+$/u.test(self),
  isdigit: (self) => /^\p{Nd}+$/u.test(self),
  islower: (self) => self === self.toLowerCase() && self !== self.toUpperCase(),
  isnumeric: (self) => /^\p{N}+$/u.test(self),
  isspace: (self) => self !== '' && pythonStrip(self) === '',
  isupper: (self) => self === self.toUpperCase() && self !== self.toLowerCase(),
  join: (self, [items]) => list(items).map(pythonStr).join(self),
  lower: (self) => self.toLowerCase(),
  lstrip: (self, [characters]) => pythonLstrip(self, optional(characters)),
  partition: (self, [separator]) => parted(self, self.indexOf(text(separator)), text(separator), [self, '', '']),
  removeprefix: (self, [prefix]) => (self.startsWith(text(prefix)) ? self.slice(text(prefix).length) : self),
  removesuffix: (self, [suffix]) => (text(suffix) !== '' && self.endsWith(text(suffix)) ? self.slice(0, -text(suffix).length) : self),
  replace: (self, [before, after, count]) => replaced(self, text(before), text(after), count === undefined ? -1 : Number(count)),
  rfind: (self, [part]) => pointIndex(self, self.lastIndexOf(text(part))),
  rpartition: (self, [separator]) => parted(self, self.lastIndexOf(text(separator)), text(separator), ['', '', self]),
  rsplit: (self, [separator, most]) => rightSplit(self, separator, most),
  rstrip: (self, [characters]) => pythonRstrip(self, optional(characters)),
  split: (self, [separator, most]) => split(self, separator, most),
  splitlines: (self) => {
    const lines = self.split(LINE_BREAK);
    return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
  },
  startswith: (self, [prefix]) => anyOf(prefix).some((each) => self.startsWith(each)),
  strip: (self, [characters]) => pythonStrip(self, optional(characters)),
  swapcase: (self) => Array.from(self, (each) => (each === each.toUpperCase() ? each.toLowerCase() : each.toUpperCase())).join(''),
  title: pythonTitle,
  upper: (self) => self.toUpperCase(),
  zfill: (self, [width]) => {
    const sign = /^[+-]/.exec(self)?.[0] ?? '';
    return sign + self.slice(sign.length).padStart(Number(width) - sign.length, '0');
  },
};

const listMethods: Readonly<Record<string, Method<readonly PythonValue[]>>> = {
  copy: (self) => [...self],
  count: (self, [item]) => self.filter((each) => equal(each, item)).length,
  index: (self, [item]) =>
    found(
      self.findIndex((each) => equal(each, item)),
      `${pythonStr(item)} is not in list`,
    ),
};

/** The method of a Python value, bound to it; `undefined` where this table has none. */
export function pythonMethod(self: PythonValue, name: string): ((args: readonly PythonValue[]) => PythonValue) | undefined {
  if (typeof self === 'string') {
    const method = Object.hasOwn(stringMethods, name) ? stringMethods[name] : undefined;
    return method === undefined ? undefined : (args) => method(self, args);
  }
  if (!isPythonList(self) || !Object.hasOwn(listMethods, name)) return undefined;
  const method = listMethods[name];
  return method === undefined ? undefined : (args) => method(self, args);
}

type Filter = (value: PythonValue, args: readonly PythonValue[]) => PythonValue | undefined;

/**
 * Filters that Jinja has and the template library has not, or only for some types, or otherwise. What a filter gives `undefined` for is left to
 * the library.
 */
export const extraFilters: Readonly<Record<string, Filter>> = {
  capitalize: (value) => pythonCapitalize(pythonStr(value)),
  first: (value) => (typeof value === 'string' ? Array.from(value)[0] : undefined),
  format: (value, args) => percentFormat(pythonStr(value), args),
  last: (value) => (typeof value === 'string' ? Array.from(value).at(-1) : undefined),
  list: (value) => (typeof value === 'string' ? Array.from(value) : undefined),
  lower: (value) => pythonStr(value).toLowerCase(),
  map: (value, [name, ...args]) => {
    const filter = typeof name === 'string' && Object.hasOwn(extraFilters, name) ? extraFilters[name] : undefined;
    return filter === undefined || !isPythonList(value) ? undefined : value.map((item) => filter(item, args) ?? null);
  },
  max: (value) => (isPythonList(value) ? extreme(value, (a, b) => a > b) : undefined),
  min: (value) => (isPythonList(value) ? extreme(value, (a, b) => a < b) : undefined),
  round: (value, [digits]) =>
    typeof value === 'number' || value instanceof PythonFloat ? rounded(Number(value), Number(digits ?? 0)) : undefined,
  string: (value) => pythonStr(value),
  sum: (value) => (isPythonList(value) ? value.reduce((sum: number, item) => sum + Number(item), 0) : undefined),
  title: (value) => jinjaTitle(pythonStr(value)),
  trim: (value, [characters]) => pythonStrip(pythonStr(value), optional(characters)),
  upper: (value) => pythonStr(value).toUpperCase(),
  wordcount: (value) => pythonStr(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0,
};

function extreme(items: readonly PythonValue[], isBetter: (a: string | number, b: string | number) => boolean): PythonValue | undefined {
  let best = items[0];
  for (const item of items) if (isBetter(comparable(item), comparable(best))) best = item;
  return best;
}

function comparable(value: PythonValue): string | number {
  return typeof value === 'string' ? value : Number(value);
}

/** Python rounds a tie to the even digit. */
function rounded(value: number, digits: number): PythonValue {
  return pythonFloat(Number(formatFixed(value, digits)));
}

function percentFormat(template: string, args: readonly PythonValue[]): string {
  let next = 0;
  return template.replaceAll(/%(?:%|(?:\.(\d+))?([sdifr]))/g, (match, digits: string | undefined, kind: string | undefined) => {
    if (match === '%%') return '%';
    const value = args[next++];
    if (kind === 'f') return formatFixed(Number(value), Number(digits ?? 6));
    return kind === 'd' || kind === 'i' ? String(Math.trunc(Number(value))) : pythonStr(value);
  });
}

/** `str.format` with places and without format specifications. */
function format(template: string, args: readonly PythonValue[]): string {
  let next = 0;
  return template.replaceAll(/\{\{|\}\}|\{(\d*)\}/g, (match, place: string | undefined) => {
    if (match === '{{' || match === '}}') return match.slice(1);
    return pythonStr(args[place === undefined || place === '' ? next++ : Number(place)]);
  });
}

function text(value: PythonValue): string {
  if (typeof value === 'string') return value;
  throw new TypeError(`a string is needed, not ${pythonStr(value)}`);
}

function optional(value: PythonValue): string | undefined {
  return value === undefined || value === null ? undefined : text(value);
}

function anyOf(value: PythonValue): readonly string[] {
  return isPythonList(value) ? value.map(text) : [text(value)];
}

function list(value: PythonValue): readonly PythonValue[] {
  if (isPythonList(value)) return value;
  return Array.from(text(value));
}

function equal(a: PythonValue, b: PythonValue): boolean {
  if (typeof a === 'object' && a !== null && typeof b === 'object' && b !== null) return pythonStr(a) === pythonStr(b);
  // Python's True is 1, and 1.0 is 1.
  return a === b || (typeof a !== 'string' && typeof b !== 'string' && a !== null && b !== null && Number(a) === Number(b));
}

function found(index: number, problem: string): number {
  if (index < 0) throw new RangeError(problem);
  return index;
}

function pointIndex(self: string, index: number): number {
  return index < 0 ? -1 : pythonLength(self.slice(0, index));
}

function replaced(self: string, before: string, after: string, count: number): string {
  if (count < 0) return self.replaceAll(before, () => after);
  const parts = self.split(before);
  const changed = parts.slice(0, count + 1).join(after);
  return parts.length <= count + 1 ? changed : [changed, ...parts.slice(count + 1)].join(before);
}

function parted(self: string, at: number, separator: string, absent: readonly string[]): readonly string[] {
  return at < 0 ? absent : [self.slice(0, at), separator, self.slice(at + separator.length)];
}

function split(self: string, separator: PythonValue, most: PythonValue): readonly string[] {
  const parts = separator === undefined || separator === null ? pythonSplit(self) : self.split(text(separator));
  const limit = most === undefined ? -1 : Number(most);
  if (limit < 0 || parts.length <= limit + 1) return parts;
  if (separator !== undefined && separator !== null) return [...parts.slice(0, limit), parts.slice(limit).join(text(separator))];
  let rest = pythonLstrip(self);
  for (const part of parts.slice(0, limit)) rest = pythonLstrip(rest.slice(part.length));
  return [...parts.slice(0, limit), rest];
}

function rightSplit(self: string, separator: PythonValue, most: PythonValue): readonly string[] {
  const parts = separator === undefined || separator === null ? pythonSplit(self) : self.split(text(separator));
  const limit = most === undefined ? -1 : Number(most);
  if (limit < 0 || parts.length <= limit + 1) return parts;
  const kept = parts.slice(parts.length - limit);
  const before = parts.slice(0, parts.length - limit);
  if (separator !== undefined && separator !== null) return [before.join(text(separator)), ...kept];
  let rest = pythonRstrip(self);
  for (const part of kept.toReversed()) rest = pythonRstrip(rest.slice(0, rest.length - part.length));
  return [rest, ...kept];
}
