import { floatRepr, formatFixed, isPythonInt, PythonFloat } from './python-float.ts';
import { pythonRepr, pythonStr, stringRepr } from './python-repr.ts';
import { pythonLength } from './python-text.ts';
import { PythonTuple, type PythonValue } from './python-value.ts';

const SPEC = /^(?:(.)?([<>=^]))?([-+ ]?)(z?)(#?)(0?)(\d*)([,_]?)(?:\.(\d+))?([A-Za-z%]?)$/su;

/** What `toExponential` can write: enough for the digits of a number that lies between two results. */
const ALL_DIGITS = 100;

interface FormatSpec {
  readonly fill: string;
  readonly align: string;
  /** A `0` before the width: zeros between the sign and the digits of a number. */
  readonly isZeroPadded: boolean;
  readonly sign: string;
  readonly isAlternate: boolean;
  readonly width: number;
  readonly separator: string;
  readonly precision: number | undefined;
  readonly type: string;
}

/**
 * CPython's `format(value, spec)`, the language of `'{:>5}'.format(…)`: fill and alignment, sign, width, thousands, precision, type.
 *
 * @throws TypeError for what has no such format; RangeError for a specification that is none.
 */
export function pythonFormat(value: PythonValue, spec: string): string {
  if (spec === '') return pythonStr(value);
  const parsed = specOf(spec);
  if (typeof value === 'string') {
    if (parsed.type !== '' && parsed.type !== 's') throw unknownType(parsed, 'str');
    if (parsed.separator !== '') throw new RangeError(`Cannot specify '${parsed.separator}' with 's'.`);
    if (parsed.isAlternate) throw new RangeError('Alternate form (#) not allowed in string format specifier');
    if (parsed.sign !== '') throw new RangeError('Sign not allowed in string format specifier');
    if (parsed.align === '=') throw new RangeError("'=' alignment not allowed in string format specifier");
    return padded(cut(value, parsed.precision), '', parsed, '<');
  }
  const number = numberOf(value);
  if (number === undefined) throw new TypeError(`unsupported format string passed to ${kindOf(value)}.__format__`);
  const isFloat = typeof number === 'number' && (value instanceof PythonFloat || !isPythonInt(number));
  if (!(isFloat ? /^[eEfFgGn%]?$/ : /^[bcdeEfFgGnoxX%]?$/).test(parsed.type)) throw unknownType(parsed, isFloat ? 'float' : 'int');
  if (isFloat || /[eEfFgG%]/.test(parsed.type)) return formattedFloat(Number(number), parsed);
  return formattedInteger(BigInt(number), parsed);
}

/**
 * CPython's `template % values`. A dict is what `%(name)s` is looked up in.
 *
 * @param values the items of a tuple, or the only value.
 * @throws TypeError when values and conversions do not fit.
 */
export function percentFormat(template: string, values: readonly PythonValue[]): string {
  let next = 0;
  let isNamed = false;
  const take = (): PythonValue => {
    if (next >= values.length) throw new TypeError('not enough arguments for format string');
    return values[next++];
  };
  const result = template.replaceAll(
    /%(?:\(([^()]*)\))?([-#0 +]*)(\*|\d+)?(?:(\.)(\*|\d+)?)?[hlL]?(.|$)/gsu,
    (_, ...groups: readonly (string | undefined)[]) => {
      const [name, flags = '', width, point, precision, kind = ''] = groups;
      if (kind === '%') return '%';
      if (kind === '') throw new RangeError('incomplete format');
      const size = width === '*' ? Number(take()) : Number(width ?? 0);
      const digits = point === undefined ? undefined : precision === '*' ? Number(take()) : Number(precision ?? 0);
      if (name !== undefined) isNamed = true;
      const value = name === undefined ? take() : member(values[0], name);
      return percentConverted(kind, value, { flags, width: size, digits });
    },
  );
  // What members can be taken from, a list too, need not be used.
  const [only] = values;
  const hasMembers = typeof only === 'object' && only !== null && !(only instanceof PythonFloat) && !(only instanceof PythonTuple);
  if (next < values.length && !isNamed && !(values.length === 1 && hasMembers))
    throw new TypeError('not all arguments converted during string formatting');
  return result;
}

/**
 * CPython's `template.format(…)`.
 *
 * @param positional by place, `{}` and `{0}`; @param named by name, `{name}`.
 * @throws RangeError for a field that nothing is given for; like {@link pythonFormat} otherwise.
 */
export function formatFields(template: string, positional: readonly PythonValue[], named: ReadonlyMap<string, PythonValue>): string {
  let next = 0;
  const fill = (text: string, depth: number): string => {
    let result = '';
    let at = 0;
    while (at < text.length) {
      const character = text.charAt(at);
      if ((character === '{' || character === '}') && text.charAt(at + 1) === character && depth === 0) {
        result += character;
        at += 2;
      } else if (character === '{') {
        const end = closing(text, at);
        result += field(text.slice(at + 1, end), depth);
        at = end + 1;
      } else if (character === '}') throw new RangeError("Single '}' encountered in format string");
      else {
        result += character;
        at += 1;
      }
    }
    return result;
  };
  const field = (text: string, depth: number): string => {
    const [, path = '', conversion, spec = ''] = /^([^!:]*)(?:!(.))?(?::(.*))?$/s.exec(text) ?? [];
    const [, first = '', rest = ''] = /^([^.[]*)(.*)$/s.exec(path) ?? [];
    const value = within(given(first), rest, text);
    return pythonFormat(convertedBy(value, conversion), depth === 0 ? fill(spec, 1) : spec);
  };
  const given = (name: string): PythonValue => {
    if (name === '' || /^\d+$/.test(name)) {
      const index = name === '' ? next++ : Number(name);
      if (index < positional.length) return positional[index];
      throw new RangeError(`Replacement index ${index} out of range for positional args tuple`);
    }
    if (named.has(name)) return named.get(name);
    throw new RangeError(`format() has no argument ${stringRepr(name)}`);
  };
  return fill(template, 0);
}

function specOf(spec: string): FormatSpec {
  const match = SPEC.exec(spec);
  if (match === null) throw new RangeError(`Invalid format specifier ${stringRepr(spec)}`);
  const [, fill, align, sign = '', , alternate, zero, width = '', separator = '', precision, type = ''] = match;
  return {
    fill: fill ?? (zero === '0' ? '0' : ' '),
    align: align ?? '',
    isZeroPadded: zero === '0',
    sign,
    isAlternate: alternate === '#',
    width: Number(width),
    separator,
    precision: maybe(precision),
    type,
  };
}

function formattedInteger(value: bigint, spec: FormatSpec): string {
  if (spec.precision !== undefined) throw new RangeError('Precision not allowed in integer format specifier');
  if (spec.separator !== '' && (spec.type === 'c' || (spec.separator === ',' && /[boxX]/.test(spec.type))))
    throw new RangeError(`Cannot specify '${spec.separator}' with '${spec.type}'.`);
  if (spec.type === 'c' && spec.sign !== '') throw new RangeError("Sign not allowed with integer format specifier 'c'");
  if (spec.type === 'c') return padded(String.fromCodePoint(Number(value)), '', spec, '<');
  const radix = { b: 2, o: 8, x: 16, X: 16 }[spec.type] ?? 10;
  const digits = (value < 0n ? -value : value).toString(radix);
  const prefix = spec.isAlternate && radix !== 10 ? `0${spec.type}` : '';
  const shown = spec.type === 'X' ? digits.toUpperCase() : digits;
  return padded(grouped(shown, spec.separator, radix === 10 ? 3 : 4), signOf(value < 0n, spec.sign) + prefix, spec, numberSide(spec));
}

function formattedFloat(value: number, spec: FormatSpec): string {
  const isNegative = value < 0 || Object.is(value, -0);
  const digits = floatDigits(Math.abs(value), spec.type, spec.precision, spec.isAlternate);
  const [, whole = '', rest = ''] = /^(\d*)(.*)$/s.exec(digits) ?? [];
  return padded(grouped(whole, spec.separator, 3) + rest, signOf(isNegative, spec.sign), spec, numberSide(spec));
}

/** The digits of a float that is not negative, as `format` and `%` write it by its type. */
function floatDigits(value: number, type: string, precision: number | undefined, isAlternate: boolean): string {
  const isUpper = type === 'E' || type === 'F' || type === 'G';
  const text = (shown: string): string => (isUpper ? shown.toUpperCase() : shown);
  if (!Number.isFinite(value)) return text(floatRepr(value)) + (type === '%' ? '%' : '');
  switch (type.toLowerCase()) {
    case '%':
      return `${formatFixed(value * 100, precision ?? 6)}%`;
    case 'f':
      return formatFixed(value, precision ?? 6);
    case 'e':
      return text(exponential(value, precision ?? 6));
    case '':
      if (precision === undefined) return floatRepr(value);
      return general(value, Math.max(1, precision), Math.max(1, precision) - 1, false, true);
    default: {
      const places = Math.max(1, precision ?? 6);
      return text(general(value, places, places, isAlternate, false));
    }
  }
}

/** Type `g`: `places` significant digits, an exponent when it is below -4 or `limit` and more. */
function general(value: number, places: number, limit: number, keepsZeros: boolean, hasPoint: boolean): string {
  const scientific = exponential(value, places - 1);
  const exponent = Number(scientific.slice(scientific.indexOf('e') + 1));
  const isScientific = exponent < -4 || exponent >= limit;
  const shown = isScientific ? scientific : formatFixed(value, Math.max(0, places - 1 - exponent));
  if (keepsZeros) return shown;
  const [mantissa = '', power] = shown.split('e');
  const short = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  if (power !== undefined) return `${short}e${power}`;
  return hasPoint && !short.includes('.') ? `${short}.0` : short;
}

/** Type `e`. A tie goes to the even digit, as everywhere in Python. */
function exponential(value: number, digits: number): string {
  const [mantissa = '', power = '0'] = value.toExponential(digits).split('e');
  const [exact = '', exactPower = '0'] = value.toExponential(ALL_DIGITS).split('e');
  // A tie is a 5 with nothing after it.
  const end = digits === 0 ? 1 : digits + 2;
  const kept = exact.slice(0, end);
  const isTie = /^\.?50*$/.test(exact.slice(end)) && Number(kept.at(-1)) % 2 === 0;
  const exponent = Number(isTie ? exactPower : power);
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `${isTie ? kept : mantissa}e${exponent < 0 ? '-' : '+'}${size}`;
}

function grouped(digits: string, separator: string, size: number): string {
  if (separator === '') return digits;
  const groups: string[] = [];
  for (let end = digits.length; end > 0; end -= size) groups.unshift(digits.slice(Math.max(0, end - size), end));
  return groups.join(separator);
}

function signOf(isNegative: boolean, sign: string): string {
  if (isNegative) return '-';
  return sign === '-' ? '' : sign;
}

function numberSide({ isZeroPadded }: FormatSpec): string {
  return isZeroPadded ? '=' : '>';
}

function padded(text: string, sign: string, { fill, align, width, separator, type }: FormatSpec, usual: string): string {
  const missing = width - pythonLength(sign) - pythonLength(text);
  const where = align === '' ? usual : align;
  if (missing <= 0) return sign + text;
  if (where === '=') {
    if (fill === '0' && separator !== '' && /^\w*\d/.test(text))
      return sign + zerosBetween(text, width - sign.length, separator, /[bxXo]/.test(type) ? 4 : 3);
    return sign + fill.repeat(missing) + text;
  }
  const left = where === '<' ? 0 : where === '>' ? missing : Math.floor(missing / 2);
  return fill.repeat(left) + sign + text + fill.repeat(missing - left);
}

/** Zeros that fill up a number with separators have separators, too. */
function zerosBetween(text: string, width: number, separator: string, size: number): string {
  const [, whole = '', rest = ''] = /^([^.eE%]*)(.*)$/s.exec(text) ?? [];
  let digits = whole.replaceAll(separator, '');
  while (grouped(digits, separator, size).length + rest.length < width) digits = `0${digits}`;
  return grouped(digits, separator, size) + rest;
}

interface PercentField {
  readonly flags: string;
  readonly width: number;
  readonly digits: number | undefined;
}

function percentConverted(kind: string, value: PythonValue, { flags, width, digits }: PercentField): string {
  const isText = kind === 's' || kind === 'r' || kind === 'a' || kind === 'c';
  const [sign, shown] = isText ? ['', percentText(kind, value, digits)] : percentNumber(kind, value, flags, digits);
  const missing = Math.max(0, Math.abs(width) - pythonLength(sign) - pythonLength(shown));
  if (flags.includes('-') || width < 0) return sign + shown + ' '.repeat(missing);
  return flags.includes('0') && !isText ? sign + '0'.repeat(missing) + shown : ' '.repeat(missing) + sign + shown;
}

function percentText(kind: string, value: PythonValue, digits: number | undefined): string {
  if (kind === 's') return cut(pythonStr(value), digits);
  if (kind === 'r') return cut(pythonRepr(value), digits);
  if (kind === 'a') return cut(asciiRepr(value), digits);
  if (typeof value === 'string' && pythonLength(value) === 1) return value;
  const code = numberOf(value);
  if (code === undefined) throw new TypeError('%c requires int or char');
  return String.fromCodePoint(Number(code));
}

function percentNumber(kind: string, value: PythonValue, flags: string, digits: number | undefined): [sign: string, digits: string] {
  const number = numberOf(value);
  if (number === undefined)
    throw new TypeError(
      /[eEfFgG]/.test(kind)
        ? `must be real number, not ${kindOf(value)}`
        : `%${kind} format: a real number is required, not ${kindOf(value)}`,
    );
  const plus = flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  if (/[eEfFgG]/.test(kind)) {
    const float = Number(number);
    return [signOf(float < 0 || Object.is(float, -0), plus), floatDigits(Math.abs(float), kind, digits, flags.includes('#'))];
  }
  const radix = { d: 10, i: 10, u: 10, o: 8, x: 16, X: 16 }[kind];
  if (radix === undefined) throw new RangeError(`unsupported format character '${kind}'`);
  const isWhole = typeof number === 'bigint' || (Number.isInteger(number) && !(value instanceof PythonFloat));
  if (radix !== 10 && !isWhole) throw new TypeError(`%${kind} format: an integer is required, not float`);
  if (typeof number === 'number' && !Number.isFinite(number)) throw new RangeError(`cannot convert float ${floatRepr(number)} to integer`);
  const whole = typeof number === 'bigint' ? number : BigInt(Math.trunc(number));
  const text = (whole < 0n ? -whole : whole).toString(radix).padStart(digits ?? 0, '0');
  const prefix = flags.includes('#') && radix !== 10 ? `0${kind}` : '';
  return [signOf(whole < 0n, plus) + prefix, kind === 'X' ? text.toUpperCase() : text];
}

/** The `}` that belongs to the `{` at a place. */
function closing(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    if (text.charAt(at) === '{') depth += 1;
    if (text.charAt(at) === '}' && --depth === 0) return at;
  }
  throw new RangeError("expected '}' before end of string");
}

/** `[0]` and `[key]` after the name of a field. */
function within(start: PythonValue, path: string, text: string): PythonValue {
  let value = start;
  let rest = path;
  while (rest !== '') {
    const [step, key] = /^\[([^\]]+)\]/.exec(rest) ?? [];
    if (step === undefined || key === undefined)
      throw new TypeError(`the field "{${text}}" of format() asks for an attribute, which its value has not`);
    value = member(value, /^\d+$/.test(key) ? Number(key) : key);
    rest = rest.slice(step.length);
  }
  return value;
}

function member(value: PythonValue, key: string | number): PythonValue {
  if (typeof value === 'object' && value !== null) {
    if (Array.isArray(value) && typeof key === 'number' && key < value.length) return value[key];
    if (value instanceof Map && value.has(key)) return value.get(key);
    const found = Array.isArray(value) || value instanceof Map ? undefined : Object.entries(value).find(([name]) => name === key);
    if (found !== undefined) return found[1];
    throw new RangeError(`format: there is no member ${pythonRepr(key)}`);
  }
  throw new TypeError('format requires a mapping');
}

function convertedBy(value: PythonValue, conversion: string | undefined): PythonValue {
  switch (conversion) {
    case undefined:
      return value;
    case 'r':
      return pythonRepr(value);
    case 's':
      return pythonStr(value);
    case 'a':
      return asciiRepr(value);
    default:
      throw new RangeError(`Unknown conversion specifier ${stringRepr(conversion)}`);
  }
}

function asciiRepr(value: PythonValue): string {
  return pythonRepr(value).replaceAll(/[^\0-\x7f]/gu, (character) => {
    const point = character.codePointAt(0) ?? 0;
    if (point < 0x100) return `\\x${point.toString(16).padStart(2, '0')}`;
    return point < 0x10000 ? `\\u${point.toString(16).padStart(4, '0')}` : `\\U${point.toString(16).padStart(8, '0')}`;
  });
}

function numberOf(value: PythonValue): number | bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value instanceof PythonFloat ? value.value : undefined;
}

function kindOf(value: PythonValue): string {
  if (typeof value === 'string') return 'str';
  if (value === undefined || value === null) return 'NoneType';
  const number = numberOf(value);
  if (number !== undefined) return typeof number === 'number' && !isPythonInt(number) ? 'float' : 'int';
  return Array.isArray(value) ? 'list' : 'dict';
}

function unknownType({ type }: FormatSpec, kind: string): RangeError {
  return new RangeError(`Unknown format code '${type}' for object of type '${kind}'`);
}

function cut(text: string, length: number | undefined): string {
  return length === undefined ? text : Array.from(text).slice(0, length).join('');
}

function maybe(digits: string | undefined): number | undefined {
  return digits === undefined ? undefined : Number(digits);
}
