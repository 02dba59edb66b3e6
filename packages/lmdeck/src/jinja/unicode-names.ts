import { isNode, type TemplateNode } from './library.ts';

const TAG = /\{#[^]*?#\}|\{\{[^]*?\}\}|\{%[^]*?%\}/g;
const TEXT_OR_LETTERS = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\0-\x7f]+/gs;
const ESCAPED = /_u([0-9a-f]+)_/g;

/** A template whose names have only letters that the library knows; {@link withUnicodeNames} makes them what they were. */
export function withPlainNames(source: string): string {
  return source.replaceAll(TAG, (tag) =>
    tag.startsWith('{#')
      ? tag
      : tag.replaceAll(TEXT_OR_LETTERS, (found) =>
          /^["']/.test(found) ? found : Array.from(found, (letter) => `_u${letter.codePointAt(0)?.toString(16)}_`).join(''),
        ),
  );
}

/** Gives the names in a parsed template their letters back. */
export function withUnicodeNames(program: TemplateNode): TemplateNode {
  restore(program);
  return program;
}

function restore(node: object): void {
  if (isNode(node) && node.type === 'Identifier' && typeof node.value === 'string')
    Reflect.set(
      node,
      'value',
      node.value.replaceAll(ESCAPED, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16))),
    );
  const children: Iterable<unknown> = node instanceof Map ? [...node.keys(), ...node.values()] : Object.values(node);
  for (const child of children) if (typeof child === 'object' && child !== null) restore(child);
}
