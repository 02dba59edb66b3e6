/** What to use in place of types that JSON has no value for, by the type's name. */
const instead: Readonly<Record<string, string>> = {
  any: 'name the type, or use unknown for any JSON value',
  bigint: 'use number, or string with @pattern for many digits',
  symbol: 'use a string literal',
  never: 'no value fits it; leave it out',
  void: 'return what the model is to find, for example Promise<string>',
  undefined: 'use null, or make the property optional',
  '{}': 'name the properties, or use unknown for any JSON value',
  Map: 'use Record<string, …>',
  ReadonlyMap: 'use Record<string, …>',
  WeakMap: 'use Record<string, …>',
  Set: 'use an array (with @uniqueItems)',
  ReadonlySet: 'use an array (with @uniqueItems)',
  WeakSet: 'use an array (with @uniqueItems)',
  RegExp: 'use string (with @format regex)',
  URL: 'use string (with @format uri)',
  Uppercase: 'use string (with @pattern)',
  Lowercase: 'use string (with @pattern)',
  Capitalize: 'use string (with @pattern)',
  Uncapitalize: 'use string (with @pattern)',
  Error: 'use an interface with message: string',
  Promise: 'only a result is a promise, and only once',
  AsyncIterable: 'return a Promise of the whole; .stream() of the generated function gives it in pieces',
  AsyncGenerator: 'return a Promise of the whole; .stream() of the generated function gives it in pieces',
  AsyncIterableIterator: 'return a Promise of the whole; .stream() of the generated function gives it in pieces',
};

/** A sentence about a type that cannot become a schema: `bigint is not JSON: use …`. */
export function unsupportedType(type: string): string {
  const name = /^[\w$]+/.exec(type)?.[0] ?? type;
  const binary =
    /^(?:Uint8|Int8|Uint16|Int16|Uint32|Int32|Float32|Float64|BigInt64|BigUint64)Array$|^(?:Shared)?ArrayBuffer$|^Buffer$|^Blob$/;
  const advice = instead[type] ?? instead[name] ?? (binary.test(name) ? 'use string (base64)' : undefined);
  return `${type} is not JSON${advice === undefined ? '' : `: ${advice}`}`;
}
