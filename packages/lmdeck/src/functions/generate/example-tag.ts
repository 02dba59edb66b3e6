import type { JsonValue } from '../../core/index.ts';
import { readLiteral } from './read-literal.ts';

/** What an `@example` says: arguments in their order, and the result. */
export interface ExampleCall {
  readonly args: readonly JsonValue[];
  readonly output: JsonValue;
}

/**
 * Reads `find([1, 2], 'text') // => 0`, for a getter `age // => 34`, in a code fence or without. Nothing when the text is no call of `name` with a
 * result; `broken` when it is one, but its values cannot be read.
 */
export function exampleCall(text: string, name: string): ExampleCall | 'broken' | undefined {
  const code = text
    .replace(/^\s*<caption>[^]*?<\/caption>/, '')
    .replace(/^\s*```\w*\n/, '')
    .replace(/\n\s*```\s*$/, '')
    .trim();
  const head = new RegExp(String.raw`^(?:await\s+)?(?:[\w$]+\.)*${name.replaceAll('$', String.raw`\$`)}\s*`).exec(code);
  if (head === null || !/=>|→/.test(code)) return undefined;
  const args: JsonValue[] = [];
  let at = head[0].length;
  if (code[at] === '(') {
    at = skip(code, at + 1);
    while (code[at] !== ')') {
      const literal = readLiteral(code, at);
      if (literal === undefined) return 'broken';
      args.push(literal.value);
      at = skip(code, literal.end);
      if (code[at] === ',') at = skip(code, at + 1);
      else if (code[at] !== ')') return 'broken';
    }
    at++;
  }
  const arrow = /^[\s;]*(?:\/\/\s*)?(?:=>|→)\s*/.exec(code.slice(at));
  if (arrow === null) return 'broken';
  // A result of several lines may have each as a comment.
  const output = readLiteral(
    code
      .slice(at + arrow[0].length)
      .replaceAll(/^\s*\/\/ ?/gm, '')
      .replace(/;\s*$/, ''),
  );
  return output === undefined ? 'broken' : { args, output: output.value };
}

function skip(text: string, at: number): number {
  let end = at;
  while (/\s/.test(text[end] ?? '')) end++;
  return end;
}
