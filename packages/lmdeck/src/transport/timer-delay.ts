/** The delay that a timer can be given for `ms`, which may be Infinity: Node takes longer delays for 1 ms. */
export function timerDelay(ms: number): number {
  return Math.min(Math.ceil(ms), 2 ** 31 - 1);
}
