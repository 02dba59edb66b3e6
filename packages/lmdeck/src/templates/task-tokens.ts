import type { TemplateToken as Token } from '../jinja/index.ts';

/** What begins the name of a filter that stands for a test: no filter of a template can have it. */
export const TEST = 'is ';
export const NEGATED_TEST = 'is not ';
/** The names of the filters that stand for what the library's parser does not know. */
export const WITH = ' with';
export const TUPLE = ' tuple';

const OPENING = new Set(['OpenParen', 'OpenSquareBracket', 'OpenCurlyBracket']);
const CLOSING = new Set(['CloseParen', 'CloseSquareBracket', 'CloseCurlyBracket']);
const WORDS = new Set('and or not in is if else elif'.split(' '));
const BLOCKS = new Set('if for macro call filter set with'.split(' '));
const ALONE = new Set('break continue'.split(' '));

/**
 * Tokens as the library's parser takes them: a test is a filter of the name {@link TEST}, `with` is a filter block, a chain of comparisons is
 * several joined with `and`, tuples of one item or none are lists made tuples.
 *
 * @throws SyntaxError for a statement that Jinja has not, or that is not known here, and for blocks that are not closed.
 */
export function taskTokens(tokens: readonly Token[]): readonly Token[] {
  return chained(withFilters(statements(tuples(tokens))));
}

function token(type: string, value: string): Token {
  return { type, value };
}

/** Statements: what there is, what is closed where. */
function statements(tokens: readonly Token[]): readonly Token[] {
  const open: string[] = [];
  const result: Token[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const each = tokens[at];
    if (each === undefined) continue;
    result.push(each);
    if (each.type !== 'OpenStatement') continue;
    const name = tokens[at + 1]?.type === 'Identifier' ? (tokens[at + 1]?.value ?? '') : '';
    const end = tokens.findIndex(({ type }, index) => index > at && type === 'CloseStatement');
    if (name.startsWith('end') && BLOCKS.has(name.slice(3))) {
      const last = open.pop();
      if (last === undefined) throw new SyntaxError(`{% ${name} %} closes nothing: there is no {% ${name.slice(3)} %} before it`);
      if (last !== name.slice(3)) throw new SyntaxError(`{% ${name} %} stands where {% end${last} %} must close {% ${last} %}`);
    } else if (name === 'else' || name === 'elif') {
      const last = open.at(-1);
      if (last !== 'if' && (last !== 'for' || name === 'elif')) throw new SyntaxError(`{% ${name} %} stands outside of {% if %}`);
    } else if (!ALONE.has(name) && !BLOCKS.has(name))
      throw new SyntaxError(`the statement {% ${name} %} is not known here (known: ${[...BLOCKS, 'raw', ...ALONE].join(', ')})`);
    else if (BLOCKS.has(name) && (name !== 'set' || !has(tokens, at, end, 'Equals', '='))) open.push(name);
    if (name === 'for' && isWord(tokens[end - 1], 'recursive') && !isWord(tokens[end - 2], 'in'))
      throw new SyntaxError('{% for … recursive %} is not known here');
    if (name === 'set' && !has(tokens, at, end, 'Equals', '=') && has(tokens, at, end, 'Pipe', '|'))
      throw new SyntaxError('{% set … | filter %} is not known here: put {% filter %} into the block');
    if (name === 'with' || name === 'endwith') {
      result.push(token('Identifier', name === 'with' ? 'filter' : 'endfilter'));
      if (name === 'with')
        result.push(token('Identifier', WITH), token('OpenParen', '('), ...tokens.slice(at + 2, end), token('CloseParen', ')'));
      at = end - 1;
    }
  }
  const last = open.at(-1);
  if (last !== undefined) throw new SyntaxError(`{% ${last} %} is not closed: {% end${last} %} is missing`);
  return result;
}

function has(tokens: readonly Token[], start: number, end: number, type: string, value: string): boolean {
  return tokens.slice(start + 2, end).some((each) => each.type === type && each.value === value);
}

/** `is [not] name`, with arguments in parentheses or with one operand behind it. From the end, so that tests in arguments are done. */
function withFilters(tokens: readonly Token[]): readonly Token[] {
  const result = [...tokens];
  for (let at = result.length - 1; at >= 0; at--) {
    if (!isWord(result[at], 'is') || result[at - 1]?.type === 'Dot') continue;
    const isNegated = isWord(result[at + 1], 'not');
    const place = isNegated ? at + 2 : at + 1;
    const name = result[place];
    if (name?.type !== 'Identifier') throw new SyntaxError(`the name of a test is missing after "is"`);
    const end = result[place + 1]?.type === 'OpenParen' ? place + 1 : operandEnd(result, place + 1);
    const operand = result.slice(place + 1, end);
    if (end === place + 1 && result[end]?.type === 'Pipe' && result[end + 1]?.value.startsWith(TEST) === true)
      throw new SyntaxError('a test of a test is not Jinja: put the first one into parentheses');
    const filter = token('Identifier', `${isNegated ? NEGATED_TEST : TEST}${name.value}`);
    const given = operand.length === 0 ? [] : [token('OpenParen', '('), ...operand, token('CloseParen', ')')];
    result.splice(at, end - at, token('Pipe', '|'), filter, ...given);
  }
  return result;
}

