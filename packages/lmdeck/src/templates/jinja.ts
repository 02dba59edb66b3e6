import { LmdeckError } from '../core/index.ts';
import { pythonRegex, pythonStr, type PythonValue } from '../python/index.ts';
import { pythonMethod, extraFilters } from './jinja-methods.ts';
import { fromRuntime, isRuntimeValue, literalOf } from './jinja-values.ts';
import type { JinjaEnvironment, JinjaInterpreter, JinjaLibrary, JinjaNode, JinjaValue } from './jinja-library.ts';

/** The variables of a template: the columns of a document. */
type TemplateVariables = Readonly<Record<string, PythonValue>>;

/** A template of a task file. */
export interface TaskTemplate {
  /** @throws LmdeckError `config` for a variable that does not exist, or any other mistake in the template. */
  render(variables: TemplateVariables): string;
  /**
   * What the template's only expression gives, before it becomes text: `{{ [a, b] }}` is a list. Any other template gives its text.
   * @throws LmdeckError like `render`.
   */
  value(variables: TemplateVariables): PythonValue;
}

/**
 * Jinja as evaluation task files use it: undefined variables are errors (`StrictUndefined`), the newline at the end stays, values are
 * written as Python writes them (`None`, `True`, `['a', 'b']`), and there is a filter `regex_replace(pattern, repl, count=0)`.
 */
export class TaskJinja {
  readonly #library: JinjaLibrary;
  readonly #interpreter: JinjaLibrary['Interpreter'];
  readonly #templates = new Map<string, TaskTemplate>();

  private constructor(library: JinjaLibrary) {
    this.#library = library;
    this.#interpreter = strictInterpreter(library);
  }

  static async load(): Promise<TaskJinja> {
    return new TaskJinja(await import('@huggingface/jinja'));
  }

  /** @throws LmdeckError `config` for text that is no template. */
  template(source: string): TaskTemplate {
    let template = this.#templates.get(source);
    if (template === undefined) {
      template = /\{[{%#]/.test(source) ? this.#compile(source) : { render: () => source, value: () => source };
      this.#templates.set(source, template);
    }
    return template;
  }

  #compile(source: string): TaskTemplate {
    const library = this.#library;
    // The lexer drops one newline at the very end, as Jinja does unless it is told to keep it.
    const kept = source.endsWith('\n') ? `${source}\n` : source;
    const program = guard(source, () => library.parse(library.tokenize(kept, {})));
    const body = program.body ?? [];
    markOutputs(body);
    const only = body.length === 1 && body[0]?.type === OUTPUT ? body[0].operand : undefined;
    const Strict = this.#interpreter;
    const run = <T>(variables: TemplateVariables, use: (interpreter: JinjaInterpreter, environment: JinjaEnvironment) => T): T =>
      guard(source, () => {
        const environment = new library.Environment();
        const interpreter = new Strict(environment);
        for (const name in variables) environment.setVariable(name, interpreter.evaluate(literalOf(variables[name]), environment));
        addGlobals(environment);
        return use(interpreter, environment);
      });
    return {
      render: (variables) => run(variables, (interpreter) => textOf(interpreter.run(program))),
      value: (variables) =>
        run(variables, (interpreter, environment) =>
          only === undefined ? textOf(interpreter.run(program)) : fromRuntime(interpreter.evaluate(only, environment)),
        ),
    };
  }
}

/** A node of our own around `{{ … }}` in a block: what it gives is written as Python writes it. */
const OUTPUT = 'TaskOutput';
const NO_OUTPUT = new Set([
  'If',
  'For',
  'Set',
  'Macro',
  'Break',
  'Continue',
  'CallStatement',
  'FilterStatement',
  'Comment',
  'StringLiteral',
]);

function markOutputs(block: JinjaNode[]): void {
  for (const [i, node] of block.entries()) {
    if (!NO_OUTPUT.has(node.type)) block[i] = { type: OUTPUT, operand: node };
    else for (const inner of [node.body, node.alternate, node.defaultBlock]) if (inner !== undefined) markOutputs(inner);
  }
}

/** The interpreter, with what the dialect of task files has besides or otherwise. */
function strictInterpreter({ Interpreter }: JinjaLibrary): JinjaLibrary['Interpreter'] {
  return class StrictInterpreter extends Interpreter {
    /** Above 0 inside of `is defined`, `is undefined` and `default(…)`, which may ask for what is not there. */
    #lenient = 0;

    override evaluate(node: JinjaNode | undefined, scope: JinjaEnvironment): JinjaValue {
      switch (node?.type) {
        case OUTPUT:
          return super.evaluate(literalOf(pythonStr(fromRuntime(this.evaluate(node.operand, scope)))), scope);
        case 'FilterExpression': {
          const name = (node.filter?.callee ?? node.filter)?.value;
          if (name === 'regex_replace') return this.#regexReplace(node, scope);
          if (name === 'default' || name === 'd') return this.#leniently(node, scope);
          const filtered = typeof name === 'string' && Object.hasOwn(extraFilters, name) ? this.#extraFilter(name, node, scope) : undefined;
          if (filtered !== undefined) return filtered;
          break;
        }
        case 'CallExpression': {
          const called = this.#method(node, scope);
          if (called !== undefined) return called;
          break;
        }
        case 'ObjectLiteral':
          return super.evaluate(this.#withTextKeys(node, scope), scope);
        case 'MemberExpression':
          if (node.computed === true && node.property?.type !== 'SliceExpression') {
            const member = this.#memberOfNumber(node, scope);
            if (member !== undefined) return member;
          }
          break;
        case 'TestExpression':
          if (node.test?.value === 'defined' || node.test?.value === 'undefined') return this.#leniently(node, scope);
          break;
        default:
          break;
      }
      const value = super.evaluate(node, scope);
      if (value.type === 'UndefinedValue' && this.#lenient === 0) {
        if (node?.type === 'Identifier') throw new Error(`'${nameOf(node)}' is undefined`);
        if (node?.type === 'MemberExpression') throw new Error(`there is no member '${nameOf(node.property)}'`);
      }
      return value;
    }

    /** A method of a Python string or list; `undefined` for any other call. */
    #method(node: JinjaNode, scope: JinjaEnvironment): JinjaValue | undefined {
      const { callee, args = [] } = node;
      const name = callee?.type === 'MemberExpression' && callee.computed !== true ? callee.property?.value : undefined;
      if (typeof name !== 'string' || args.some((each) => each.type === 'KeywordArgumentExpression' || each.type === 'SpreadExpression'))
        return undefined;
      const self = this.evaluate(callee?.object, scope);
      if (self.type !== 'StringValue' && self.type !== 'ArrayValue' && self.type !== 'TupleValue') return undefined;
      const method = pythonMethod(fromRuntime(self), name);
      return method === undefined
        ? undefined
        : super.evaluate(literalOf(method(args.map((each) => fromRuntime(this.evaluate(each, scope))))), scope);
    }

    #extraFilter(name: string, node: JinjaNode, scope: JinjaEnvironment): JinjaValue | undefined {
      const args = node.filter?.args ?? [];
      if (args.some((each) => each.type === 'KeywordArgumentExpression')) return undefined;
      const given = args.map((each) => fromRuntime(this.evaluate(each, scope)));
      const value = extraFilters[name]?.(fromRuntime(this.evaluate(node.operand, scope)), given);
      return value === undefined ? undefined : super.evaluate(literalOf(value), scope);
    }

    /** The library's objects have keys of text only; Python's are often numbers. */
    #withTextKeys(node: JinjaNode, scope: JinjaEnvironment): JinjaNode {
      if (!(node.value instanceof Map)) return node;
      const entries: [JinjaNode, unknown][] = [];
      for (const [key, value] of node.value) entries.push([literalOf(pythonStr(fromRuntime(this.evaluate(asNode(key), scope)))), value]);
      return { ...node, value: new Map(entries) };
    }

    #memberOfNumber(node: JinjaNode, scope: JinjaEnvironment): JinjaValue | undefined {
      const object = this.evaluate(node.object, scope);
      const key = this.evaluate(node.property, scope);
      if (object.type !== 'ObjectValue' || key.type === 'StringValue' || !(object.value instanceof Map)) return undefined;
      const member: unknown = object.value.get(pythonStr(fromRuntime(key)));
      return isRuntimeValue(member) ? member : undefined;
    }

