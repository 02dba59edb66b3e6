import type { JsonValue } from '../../core/index.ts';
import { pythonFloat } from '../../python/index.ts';

/** Reads JSON as Python does, for which `1.0` is not `1`: a whole number that was written with a point or an exponent becomes a `PythonFloat`. */
export class FloatParser {
  /** True when there was any. */
  found = false;

  readonly parse = (json: string): JsonValue => {
    const value: JsonValue = JSON.parse(json, (_key, each: unknown, context?: { readonly source?: string }) => {
      if (typeof each !== 'number' || !Number.isInteger(each) || !/[.e]/i.test(context?.source ?? '')) return each;
      this.found = true;
      return pythonFloat(each);
    });
    return value;
  };
}
