/** An axis with round numbers on it. */
export interface Scale {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
  /** Where a value lies, in percent of the axis; values beyond its ends lie on them. */
  place(value: number): number;
}

const STEPS = [1, 2, 2.5, 5, 10];
/** Relative to the values. */
const LEAST_RANGE = 1e-9;

/** The axis that holds all values, from tick to tick, with up to six of them. */
export function niceScale(values: readonly number[]): Scale {
  const least = Math.min(...values);
  const most = Math.max(...values);
  const size = Math.max(Math.abs(least), Math.abs(most));
  // Values that differ in their last digits only are one value: steps between them would be no numbers.
  const range = most - least > size * LEAST_RANGE ? most - least : size;
  // Nor would steps of numbers near the smallest that there are.
  const span = range > 1e-300 ? range : 1;
  const rough = span / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (STEPS.find((each) => each * power >= rough * 0.999) ?? 10);
  const first = Math.floor(least / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(most / step - 1e-9));
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
  return scaleOf(first * step, last * step, ticks);
}

/** The axis of shares. */
export const SHARES: Scale = scaleOf(0, 1, [0, 0.25, 0.5, 0.75, 1]);

function scaleOf(low: number, high: number, ticks: readonly number[]): Scale {
  const place = (value: number): number => Math.round(((Math.min(Math.max(value, low), high) - low) / (high - low)) * 10_000) / 100;
  return { low, high, ticks, place };
}