/** Behind a name, a literal or a bracket, and its members and calls. */
function operandEnd(tokens: readonly Token[], start: number): number {
  const first = tokens[start];
  if (first === undefined) return start;
  let end = start;
  if (first.type === 'StringLiteral') while (tokens[end]?.type === 'StringLiteral') end++;
  else if (first.type === 'NumericLiteral' || (first.type === 'Identifier' && !WORDS.has(first.value))) end++;
  else if (OPENING.has(first.type)) end = bracketEnd(tokens, start);
  else return start;
  for (;;) {
    if (tokens[end]?.type === 'Dot') end += 2;
    else if (tokens[end]?.type === 'OpenParen' || tokens[end]?.type === 'OpenSquareBracket') end = bracketEnd(tokens, end);
    else return end;
  }
}

function bracketEnd(tokens: readonly Token[], start: number): number {
  let depth = 0;
  for (let at = start; at < tokens.length; at++) {
    if (OPENING.has(tokens[at]?.type ?? '')) depth++;
    if (CLOSING.has(tokens[at]?.type ?? '') && --depth === 0) return at + 1;
  }
  return tokens.length;
}

interface Bracket {
  readonly start: number;
  readonly isCall: boolean;
  commas: number;
}

/** `()`, `(a,)` and `(a, b,)`. */
function tuples(tokens: readonly Token[]): readonly Token[] {
  const result: Token[] = [];
  const brackets: Bracket[] = [];
  for (const each of tokens) {
    const [previous, last] = [result.at(-1), brackets.at(-1)];
    if (OPENING.has(each.type)) {
      const isCall = each.type !== 'OpenParen' || isCallee(previous);
      brackets.push({ start: result.length, isCall, commas: 0 });
    } else if (CLOSING.has(each.type)) {
      brackets.pop();
      if (last !== undefined && !last.isCall && (previous?.type === 'Comma' || last.start === result.length - 1)) {
        if (previous?.type === 'Comma') result.pop();
        if (last.commas < 2) {
          result.splice(last.start + 1, 0, token('OpenSquareBracket', '['));
          result.push(token('CloseSquareBracket', ']'), token('Pipe', '|'), token('Identifier', TUPLE));
        }
      }
    } else if (each.type === 'Comma' && last !== undefined) last.commas++;
    result.push(each);
  }
  return result;
}

function isCallee(before: Token | undefined): boolean {
  return before !== undefined && (CLOSING.has(before.type) || (before.type === 'Identifier' && !WORDS.has(before.value)));
}

/** `a < b < c` is `(a < b and b < c)`. */
function chained(tokens: readonly Token[]): readonly Token[] {
  const result: Token[] = [];
  let operands: number[] = [0];
  const outer: number[][] = [];
  const end = (): void => {
    // Where each operand begins; its operator, of one or two tokens, stands before it.
    if (operands.length > 2) {
      const starts = operands.map((start) => start - (operands[0] ?? 0));
      const parts = result.splice(operands[0] ?? 0);
      const sizes = starts.map((start) => (isWord(parts[start - 1], 'in') && isWord(parts[start - 2], 'not') ? 2 : 1));
      const comparisons = starts.slice(1).map((start, index) => {
        const left = parts.slice(starts[index], start - (sizes[index + 1] ?? 1));
        const stop = starts[index + 2] === undefined ? parts.length : (starts[index + 2] ?? 0) - (sizes[index + 2] ?? 1);
        return [...left, ...parts.slice(start - (sizes[index + 1] ?? 1), stop)];
      });
      result.push(token('OpenParen', '('));
      for (const [index, each] of comparisons.entries()) result.push(...(index === 0 ? [] : [token('Identifier', 'and')]), ...each);
      result.push(token('CloseParen', ')'));
    }
  };
  let isTarget = false;
  for (const [at, each] of tokens.entries()) {
    if (isWord(each, 'for') && tokens[at - 1]?.type === 'OpenStatement') isTarget = true;
    const isIn = isWord(each, 'in') && !isTarget;
    if (each.type === 'ComparisonBinaryOperator' || isIn) {
      result.push(each);
      operands.push(result.length);
    } else if (OPENING.has(each.type)) {
      result.push(each);
      outer.push(operands);
      operands = [result.length];
    } else if (CLOSING.has(each.type)) {
      end();
      operands = outer.pop() ?? [0];
      result.push(each);
    } else if (isBoundary(each) && !(isWord(each, 'not') && isWord(tokens[at + 1], 'in'))) {
      end();
      result.push(each);
      operands = [result.length];
      if (isWord(each, 'in')) isTarget = false;
    } else result.push(each);
  }
  end();
  return result;
}

function isBoundary({ type, value }: Token): boolean {
  if (type === 'Identifier') return WORDS.has(value) || value === 'for' || value === 'set';
  return ['Comma', 'Colon', 'Equals', 'Text', 'Comment', 'OpenStatement', 'CloseStatement', 'OpenExpression', 'CloseExpression'].includes(
    type,
  );
}

function isWord(each: Token | undefined, value: string): boolean {
  return each?.type === 'Identifier' && each.value === value;
}
