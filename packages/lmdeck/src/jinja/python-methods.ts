import {
  formatFixed,
  jinjaTitle,
  percentFormat,
  pythonCapitalize,
  pythonFloat,
  pythonLength,
  pythonStr,
  pythonStrip,
  pythonStrMethod,
  replaceText,
  type PythonValue,
  type StrMethod,
} from '../python/index.ts';

type Method<Self> = (self: Self, args: readonly PythonValue[]) => PythonValue;

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
  readonly ofText: StrMethod | undefined;
  readonly ofList: Method<readonly PythonValue[]> | undefined;
}

/** The methods of a name; `undefined` when this table has none. */
export function pythonMethod(name: string): PythonMethod | undefined {
  const ofText = pythonStrMethod(name);
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
      replaceText(self, pythonStr(before), pythonStr(after), count === undefined || count === null ? -1 : Number(count)),
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

function text(value: PythonValue): string {
  if (typeof value === 'string') return value;
  throw new TypeError(`a string is needed, not ${pythonStr(value)}`);
}

function optional(value: PythonValue): string | undefined {
  return value === undefined || value === null ? undefined : text(value);
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
