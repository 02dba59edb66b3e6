import type { JsonObject } from 'lmdeck/core';
import { integerRange } from './number-range.ts';

/** A bound of numbers in a schema. */
export interface Bound {
  readonly value: number;
  /** The bound itself is left out. */
  readonly open: boolean;
}

/** The lower bound that a schema sets. */
export function lowest(schema: JsonObject): Bound | undefined {
  const { minimum, exclusiveMinimum } = schema;
  const open = typeof exclusiveMinimum === 'number' ? exclusiveMinimum : undefined;
  if (typeof minimum === 'number' && (open === undefined || minimum > open)) return { value: minimum, open: exclusiveMinimum === true };
  return open === undefined ? undefined : { value: open, open: true };
}

/** The upper bound that a schema sets. */
export function highest(schema: JsonObject): Bound | undefined {
  const { maximum, exclusiveMaximum } = schema;
  const open = typeof exclusiveMaximum === 'number' ? exclusiveMaximum : undefined;
  if (typeof maximum === 'number' && (open === undefined || maximum < open)) return { value: maximum, open: exclusiveMaximum === true };
  return open === undefined ? undefined : { value: open, open: true };
}

/**
 * A GBNF expression for decimal numbers between whole bounds ≥ 0: a whole part below the upper bound with any fraction, or the upper
 * bound itself. `undefined` for other bounds.
 */
export function decimalRange(low: Bound | undefined, high: Bound | undefined): string | undefined {
  if (low === undefined || low.value < 0 || !Number.isInteger(low.value)) return undefined;
  if (high !== undefined && (!Number.isInteger(high.value) || high.value < low.value)) return undefined;
  const alternatives: string[] = [];
  const start = low.open ? low.value + 1 : low.value;
  const whole = integerRange({ minimum: start, maximum: high === undefined ? undefined : high.value - 1 });
  if (whole !== undefined) alternatives.push(`(${whole}) ("." [0-9]{1,15})?`);
  if (low.open && (high === undefined || high.value > low.value)) alternatives.push(`"${low.value}." [0-9]{0,14} [1-9]`);
  if (high?.open === false) alternatives.push(`"${high.value}" ("." "0"{1,15})?`);
  return alternatives.length === 0 ? undefined : alternatives.join(' | ');
}
