import { floatRepr } from '../python/index.ts';

/** A whole number as Python writes it. JavaScript has an exponent in those that cannot be meant to be exact, as Python has in floats. */
export function pythonInteger(value: number): string {
  return Math.abs(value) >= 1e21 ? floatRepr(value) : String(value);
}
