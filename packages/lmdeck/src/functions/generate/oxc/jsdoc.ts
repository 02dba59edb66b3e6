import type { Documentation, DocumentationTag } from '../declared-type.ts';

/** What is between the marks of a JSDoc comment (it begins with `*`) as TypeScript takes it: a tag begins wherever an `@name` stands behind a space. */
export function jsdoc(comment: string): Documentation {
  const text = comment
    .slice(1)
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join('\n')
    .replaceAll(/\{@link(?:code|plain)?\s+([^}|]*?)(?:\s*\|\s*([^}]*))?\}/g, (_, target: string, label?: string) => label ?? target.trim());
  const [head = '', ...rest] = text.split(/(?:^|(?<=\s))@(?=[A-Za-z])/);
  const tags = rest.map((tag): DocumentationTag => {
    const [, name = '', value = ''] = /^(\w+)\s*([^]*)$/.exec(tag) ?? [];
    return { name, text: value.trim() };
  });
  const description = head.trim();
  return { ...(description === '' ? {} : { description }), tags };
}
