/**
 * A place in a value as JSONPath (RFC 9535): `$.customers[0].name`.
 *
 * @example
 * ```ts
 * import { jsonPath } from 'lmdeck/schema';
 *
 * console.log(jsonPath(['customers', 0, 'first name'])); // $.customers[0]["first name"]
 * ```
 */
export function jsonPath(steps: readonly PropertyKey[]): string {
  let path = '$';
  for (const step of steps) {
    if (typeof step === 'number') path += `[${step}]`;
    else if (typeof step === 'string' && /^[A-Za-z_$][\w$]*$/u.test(step)) path += `.${step}`;
    else path += `[${JSON.stringify(String(step))}]`;
  }
  return path;
}
