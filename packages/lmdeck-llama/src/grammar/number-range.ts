/** Bounds of a whole number, both inclusive; absent means unbounded. */
export interface IntegerRange {
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
}

const MOST_DIGITS = 16;

/**
 * A GBNF expression for the decimal notation of the whole numbers of a range: no leading zeros, no exponent, no `-0`.
 * An empty range has no expression (`undefined`).
 */
export function integerRange({ minimum, maximum }: IntegerRange): string | undefined {
  if (minimum !== undefined && maximum !== undefined && minimum > maximum) return undefined;
  const alternatives: string[] = [];
  if (minimum === undefined || minimum < 0) {
    const from = maximum === undefined || maximum >= 0 ? 1 : -maximum;
    alternatives.push(`"-" (${natural(from, minimum === undefined ? undefined : -minimum)})`);
  }
  if (maximum === undefined || maximum >= 0) alternatives.push(natural(Math.max(0, minimum ?? 0), maximum));
  return alternatives.join(' | ');
}

/** Whole numbers from `low` (≥ 0) to `high`. */
function natural(low: number, high: number | undefined): string {
  const first = String(low);
  if (high === undefined) {
    const longer = first.length >= MOST_DIGITS ? [] : [`[1-9] [0-9]{${first.length},${MOST_DIGITS - 1}}`];
    if (low === 0) return `"0" | [1-9] [0-9]{0,${MOST_DIGITS - 1}}`;
    return [...sameLength(first, '9'.repeat(first.length)), ...longer].join(' | ');
  }
  const last = String(high);
  const alternatives: string[] = [];
  for (let digits = first.length; digits <= last.length; digits++) {
    const from = digits === first.length ? first : `1${'0'.repeat(digits - 1)}`;
    const to = digits === last.length ? last : '9'.repeat(digits);
    alternatives.push(...sameLength(from, to));
  }
  return alternatives.join(' | ');
}

/** Numbers of one length between two of that length: split at the first digit, the ends go deeper. */
function sameLength(from: string, to: string): string[] {
  if (from === to) return [`"${from}"`];
  if (from.length === 1) return [range(from, to)];
  const rest = from.length - 1;
  const [a = '', b = ''] = [from[0], to[0]];
  const lowest = '0'.repeat(rest);
  const highest = '9'.repeat(rest);
  if (a === b) return prefixed(a, sameLength(from.slice(1), to.slice(1)));
  const alternatives: string[] = [];
  const low = from.slice(1) === lowest ? a : String(Number(a) + 1);
  const high = to.slice(1) === highest ? b : String(Number(b) - 1);
  if (low !== a) alternatives.push(...prefixed(a, sameLength(from.slice(1), highest)));
  if (low <= high) alternatives.push(`${range(low, high)} [0-9]{${rest}}`);
  if (high !== b) alternatives.push(...prefixed(b, sameLength(lowest, to.slice(1))));
  return alternatives;
}

function prefixed(digit: string, alternatives: readonly string[]): string[] {
  return [alternatives.length === 1 ? `"${digit}" ${alternatives[0] ?? ''}` : `"${digit}" (${alternatives.join(' | ')})`];
}

function range(from: string, to: string): string {
  return from === to ? `"${from}"` : `[${from}-${to}]`;
}
