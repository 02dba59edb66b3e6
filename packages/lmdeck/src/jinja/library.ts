import * as library from '@huggingface/jinja';

/*
 * What we use of @huggingface/jinja, typed here: its own declarations cannot be resolved by ES modules, and nothing of them must get into
 * ours.
 */

/** A node of a parsed template; which fields it has depends on its type. */
export interface TemplateNode {
  readonly type: string;
  readonly value?: unknown;
  readonly operand?: TemplateNode;
  readonly filter?: TemplateNode;
  readonly callee?: TemplateNode;
  readonly args?: readonly TemplateNode[];
  readonly key?: TemplateNode;
  readonly test?: TemplateNode;
  readonly object?: TemplateNode;
  readonly property?: TemplateNode;
  readonly computed?: boolean;
}

/** A token of the lexer: what it is, and its text. */
export interface TemplateToken {
  readonly type: string;
  readonly value: string;
}

/** A value inside a template: `value` is a string, number, boolean, null, a Map or an array of values, or a function. */
export interface RuntimeValue {
  readonly type: string;
  readonly value: unknown;
  __bool__(): { readonly value: boolean };
  toString(): string;
}

/** The variables of a template. */
export interface TemplateEnvironment {
  readonly variables: ReadonlyMap<string, RuntimeValue>;
  /** Converts a value of JavaScript; a name that is taken is an error. */
  set(name: string, value: unknown): RuntimeValue;
  setVariable(name: string, value: RuntimeValue): RuntimeValue;
}

interface TemplateInterpreter {
  run(program: TemplateNode): RuntimeValue;
  evaluate(node: TemplateNode | undefined, environment: TemplateEnvironment): RuntimeValue;
}

interface Library {
  readonly Environment: new (parent?: TemplateEnvironment) => TemplateEnvironment;
  readonly Interpreter: new (environment: TemplateEnvironment) => TemplateInterpreter;
  readonly parse: (tokens: readonly TemplateToken[]) => TemplateNode;
  readonly tokenize: (
    source: string,
    options: { readonly trim_blocks?: boolean; readonly lstrip_blocks?: boolean },
  ) => readonly TemplateToken[];
}

export const { Environment, Interpreter, parse, tokenize }: Library = library;

export function isNode(value: unknown): value is TemplateNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** A node that evaluates to a value: the library gives no other way to make one. */
export function literal<T>(type: string, value: T): TemplateNode & { readonly value: T } {
  return { type, value };
}

/** A node that evaluates some statements and gives their output. */
export function block(body: readonly unknown[]): TemplateNode & { readonly body: readonly unknown[] } {
  return { type: 'Program', body };
}

/** The statements of a program. */
export function statementsOf(program: TemplateNode): readonly TemplateNode[] {
  return 'body' in program && Array.isArray(program.body) ? program.body.filter(isNode) : [];
}

/** The fields of a dict, or `undefined` for what is none. */
export function fieldsOf({ value }: RuntimeValue): [name: string, field: RuntimeValue][] | undefined {
  if (!(value instanceof Map)) return undefined;
  const fields: Iterable<[unknown, unknown]> = value;
  return Array.from(fields, ([name, field]) => [String(name), runtimeValue(field)]);
}

/** The items of a list, or `undefined` for what is none. */
export function itemsOf({ value }: RuntimeValue): RuntimeValue[] | undefined {
  return Array.isArray(value) ? value.map(runtimeValue) : undefined;
}

function runtimeValue(value: unknown): RuntimeValue {
  if (isRuntimeValue(value)) return value;
  throw new TypeError('The template has a value of no known kind.');
}

export function isRuntimeValue(value: unknown): value is RuntimeValue {
  return isNode(value) && 'value' in value && '__bool__' in value;
}
