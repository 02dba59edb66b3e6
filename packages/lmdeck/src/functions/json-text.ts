/**
 * A value as JSON text, with a form for what JSON has none for: `Set` as an array, `Map` as an object, `bigint` as its digits. `undefined` where
 * there is nothing to write.
 */
export function jsonText(value: unknown): string | undefined {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (inner instanceof Set) return [...inner];
    if (inner instanceof Map) return Object.fromEntries(inner);
    return typeof inner === 'bigint' ? inner.toString() : inner;
  });
}