    #leniently(node: JinjaNode, scope: JinjaEnvironment): JinjaValue {
      this.#lenient++;
      try {
        return super.evaluate(node, scope);
      } finally {
        this.#lenient--;
      }
    }

    #regexReplace(node: JinjaNode, scope: JinjaEnvironment): JinjaValue {
      const args = node.filter?.args ?? [];
      const given = (at: number, name: string): JinjaNode | undefined => {
        const named = args.find((each) => each.type === 'KeywordArgumentExpression' && each.key?.value === name);
        return named === undefined ? args.filter((each) => each.type !== 'KeywordArgumentExpression')[at] : asNode(named.value);
      };
      const text = (each: JinjaNode | undefined): string => (each === undefined ? '' : textOf(this.evaluate(each, scope)));
      const count = given(2, 'count');
      const times = count === undefined ? 0 : Number(this.evaluate(count, scope).value);
      const replaced = pythonRegex(text(given(0, 'pattern'))).sub(text(given(1, 'repl')), text(node.operand), times);
      return super.evaluate(literalOf(replaced), scope);
    }
  };
}

function nameOf(node: JinjaNode | undefined): string {
  return typeof node?.value === 'string' ? node.value : '';
}

function asNode(value: unknown): JinjaNode | undefined {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
    ? { ...value, type: value.type }
    : undefined;
}

/** The names that Jinja itself has; a document's column of the same name wins. */
function addGlobals(environment: JinjaEnvironment): void {
  for (const [name, value] of globals) if (!environment.variables.has(name)) environment.set(name, value);
}

const globals: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['none', null],
  ['True', true],
  ['False', false],
  ['None', null],
  ['range', range],
]);

function range(first: number, second?: number, step = 1): number[] {
  const [start, end] = second === undefined ? [0, first] : [first, second];
  return Array.from({ length: Math.max(0, Math.ceil((end - start) / step)) }, (_, i) => start + i * step);
}

function textOf(value: JinjaValue): string {
  return typeof value.value === 'string' ? value.value : pythonStr(fromRuntime(value));
}

function guard<T>(source: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (LmdeckError.isInstance(error)) throw error;
    const shown = source.length <= 200 ? source : `${source.slice(0, 200)}…`;
    const reason = error instanceof Error ? error.message : String(error);
    throw new LmdeckError('config', `template ${JSON.stringify(shown)}: ${reason}`, { cause: error });
  }
}
