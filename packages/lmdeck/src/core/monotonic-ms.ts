/**
 * Milliseconds since some moment in the past, with fractions; never goes back. Like `performance.now()`, whose first use
 * costs a starting process 1 ms.
 */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
