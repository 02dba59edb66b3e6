/**
 * What of `@huggingface/jinja` the task templates use. Its declarations import one another without file suffixes, which TypeScript does not
 * resolve for ES modules, so they say nothing here.
 */
export interface JinjaLibrary {
  tokenize(source: string, options?: object): readonly object[];
  parse(tokens: readonly object[]): JinjaNode;
  readonly Environment: new () => JinjaEnvironment;
  readonly Interpreter: new (environment: JinjaEnvironment) => JinjaInterpreter;
}

/** A node of a parsed template; which fields it has depends on its type. */
export interface JinjaNode {
  readonly type: string;
  readonly value?: unknown;
  readonly body?: JinjaNode[];
  readonly alternate?: JinjaNode[];
  readonly defaultBlock?: JinjaNode[];
  readonly operand?: JinjaNode;
  readonly filter?: JinjaNode;
  readonly callee?: JinjaNode;
  readonly args?: readonly JinjaNode[];
  readonly key?: JinjaNode;
  readonly test?: JinjaNode;
  readonly negate?: boolean;
  readonly object?: JinjaNode;
  readonly property?: JinjaNode;
  readonly computed?: boolean;
}

/** A value while a template runs. */
export interface JinjaValue {
  readonly type: string;
  readonly value: unknown;
  __bool__(): JinjaValue;
}

export interface JinjaEnvironment {
  readonly variables: ReadonlyMap<string, JinjaValue>;
  set(name: string, value: unknown): JinjaValue;
  setVariable(name: string, value: JinjaValue): JinjaValue;
}

export interface JinjaInterpreter {
  run(program: JinjaNode): JinjaValue;
  evaluate(node: JinjaNode | undefined, scope: JinjaEnvironment): JinjaValue;
}
