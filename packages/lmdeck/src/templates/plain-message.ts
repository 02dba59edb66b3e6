/** How the kinds of tokens look in a template. */
const TOKENS: Readonly<Record<string, string>> = {
  CloseCurlyBracket: '}',
  CloseExpression: '}}',
  CloseParen: ')',
  CloseSquareBracket: ']',
  CloseStatement: '%}',
  Colon: ':',
  Comma: ',',
  Dot: '.',
  Equals: '=',
  Identifier: 'a name',
  NumericLiteral: 'a number',
  OpenCurlyBracket: '{',
  OpenExpression: '{{',
  OpenParen: '(',
  OpenSquareBracket: '[',
  OpenStatement: '{%',
  Pipe: '|',
  StringLiteral: 'a text in quotes',
  Text: 'text outside of a tag',
};

const KINDS: Readonly<Record<string, string>> = {
  Array: 'a list',
  Boolean: 'a boolean',
  Float: 'a float',
  Function: 'a function',
  Integer: 'a whole number',
  Namespace: 'a namespace',
  Null: 'None',
  Object: 'a dict',
  String: 'a text',
  Tuple: 'a tuple',
  Undefined: 'nothing that is defined',
};

/** What is wrong with a template, in plain words: the library names its own classes, and ends in a TypeError where a template ends too early. */
export function plainMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  // What the library leaves a loop with has no message, and no name that could be imported.
  if (message === '') return '{% break %} or {% continue %} stands outside of a loop';
  if (message.startsWith('Cannot read properties of undefined')) return 'a tag ends in the middle of an expression';
  const expected = /^Parser Error: .* (\w+) !== (\w+)\.$/s.exec(message);
  if (expected !== null) return `found ${shown(expected[1])} where ${shown(expected[2])} was expected`;
  if (message.startsWith('Expected `in` keyword')) return '{% for %} is `{% for name in list %}`, and its "in" is missing';
  const uncalled = /^Cannot call something that is not a function: got ([A-Z][a-z]+)Value$/.exec(message)?.[1];
  if (uncalled !== undefined) return `${KINDS[uncalled] ?? uncalled} is called as if it were a function`;
  const unexpected = /^Unexpected token(?: type)?: (\w+)$/.exec(message);
  if (unexpected !== null) return `${shown(unexpected[1])} stands where a value was expected`;
  return message.replaceAll(/\b([A-Z][a-z]+)Value\b/g, (found, kind: string) => KINDS[kind] ?? found);
}

function shown(token = ''): string {
  const text = TOKENS[token] ?? (token.endsWith('Operator') ? 'an operator' : token);
  return text.startsWith('a') || text.startsWith('text') ? text : `'${text}'`;
}
