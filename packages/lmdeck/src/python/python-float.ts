/**
 * A number that Python would hold as a `float` although its value is whole: `1.0`, not `1`. JavaScript has one kind of number, so what is
 * read from JSON or YAML loses the difference, and with it every hash over its text. Everything else needs no mark: a number with a
 * fraction is a float, a whole number is an `int`.
 *
 * It counts as its number in arithmetic and in `JSON.stringify`; its text is Python's: `String(pythonFloat(1))` is `1.0`.
 */
export class PythonFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }

  valueOf(): number {
    return this.value;
  }

  toJSON(): number {
    return this.value;
  }

  toString(): string {
    return floatRepr(this.value);
  }
}

/** Marks a number as a Python `float`. */
export function pythonFloat(value: number): PythonFloat {
  return new PythonFloat(value);
}

/** What CPython's `repr` of a float gives: the shortest digits that read back to the same number, `1e-05`, `1e+16`, `0.0`, `nan`, `-inf`. */
export function floatRepr(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const size = Math.abs(value);
  if (size === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  // The digits are the same in both languages; Python writes an exponent below 1e-4 and from 1e16 on, JavaScript elsewhere.
  if (size >= 1e-4 && size < 1e16) return Number.isInteger(value) ? `${value}.0` : String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

/** CPython's text of an `int`: all digits, however large. */
export function intRepr(value: number | bigint): string {
  return typeof value === 'number' && Math.abs(value) >= 1e21 ? BigInt(value).toString() : String(value);
}

/** True for a number that Python would hold as an `int` when nothing marks it as a float. */
export function isPythonInt(value: number): boolean {
  return Number.isInteger(value) && !Object.is(value, -0);
}

/**
 * What CPython's `format(value, '.<digits>f')` gives. Unlike `toFixed` a tie goes to the even digit (`0.125` with 2 digits is `0.12`), and
 * large numbers keep all their digits.
 */
export function formatFixed(value: number, digits: number): string {
  if (!Number.isFinite(value)) return floatRepr(value);
  if (Math.abs(value) >= 1e21) return BigInt(value).toString() + (digits === 0 ? '' : `.${'0'.repeat(digits)}`);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const size = Math.abs(value);
  const rounded = size.toFixed(digits);
  // Only a number with at most digits + 1 binary places can lie exactly between two results; one more digit then writes it out in full.
  const exact = Number.isInteger(size * 2 ** (digits + 1)) ? size.toFixed(digits + 1) : '';
  if (!exact.endsWith('5')) return sign + rounded;
  const below = exact.slice(0, digits === 0 ? -2 : -1);
  return sign + (Number(below.at(-1)) % 2 === 0 ? below : rounded);
}
