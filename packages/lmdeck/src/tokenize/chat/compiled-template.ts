import { isJsonObject, LmdeckError, type JsonObject, type JsonValue } from '../../core/index.ts';
import { PythonFloat } from '../../python/index.ts';
import { Environment, literal, parse, tokenize, type RuntimeValue, type TemplateEnvironment, type TemplateNode } from './jinja-library.ts';
import { PythonInterpreter } from './python-interpreter.ts';
import type { Printing } from './runtime-value.ts';
import { strftime } from './strftime.ts';
import { withPythonNodes } from './with-python-nodes.ts';

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
          environment.setVariable(key, floats ? interpreter.evaluate(nodeOf(value), environment) : converted(value));
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

/** What every template can use; `namespace` is in every environment. */
function globals(now: () => Date): TemplateEnvironment {
  const environment = new Environment();
  for (const [name, value] of [
    ['true', true],
    ['false', false],
    ['none', null],
  ] as const) {
    environment.set(name, value);
    environment.set(`${name.charAt(0).toUpperCase()}${name.slice(1)}`, value);
  }
  environment.set('raise_exception', (reason: unknown) => {
    throw new Refusal(String(reason));
  });
  environment.set('strftime_now', (format: unknown) => strftime(now(), String(format)));
  environment.set('range', range);
  return environment;
}

function range(first: number, second?: number, step = 1): number[] {
  const [start, stop] = second === undefined ? [0, first] : [first, second];
  if (step === 0) throw new RangeError('range() arg 3 must not be zero');
  const length = Math.max(0, Math.ceil((stop - start) / step));
  return Array.from({ length }, (_, index) => start + index * step);
}

/** A value as an expression of the template language: the only way in which a float that is whole stays one. */
function nodeOf(value: JsonValue): TemplateNode {
  if (value instanceof PythonFloat) return literal('FloatLiteral', value.value);
  if (typeof value === 'number') return literal(Number.isInteger(value) ? 'IntegerLiteral' : 'FloatLiteral', value);
  if (typeof value === 'string') return literal('StringLiteral', value);
  if (value === null || typeof value === 'boolean') return literal('Identifier', value === null ? 'none' : String(value));
  if (isJsonObject(value)) {
    const entries = Object.entries(value).flatMap(([key, each]): [TemplateNode, TemplateNode][] =>
      each === undefined ? [] : [[literal('StringLiteral', key), nodeOf(each)]],
    );
    return literal('ObjectLiteral', new Map(entries));
  }
  return literal('ArrayLiteral', value.map(nodeOf));
}
