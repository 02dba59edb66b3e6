/**
 * A number with its decimal point moved to the right, exact in the digits that are written: dollars to micro-dollars and back give the same
 * number, which multiplying by a million does not.
 */
export function shiftDecimal(value: number, digits: number): number {
  const [mantissa = '0', exponent = '0'] = String(value).split('e');
  return Number(`${mantissa}e${Number(exponent) + digits}`);
}
