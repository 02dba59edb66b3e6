/** An expression that stands for itself, where a value is printed. */
export class Code {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const width = 120;

/** Plain data, with {@link Code} in it, as TypeScript: on one line where that fits behind `column`, else on several, indented from `indent` on. */
export function printLiteral(value: unknown, indent = 0, column = indent): string {
  const short = inline(value);
  if (column + short.length <= width || typeof value !== 'object' || value === null || value instanceof Code) return short;
  const pad = ' '.repeat(indent + 2);
  const end = ' '.repeat(indent);
  if (isList(value)) {
    if (value.length === 0) return '[]';
    return `[\n${value.map((each) => `${pad}${printLiteral(each, indent + 2)},\n`).join('')}${end}]`;
  }
  const lines = entries(value).map(([key, each]) => {
    const name = printKey(key);
    return `${pad}${name}: ${printLiteral(each, indent + 2, indent + name.length + 5)},\n`;
  });
  return lines.length === 0 ? '{}' : `{\n${lines.join('')}${end}}`;
}

/** A text in single quotes. */
function printText(text: string): string {
  const escaped = JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(String.raw`\"`, '"');
  if (escaped.includes("'") && !escaped.includes('"')) return `"${escaped}"`;
  return `'${escaped
    .replaceAll("'", String.raw`\'`)
    .replaceAll('\u2028', String.raw`\u2028`)
    .replaceAll('\u2029', String.raw`\u2029`)}'`;
}

function inline(value: unknown): string {
  if (value instanceof Code) return value.text;
  if (typeof value === 'string') return printText(value);
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value);
  if (isList(value)) return `[${value.map(inline).join(', ')}]`;
  const parts = entries(value).map(([key, each]) => `${printKey(key)}: ${inline(each)}`);
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
}

function printKey(key: string): string {
  if (key === '__proto__') return "['__proto__']";
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : printText(key);
}

function entries(value: object): readonly (readonly [string, unknown])[] {
  return Object.entries<unknown>({ ...value }).filter(([, each]) => each !== undefined);
}

function isList(value: object): value is readonly unknown[] {
  return Array.isArray(value);
}
