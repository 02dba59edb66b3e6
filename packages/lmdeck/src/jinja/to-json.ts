import { compareCodePoints, jsonFloat, jsonString } from '../python/index.ts';
import { fieldsOf, itemsOf, type RuntimeValue } from './library.ts';
import { pythonInteger } from './python-number.ts';

/** The arguments of Python's `json.dumps` that templates may give to `tojson`. */
export interface JsonStyle {
  readonly ensureAscii: boolean;
  /** What one level is indented by; `undefined`: all on one line. */
  readonly indent: string | undefined;
  /** Between items, and between key and value. */
  readonly separators: readonly [item: string, key: string] | undefined;
  readonly sortKeys: boolean;
}

/** `json.dumps(value, …)` of Python, as `transformers` calls it for the filter `tojson`. */
export function toJson(value: RuntimeValue, style: JsonStyle): string {
  const [comma, colon] = style.separators ?? [style.indent === undefined ? ', ' : ',', ': '];
  const write = (each: RuntimeValue, outer: string): string => {
    const inner = style.indent === undefined ? '' : `${outer}${style.indent}`;
    const enclose = (open: string, items: readonly string[], close: string): string => {
      if (items.length === 0 || style.indent === undefined) return `${open}${items.join(comma)}${close}`;
      return `${open}\n${inner}${items.join(`${comma}\n${inner}`)}\n${outer}${close}`;
    };
    const fields = fieldsOf(each);
    if (fields !== undefined) {
      if (style.sortKeys) fields.sort(([a], [b]) => compareCodePoints(a, b));
      return enclose(
        '{',
        fields.map(([name, field]) => `${jsonString(name, style.ensureAscii)}${colon}${write(field, inner)}`),
        '}',
      );
    }
    const items = itemsOf(each);
    if (items !== undefined)
      return enclose(
        '[',
        items.map((item) => write(item, inner)),
        ']',
      );
    switch (each.type) {
      case 'StringValue':
        return jsonString(String(each.value), style.ensureAscii);
      case 'BooleanValue':
        return each.value === true ? 'true' : 'false';
      case 'IntegerValue':
        return pythonInteger(Number(each.value));
      case 'FloatValue':
        return jsonFloat(Number(each.value));
      case 'NullValue':
        return 'null';
      default:
        throw new TypeError(`tojson: ${each.type === 'UndefinedValue' ? 'Undefined' : each.type} is not JSON serializable`);
    }
  };
  return write(value, '');
}
