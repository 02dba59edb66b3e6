/** Loads the template library: import it where templates are used, with `await import()`. */
export { addGlobals } from './globals.ts';
export { block, Environment, fieldsOf, isNode, isRuntimeValue, itemsOf, literal, parse, statementsOf, tokenize } from './library.ts';
export type { RuntimeValue, TemplateEnvironment, TemplateNode, TemplateToken } from './library.ts';
export { equal } from './python-equality.ts';
export { PythonInterpreter } from './python-interpreter.ts';
export { fromRuntime, literalOf } from './python-values.ts';
export { pythonFilter, pythonMethod } from './python-methods.ts';
export { printed, type Printing } from './runtime-value.ts';
export { withPlainNames, withUnicodeNames } from './unicode-names.ts';
export { withPythonNodes } from './with-python-nodes.ts';
