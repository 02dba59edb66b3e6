import { LmdeckError } from '../core/index.ts';
import {
  addGlobals,
  Environment,
  fromRuntime,
  literalOf,
  parse,
  statementsOf,
  tokenize,
  withPlainNames,
  withPythonNodes,
  withUnicodeNames,
  type TemplateEnvironment,
} from '../jinja/index.ts';
import type { TaskTemplate, TemplateVariables } from './jinja.ts';
import { plainMessage } from './plain-message.ts';
import { StrictInterpreter } from './strict-interpreter.ts';
import { taskSource } from './task-source.ts';
import { taskTokens } from './task-tokens.ts';
import { str } from './task-values.ts';

/** Reads a template; loaded apart, because it brings the library with it. @throws LmdeckError `config` for text that is none. */
export function compileTaskTemplate(source: string): TaskTemplate {
  // The lexer drops one newline at the very end, as Jinja does unless it is told to keep it.
  const kept = source.endsWith('\n') ? `${source}\n` : source;
  const program = guard(source, () => withPythonNodes(withUnicodeNames(parse(taskTokens(tokenize(withPlainNames(taskSource(kept)), {}))))));
  const [first, ...rest] = statementsOf(program);
  const only = rest.length === 0 && first?.type === 'Print' ? first.operand : undefined;
  const run = <T>(variables: TemplateVariables, use: (interpreter: StrictInterpreter, environment: TemplateEnvironment) => T): T =>
    guard(source, () => {
      const environment = new Environment();
      const interpreter = new StrictInterpreter(environment);
      for (const name in variables) environment.setVariable(name, interpreter.evaluate(literalOf(variables[name]), environment));
      addGlobals(environment);
      return use(interpreter, environment);
    });
  return {
    render: (variables) => run(variables, (interpreter) => str(interpreter.run(program))),
    value: (variables) =>
      run(variables, (interpreter, environment) =>
        only === undefined ? str(interpreter.run(program)) : fromRuntime(interpreter.evaluate(only, environment)),
      ),
  };
}

function guard<T>(source: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (LmdeckError.isInstance(error)) throw error;
    const shown = source.length <= 200 ? source : `${source.slice(0, 200)}…`;
    throw new LmdeckError('config', `template ${JSON.stringify(shown)}: ${plainMessage(error)}`, { cause: error });
  }
}
