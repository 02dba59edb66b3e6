import { LmdeckError, type JsonObject, type JsonValue } from '../../core/index.ts';
import {
  addGlobals,
  Environment,
  literalOf,
  parse,
  PythonInterpreter,
  tokenize,
  withPythonNodes,
  type Printing,
  type RuntimeValue,
  type TemplateEnvironment,
  type TemplateNode,
} from '../../jinja/index.ts';
import { strftime } from './strftime.ts';

/** A parsed template; loaded apart, because it brings the library with it. */
export interface CompiledTemplate {
  /**
   * @param floats true when the variables have `PythonFloat`s in them.
   * @throws LmdeckError `invalid-request` when the template refuses, or cannot be run with these variables.
   */
  render(variables: JsonObject, floats?: boolean): string;
}

interface CompileOptions {
  readonly name: string;
  readonly now: () => Date;
  readonly printing: Printing;
}

/** What the template says by `raise_exception`. */
class Refusal extends Error {}

/** @throws LmdeckError `config` when the source is no template. */
export function compileTemplate(source: string, { name, now, printing }: CompileOptions): CompiledTemplate {
  const program = parsed(source, name);
  return {
    render: (variables, floats = false) => {
      const environment = globals(now);
      const interpreter = new PythonInterpreter(environment, printing);
      try {
        for (const [key, value] of Object.entries(variables)) {
          if (value === undefined) continue;
          environment.setVariable(key, floats ? interpreter.evaluate(literalOf(value), environment) : converted(value));
        }
        return String(interpreter.run(program).value);
      } catch (error) {
        if (error instanceof Refusal)
          throw new LmdeckError('invalid-request', `${name}: the template refuses these messages: ${error.message}`);
        const reason = error instanceof Error ? error.message : String(error);
        throw new LmdeckError('invalid-request', `${name}: the template cannot be run with these messages: ${reason}`, { cause: error });
      }
    },
  };
}

function parsed(source: string, name: string): TemplateNode {
  try {
    return withPythonNodes(parse(tokenize(source, { trim_blocks: true, lstrip_blocks: true })));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LmdeckError('config', `${name}: this is no Jinja template that can be read: ${reason}`, { cause: error });
  }
}

/** A value as the library keeps it. */
function converted(value: JsonValue): RuntimeValue {
  return new Environment().set('value', value);
}

/** What every chat template can use. */
function globals(now: () => Date): TemplateEnvironment {
  const environment = new Environment();
  addGlobals(environment);
  environment.set('raise_exception', (reason: unknown) => {
    throw new Refusal(String(reason));
  });
  environment.set('strftime_now', (format: unknown) => strftime(now(), String(format)));
  return environment;
}
