/** At most four digits that mean something. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return String(Number(Math.abs(value) < 1 ? value.toFixed(4) : value.toPrecision(4)));
}
