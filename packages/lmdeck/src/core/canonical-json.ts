/**
 * The canonical JSON text of a value (RFC 8785): object keys sorted by UTF-16 code units, no white space, numbers as
 * ECMAScript prints them. Keys whose value is `undefined` count as absent.
 *
 * @throws TypeError for what JSON cannot carry (NaN, infinities, functions, bigints, `undefined` in arrays) and for
 * strings with lone surrogates, as the RFC demands.
 *
 * @example
 * ```ts
 * import { canonicalJson } from 'lmdeck';
 *
 * console.log(canonicalJson({ b: [1e21, true], a: 'é' })); // {"a":"é","b":[1e+21,true]}
 * ```
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) throw new TypeError('canonical JSON: a string has a lone surrogate (RFC 8785 §3.2.2.2)');
      return JSON.stringify(value);
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`canonical JSON: ${value} is not a JSON number`);
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return canonicalArray(value);
      return canonicalObject(value);
    default:
      throw new TypeError(`canonical JSON: a ${typeof value} has no JSON form`);
  }
}

function canonicalArray(values: readonly unknown[]): string {
  let text = '[';
  for (let i = 0; i < values.length; i++) text += (i === 0 ? '' : ',') + canonicalJson(values[i]);
  return `${text}]`;
}

function canonicalObject(object: object): string {
  if ('toJSON' in object && typeof object.toJSON === 'function') return canonicalJson(object.toJSON());
  const entries: Readonly<Record<string, unknown>> = { ...object };
  let text = '{';
  // The default sort compares UTF-16 code units, which is the order that RFC 8785 §3.2.3 asks for.
  for (const key of Object.keys(entries).sort()) {
    const value = entries[key];
    if (value === undefined) continue;
    if (!key.isWellFormed()) throw new TypeError('canonical JSON: a key has a lone surrogate (RFC 8785 §3.2.2.2)');
    text += `${text.length === 1 ? '' : ','}${JSON.stringify(key)}:${canonicalJson(value)}`;
  }
  return `${text}}`;
}
