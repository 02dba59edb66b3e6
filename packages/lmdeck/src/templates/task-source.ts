const TAG_START = /\{[{%#]/g;
const RAW = /\{%([-+]?)\s*raw\s*([-+]?)%\}(.*?)\{%([-+]?)\s*endraw\s*([-+]?)%\}/sy;
const PIECE =
  /(["'])((?:\\.|(?!\1)[^\\])*)\1|(0[xX](?:_?[\da-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+)|(?<!\.)(\d+(?:_\d+)*(?:\.\d+(?:_\d+)*)?(?:[eE][-+]?\d+(?:_\d+)*)?)|[\p{L}\p{N}\p{M}_]+|./suy;
const ESCAPE = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|(.))/gsu;
const LETTERS: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\u0007', b: '\b', f: '\f', v: '\v', '\n': '' };
const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/**
 * The text of a template as the library's lexer reads it as Jinja does: `raw` blocks are texts, escapes in strings and all ways to write a
 * number are Python's, `{%+` is `{%`.
 *
 * @throws SyntaxError for a tag, a comment or a bracket that is not closed.
 */
export function taskSource(source: string): string {
  let result = '';
  let at = 0;
  for (;;) {
    TAG_START.lastIndex = at;
    const found = TAG_START.exec(source);
    if (found === null) return result + source.slice(at);
    result += source.slice(at, found.index);
    const [text, end] = rawAt(source, found.index) ?? (found[0] === '{#' ? commentAt(source, found.index) : tagAt(source, found.index));
    result += text;
    at = end;
  }
}

type Read = readonly [text: string, end: number];

function rawAt(source: string, start: number): Read | undefined {
  RAW.lastIndex = start;
  const match = RAW.exec(source);
  if (match === null) {
    if (/^\{%[-+]?\s*raw\s*[-+]?%\}/.test(source.slice(start))) throw new SyntaxError('{% raw %} is not closed: {% endraw %} is missing');
    return undefined;
  }
  const [all, before, left, content = '', right, after] = match;
  const text = left === '-' ? content.trimStart() : content;
  const shown = quoted(right === '-' ? text.trimEnd() : text);
  return [`{{${before === '-' ? '-' : ''} ${shown} ${after === '-' ? '-' : ''}}}`, start + all.length];
}

function commentAt(source: string, start: number): Read {
  const end = source.indexOf('#}', start + 2);
  if (end < 0) throw new SyntaxError('a comment {# is not closed: #} is missing');
  return [source.slice(start, end + 2), end + 2];
}

function tagAt(source: string, start: number): Read {
  const open = source.slice(start, start + 2);
  const close = open === '{{' ? '}}' : '%}';
  const brackets: string[] = [];
  const sign = open === '{%' && source.charAt(start + 2) === '+' ? 1 : 0;
  let text = open;
  for (let at = start + 2 + sign; at < source.length;) {
    if (brackets.length === 0 && source.startsWith(close, at)) {
      // The lexer takes these out without a word.
      const own = /^\{%-?\s*((?:end)?generation)\s*-?$/.exec(text)?.[1];
      if (own !== undefined) throw new SyntaxError(`the statement {% ${own} %} is not known here`);
      return [text + close, at + 2];
    }
    if (brackets.length === 0 && close === '%}' && source.startsWith('+%}', at)) return [text + close, at + 3];
    PIECE.lastIndex = at;
    const [piece = '', quote, string, integer, number] = PIECE.exec(source) ?? [];
    if (quote === undefined && /^["']$/.test(piece)) throw new SyntaxError(`a text in ${open} is not closed: ${piece} is missing`);
    if (Object.hasOwn(CLOSING, piece)) brackets.push(piece);
    else if (/^[)\]}]$/.test(piece)) {
      const opened = brackets.pop();
      if (opened === undefined) throw new SyntaxError(`there is a ${piece} that closes nothing`);
      if (CLOSING[opened] !== piece)
        throw new SyntaxError(`the bracket ${opened} is not closed: ${CLOSING[opened]} is missing before ${piece}`);
    }
    text +=
      string === undefined
        ? integer === undefined
          ? number === undefined
            ? piece
            : decimal(number)
          : decimal(String(Number(integer.replaceAll('_', ''))))
        : quoted(unescaped(string));
    at += piece.length;
  }
  const bracket = brackets.at(-1);
  throw new SyntaxError(
    bracket === undefined
      ? `${open} is not closed: ${close} is missing`
      : `the bracket ${bracket} is not closed: ${CLOSING[bracket]} is missing`,
  );
}

/** A string for the library's lexer. Braces are escaped: nothing in it looks like the end of a tag. */
function quoted(text: string): string {
  const escaped = text.replaceAll(/[\\"{}]/g, (each) => (each === '{' ? '\\x7b' : each === '}' ? '\\x7d' : `\\${each}`));
  return `"${escaped}"`;
}

/** What Python makes of the escapes in a string; a backslash before any other letter stays. */
function unescaped(content: string): string {
  return content.replaceAll(ESCAPE, (match, ...groups: readonly (string | undefined)[]) => {
    const [x, short, long, octal, other = ''] = groups;
    const digits = x ?? short ?? long;
    if (digits !== undefined) return String.fromCodePoint(Number.parseInt(digits, 16));
    if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
    return /^[\\'"]$/.test(other) ? other : (LETTERS[other] ?? match);
  });
}

/** A number without underscores and exponents, which the lexer does not know; a float keeps its point. */
function decimal(number: string): string {
  const digits = number.replaceAll('_', '');
  if (!/[.eE]/.test(digits) && !Number.isSafeInteger(Number(digits)))
    throw new SyntaxError(`the number ${number} is beyond 2^53, where whole numbers are not exact here`);
  if (!/[eE]/.test(digits)) return digits;
  const [mantissa = '', power = '0'] = Number(digits).toExponential().split('e');
  if (!Number.isFinite(Number(digits))) throw new SyntaxError(`the number ${number} is too large`);
  const all = mantissa.replace('.', '');
  const point = 1 + Number(power);
  if (point <= 0) return `0.${'0'.repeat(-point)}${all}`;
  return `${all.slice(0, point).padEnd(point, '0')}.${all.slice(point) || '0'}`;
}
