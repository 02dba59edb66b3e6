import { formatFields } from './python-format.ts';
import { pythonStr } from './python-repr.ts';
import {
  isPythonSpace,
  pythonCapitalize,
  pythonLength,
  pythonLstrip,
  pythonRstrip,
  pythonSplit,
  pythonStrip,
  pythonTitle,
} from './python-text.ts';
import { isPythonList, PythonTuple, type PythonValue } from './python-value.ts';

/** A method of `str`: the text, the arguments by place, and those by name. @throws TypeError or RangeError as Python does. */
export type StrMethod = (self: string, args: readonly PythonValue[], named: ReadonlyMap<string, PythonValue>) => PythonValue;

/** Where `str.splitlines` breaks. */
const LINE_BREAK = new RegExp(`\r\n|[\n\r\v\f${String.fromCodePoint(0x1c, 0x1d, 0x1e)}\u0085\u2028\u2029]`);

/** Positions count code points, as in Python. */
const methods: Readonly<Record<string, StrMethod>> = {
  capitalize: (self) => pythonCapitalize(self),
  casefold: (self) => self.toLowerCase().replaceAll('ß', 'ss'),
  center: (self, [width, fill]) => {
    const missing = Math.max(0, whole(width) - pythonLength(self));
    // An odd blank goes to the left when the width is odd.
    const left = Math.floor(missing / 2) + (missing & whole(width) & 1);
    return filler(fill).repeat(left) + self + filler(fill).repeat(missing - left);
  },
  count: (self, [part, start, end]) => {
    const [within] = window(self, start, end);
    return text(part) === '' ? pythonLength(within) + 1 : within.split(text(part)).length - 1;
  },
  endswith: (self, [suffix, start, end]) => anyOf(suffix).some((each) => window(self, start, end)[0].endsWith(each)),
  expandtabs: (self, [size], named) => expanded(self, whole(size ?? named.get('tabsize') ?? 8)),
  find: (self, [part, start, end]) => position(self, start, end, (within) => within.indexOf(text(part))),
  format: (self, args, named) => formatFields(self, args, named),
  index: (self, [part, start, end]) => found(position(self, start, end, (within) => within.indexOf(text(part)))),
  isalnum: (self) => /^[\p{L}\p{N}]+$/u.test(self),
  isalpha: (self) => /^\p{L}+$/u.test(self),
  isascii: (self) => !/[^\0-\x7f]/.test(self),
  isdecimal: (self) => /^\p{Nd}+$/u.test(self),
  isdigit: (self) => /^[\p{Nd}²³¹⁰⁴-⁹₀-₉]+$/u.test(self),
  isidentifier: (self) => /^[\p{XID_Start}_]\p{XID_Continue}*$/u.test(self),
  islower: (self) => self === self.toLowerCase() && self !== self.toUpperCase(),
  isnumeric: (self) => /^\p{N}+$/u.test(self),
  isspace: (self) => isPythonSpace(self),
  istitle: (self) => /\p{L}/u.test(self) && self === pythonTitle(self),
  isupper: (self) => self === self.toUpperCase() && self !== self.toLowerCase(),
  join: (self, [items]) => list(items).map(text).join(self),
  ljust: (self, [width, fill]) => self + filler(fill).repeat(Math.max(0, whole(width) - pythonLength(self))),
  lower: (self) => self.toLowerCase(),
  lstrip: (self, [characters]) => pythonLstrip(self, optional(characters)),
  partition: (self, [separator]) => parted(self, self.indexOf(text(separator)), text(separator), [self, '', '']),
  removeprefix: (self, [prefix]) => (self.startsWith(text(prefix)) ? self.slice(text(prefix).length) : self),
  removesuffix: (self, [suffix]) => (text(suffix) !== '' && self.endsWith(text(suffix)) ? self.slice(0, -text(suffix).length) : self),
  replace: (self, [before, after, count], named) => replaceText(self, text(before), text(after), whole(count ?? named.get('count') ?? -1)),
  rfind: (self, [part, start, end]) => position(self, start, end, (within) => within.lastIndexOf(text(part))),
  rindex: (self, [part, start, end]) => found(position(self, start, end, (within) => within.lastIndexOf(text(part)))),
  rjust: (self, [width, fill]) => filler(fill).repeat(Math.max(0, whole(width) - pythonLength(self))) + self,
  rpartition: (self, [separator]) => parted(self, self.lastIndexOf(text(separator)), text(separator), ['', '', self]),
  rsplit: (self, args, named) => rightSplit(self, args[0] ?? named.get('sep'), args[1] ?? named.get('maxsplit')),
  rstrip: (self, [characters]) => pythonRstrip(self, optional(characters)),
  split: (self, args, named) => split(self, args[0] ?? named.get('sep'), args[1] ?? named.get('maxsplit')),
  splitlines: (self, [keepEnds], named) => lines(self, (keepEnds ?? named.get('keepends') ?? false) === true),
  startswith: (self, [prefix, start, end]) => anyOf(prefix).some((each) => window(self, start, end)[0].startsWith(each)),
  strip: (self, [characters]) => pythonStrip(self, optional(characters)),
  swapcase: (self) => Array.from(self, (each) => (each === each.toUpperCase() ? each.toLowerCase() : each.toUpperCase())).join(''),
  title: (self) => pythonTitle(self),
  upper: (self) => self.toUpperCase(),
  zfill: (self, [width]) => {
    const sign = /^[+-]/.exec(self)?.[0] ?? '';
    return sign + '0'.repeat(Math.max(0, whole(width) - pythonLength(self))) + self.slice(sign.length);
  },
};

