import { floatRepr, stringRepr } from '../python/index.ts';
import { fieldsOf, itemsOf, type RuntimeValue } from './library.ts';
import { pythonInteger } from './python-number.ts';

/** How lists and dicts come out where a template prints them as they are. */
export type Printing = 'json' | 'python';

/** `str(value)` of Python. What is undefined is empty, as in Jinja. */
export function printed(value: RuntimeValue, printing: Printing): string {
  switch (value.type) {
    case 'StringValue':
      return String(value.value);
    case 'UndefinedValue':
      return '';
    case 'NullValue':
      return 'None';
    case 'BooleanValue':
      return value.value === true ? 'True' : 'False';
    case 'IntegerValue':
      return pythonInteger(Number(value.value));
    case 'FloatValue':
      return floatRepr(Number(value.value));
    default:
      return printing === 'python' ? (container(value) ?? value.toString()) : value.toString();
  }
}

/** `repr(value)` of Python. */
function represented(value: RuntimeValue): string {
  if (value.type === 'UndefinedValue') return 'Undefined';
  return value.type === 'StringValue' ? stringRepr(String(value.value)) : printed(value, 'python');
}

function container(value: RuntimeValue): string | undefined {
  const fields = fieldsOf(value);
  if (fields !== undefined) return `{${fields.map(([name, field]) => `${stringRepr(name)}: ${represented(field)}`).join(', ')}}`;
  const items = itemsOf(value)?.map(represented);
  if (items === undefined) return undefined;
  if (value.type !== 'TupleValue') return `[${items.join(', ')}]`;
  return items.length === 1 ? `(${items[0]},)` : `(${items.join(', ')})`;
}
