import { fieldsOf, itemsOf, type RuntimeValue } from './jinja-library.ts';
import { pythonFloat, pythonInteger } from './python-number.ts';

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
      return pythonFloat(Number(value.value));
    default:
      return printing === 'python' ? (container(value) ?? value.toString()) : value.toString();
  }
}

/** `repr(value)` of Python. */
function represented(value: RuntimeValue): string {
  return value.type === 'StringValue' ? quoted(String(value.value)) : printed(value, 'python');
}

function container(value: RuntimeValue): string | undefined {
  const fields = fieldsOf(value);
  if (fields !== undefined) return `{${fields.map(([name, field]) => `${quoted(name)}: ${represented(field)}`).join(', ')}}`;
  const items = itemsOf(value)?.map(represented);
  if (items === undefined) return undefined;
  if (value.type !== 'TupleValue') return `[${items.join(', ')}]`;
  return items.length === 1 ? `(${items[0]},)` : `(${items.join(', ')})`;
}

/** A string literal of Python: single quotes unless only they would have to be escaped. */
function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  // eslint-disable-next-line no-control-regex -- control characters are among what is escaped
  const body = text.replaceAll(/[\\\n\r\t'"]|(?! )[\p{C}\p{Z}]/gu, (char) => {
    if (char === '\\') return '\\\\';
    if (char === '\n') return '\\n';
    if (char === '\r') return '\\r';
    if (char === '\t') return '\\t';
    if (char === '"' || char === "'") return char === quote ? `\\${char}` : char;
    const code = char.codePointAt(0) ?? 0;
    const digits = code.toString(16);
    if (code < 0x100) return `\\x${digits.padStart(2, '0')}`;
    return code < 0x1_0000 ? `\\u${digits.padStart(4, '0')}` : `\\U${digits.padStart(8, '0')}`;
  });
  return `${quote}${body}${quote}`;
}