/** The method of `str` with a name; `undefined` for one that is not known here. */
export function pythonStrMethod(name: string): StrMethod | undefined {
  return Object.hasOwn(methods, name) ? methods[name] : undefined;
}

function text(value: PythonValue): string {
  if (typeof value === 'string') return value;
  throw new TypeError(`a string is needed, not ${pythonStr(value)}`);
}

function whole(value: PythonValue): number {
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  if (typeof value === 'boolean') return Number(value);
  throw new TypeError(`a whole number is needed, not ${pythonStr(value)}`);
}

function filler(value: PythonValue): string {
  const fill = value === undefined ? ' ' : text(value);
  if (pythonLength(fill) === 1) return fill;
  throw new TypeError('The fill character must be exactly one character long');
}

function optional(value: PythonValue): string | undefined {
  return value === undefined || value === null ? undefined : text(value);
}

function anyOf(value: PythonValue): readonly string[] {
  return isPythonList(value) ? value.map(text) : [text(value)];
}

function list(value: PythonValue): readonly PythonValue[] {
  if (isPythonList(value)) return value;
  if (value instanceof Map) return [...value.keys()];
  return Array.from(text(value));
}

function found(index: number): number {
  if (index < 0) throw new RangeError('substring not found');
  return index;
}

/** The part of a text between two positions, and where it begins in code points. */
function window(self: string, start: PythonValue, end: PythonValue): [within: string, offset: number] {
  if ((start === undefined || start === null) && (end === undefined || end === null)) return [self, 0];
  const points = Array.from(self);
  const from = start === undefined || start === null ? 0 : whole(start);
  const offset = from < 0 ? Math.max(0, from + points.length) : from;
  return [points.slice(offset, end === undefined || end === null ? undefined : whole(end)).join(''), offset];
}

function position(self: string, start: PythonValue, end: PythonValue, search: (within: string) => number): number {
  const [within, offset] = window(self, start, end);
  const index = search(within);
  return index < 0 ? -1 : offset + pythonLength(within.slice(0, index));
}

function expanded(self: string, size: number): string {
  let column = 0;
  let result = '';
  for (const character of self) {
    if (character === '\t') {
      const blanks = size > 0 ? size - (column % size) : 0;
      result += ' '.repeat(blanks);
      column += blanks;
    } else {
      result += character;
      column = character === '\n' || character === '\r' ? 0 : column + 1;
    }
  }
  return result;
}

/** `str.replace(before, after, count)`; a negative count replaces all. */
export function replaceText(self: string, before: string, after: string, count: number): string {
  if (count < 0 && before !== '') return self.replaceAll(before, () => after);
  // Nothing stands before each character and at the end.
  const parts = before === '' ? ['', ...Array.from(self), ''] : self.split(before);
  const most = count < 0 ? parts.length : count;
  const changed = parts.slice(0, most + 1).join(after);
  return parts.length <= most + 1 ? changed : [changed, ...parts.slice(most + 1)].join(before);
}

function parted(self: string, at: number, separator: string, absent: readonly string[]): PythonTuple {
  if (separator === '') throw new RangeError('empty separator');
  return new PythonTuple(at < 0 ? absent : [self.slice(0, at), separator, self.slice(at + separator.length)]);
}

function pieces(self: string, separator: PythonValue): readonly string[] {
  if (separator === undefined || separator === null) return pythonSplit(self);
  if (separator === '') throw new RangeError('empty separator');
  return self.split(text(separator));
}

function split(self: string, separator: PythonValue, most: PythonValue): readonly string[] {
  const parts = pieces(self, separator);
  const limit = most === undefined ? -1 : whole(most);
  if (limit < 0 || parts.length <= limit + (typeof separator === 'string' ? 1 : 0)) return parts;
  if (typeof separator === 'string') return [...parts.slice(0, limit), parts.slice(limit).join(separator)];
  let rest = pythonLstrip(self);
  for (const part of parts.slice(0, limit)) rest = pythonLstrip(rest.slice(part.length));
  return rest === '' ? parts.slice(0, limit) : [...parts.slice(0, limit), rest];
}

function rightSplit(self: string, separator: PythonValue, most: PythonValue): readonly string[] {
  const parts = pieces(self, separator);
  const limit = most === undefined ? -1 : whole(most);
  if (limit < 0 || parts.length <= limit + (typeof separator === 'string' ? 1 : 0)) return parts;
  const kept = parts.slice(parts.length - limit);
  if (typeof separator === 'string') return [parts.slice(0, parts.length - limit).join(separator), ...kept];
  let rest = pythonRstrip(self);
  for (const part of kept.toReversed()) rest = pythonRstrip(rest.slice(0, rest.length - part.length));
  return rest === '' ? kept : [rest, ...kept];
}

function lines(self: string, keepsEnds: boolean): readonly string[] {
  const ends = [...self.matchAll(new RegExp(LINE_BREAK, 'g'))];
  const result: string[] = [];
  let start = 0;
  for (const { 0: end, index } of ends) {
    result.push(self.slice(start, keepsEnds ? index + end.length : index));
    start = index + end.length;
  }
  if (start < self.length) result.push(self.slice(start));
  return result;
}
