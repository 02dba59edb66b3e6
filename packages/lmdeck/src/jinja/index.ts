/** Loads the template library: import it where templates are used, with `await import()`. */
export { addGlobals } from './globals.ts';
export { Environment, isNode, isRuntimeValue, parse, statementsOf, tokenize } from './library.ts';
export type { RuntimeValue, TemplateEnvironment, TemplateNode } from './library.ts';
export { PythonInterpreter } from './python-interpreter.ts';
export { fromRuntime, literalOf } from './python-values.ts';
export type { Printing } from './runtime-value.ts';
export { withPlainNames, withUnicodeNames } from './unicode-names.ts';
export { withPythonNodes } from './with-python-nodes.ts';
