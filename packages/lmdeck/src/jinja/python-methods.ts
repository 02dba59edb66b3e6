import {
  formatFixed,
  isPythonList,
  jinjaTitle,
  pythonCapitalize,
  pythonTitle,
  pythonFloat,
  pythonLength,
  pythonLstrip,
  pythonRepr,
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

/** A method of strings or lists, by the kind of what it is called on. */
export interface PythonMethod {
  readonly ofText: Method<string> | undefined;
  readonly ofList: Method<readonly PythonValue[]> | undefined;
}

/** The methods of a name; `undefined` when this table has none. */
export function pythonMethod(name: string): PythonMethod | undefined {
  const ofText = Object.hasOwn(stringMethods, name) ? stringMethods[name] : undefined;
  const ofList = Object.hasOwn(listMethods, name) ? listMethods[name] : undefined;
  return ofText === undefined && ofList === undefined ? undefined : { ofText, ofList };
}

/** A filter, and what it is applied to: `text` is whatever can be written, as Python writes it; of others it leaves all else to the library. */
export type PythonFilter =
  | { readonly of: 'text' | 'string'; readonly apply: Method<string> }
  | { readonly of: 'list'; readonly apply: (self: readonly PythonValue[], args: readonly PythonValue[]) => PythonValue | undefined }
  | { readonly of: 'number'; readonly apply: Method<number> };

const filters: Readonly<Record<string, PythonFilter>> = {
  capitalize: { of: 'text', apply: pythonCapitalize },
  first: { of: 'string', apply: (self) => Array.from(self)[0] },
  format: { of: 'text', apply: percentFormat },
  int: { of: 'number', apply: (self) => Math.trunc(self) + 0 },
  join: {
    of: 'list',
    apply: (self, [separator, attribute]) => (attribute === undefined ? self.map(written).join(written(separator)) : undefined),
  },
  last: { of: 'string', apply: (self) => Array.from(self).at(-1) },
  length: { of: 'string', apply: pythonLength },
  list: { of: 'string', apply: (self) => Array.from(self) },
  lower: { of: 'text', apply: (self) => self.toLowerCase() },
  map: { of: 'list', apply: mapped },
  max: { of: 'list', apply: (self) => extreme(self, (a, b) => a > b) },
  min: { of: 'list', apply: (self) => extreme(self, (a, b) => a < b) },
  replace: {
    of: 'text',
    apply: (self, [before, after, count]) =>
      replaced(self, pythonStr(before), pythonStr(after), count === undefined || count === null ? -1 : Number(count)),
  },
  round: { of: 'number', apply: (self, [digits]) => rounded(self, Number(digits ?? 0)) },
  sum: { of: 'list', apply: (self, [first, ...rest]) => (first === undefined && rest.length === 0 ? summed(self) : undefined) },
  title: { of: 'text', apply: jinjaTitle },
  unique: { of: 'list', apply: (self, given) => (given.length === 0 ? unique(self) : undefined) },
  trim: { of: 'text', apply: (self, [characters]) => pythonStrip(self, optional(characters)) },
  upper: { of: 'text', apply: (self) => self.toUpperCase() },
  wordcount: { of: 'text', apply: (self) => self.match(/[\p{L}\p{N}_]+/gu)?.length ?? 0 },
};

/** The filter of a name that Jinja has and the template library has not, or only for some types, or otherwise. */
export function pythonFilter(name: string): PythonFilter | undefined {
  return Object.hasOwn(filters, name) ? filters[name] : undefined;
}

/** `map('upper')`; any other use of it is left to the library. */
function mapped(self: readonly PythonValue[], [name, ...args]: readonly PythonValue[]): PythonValue | undefined {
  const filter = typeof name === 'string' ? pythonFilter(name) : undefined;
  return filter?.of === 'text' ? self.map((item) => filter.apply(pythonStr(item), args)) : undefined;
}

function summed(items: readonly PythonValue[]): number {
  return items.reduce((sum: number, item) => sum + Number(item), 0);
}

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

/** What is undefined is written as nothing. */
function written(value: PythonValue): string {
  return value === undefined ? '' : pythonStr(value);
}

/** Each item once, upper and lower case being the same. */
function unique(items: readonly PythonValue[]): readonly PythonValue[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const key = typeof item === 'string' ? `'${item.toLowerCase()}` : pythonStr(item);
    return seen.size < seen.add(key).size;
  });
}

/** `template % args` of Python. @throws TypeError for a conversion that is not known here. */
export function percentFormat(template: string, args: readonly PythonValue[]): string {
  let next = 0;
  return template.replaceAll(/%(?:%|([-0]*)(\d+)?(?:\.(\d+))?(.|$))/gs, (match, ...groups: readonly (string | undefined)[]) => {
    if (match === '%%') return '%';
    const [flags = '', width = '0', digits, kind = ''] = groups;
    if (next >= args.length) throw new TypeError('not enough arguments for format string');
    const shown = converted(kind, digits, args[next++]);
    if (shown === undefined) throw new TypeError(`the conversion "${match}" is not known here`);
    if (flags.includes('-')) return shown.padEnd(Number(width));
    if (!flags.includes('0') || kind === 's' || kind === 'r') return shown.padStart(Number(width));
    const sign = shown.startsWith('-') ? '-' : '';
    return sign + shown.slice(sign.length).padStart(Number(width) - sign.length, '0');
  });
}

function converted(kind: string, digits: string | undefined, value: PythonValue): string | undefined {
  switch (kind) {
    case 'f':
      return formatFixed(Number(value), Number(digits ?? 6));
    case 'd':
    case 'i':
      return String(Math.trunc(Number(value)) + 0);
    case 's':
      return pythonStr(value).slice(0, digits === undefined ? undefined : Number(digits));
    case 'r':
      return pythonRepr(value);
    default:
      return undefined;
  }
}

/** `str.format` with places and without format specifications. @throws TypeError for one that has them. */
function format(template: string, args: readonly PythonValue[]): string {
  let next = 0;
  return template.replaceAll(/\{\{|\}\}|\{([^{}]*)\}/g, (match, place: string | undefined) => {
    if (match === '{{' || match === '}}') return match.slice(1);
    if (place !== undefined && !/^\d*$/.test(place)) throw new TypeError(`the field "${match}" of format() is not known here`);
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
