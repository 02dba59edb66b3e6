const number = String.raw`-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?`;

/** One part of a template literal type: text, or what may stand for `${…}`. */
export type PatternPart = { readonly text: string } | { readonly of: 'string' | 'number' | 'boolean' };

/** The regular expression of a template literal type: `item-${number}` */
export function textPattern(parts: readonly PatternPart[]): string {
  return `^${parts.map((part) => ('text' in part ? escaped(part.text) : ofType(part.of))).join('')}$`;
}

/** The names that an index signature with number keys allows. */
export const numberKeyPattern = `^${number}$`;

function ofType(type: 'string' | 'number' | 'boolean'): string {
  if (type === 'number') return number;
  return type === 'boolean' ? '(?:true|false)' : String.raw`[\s\S]*`;
}

function escaped(text: string): string {
  return text.replaceAll(/[$()*+./?[\\\]^{|}]/g, String.raw`\$&`);
}
