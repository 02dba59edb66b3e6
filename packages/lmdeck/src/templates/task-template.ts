import { LmdeckError } from '../core/index.ts';
import {
  addGlobals,
  Environment,
  fromRuntime,
  isNode,
  isRuntimeValue,
  literalOf,
  parse,
  PythonInterpreter,
  statementsOf,
  tokenize,
  withPlainNames,
  withPythonNodes,
  withUnicodeNames,
  type RuntimeValue,
  type TemplateEnvironment,
  type TemplateNode,
} from '../jinja/index.ts';
import { pythonRegex, pythonStr } from '../python/index.ts';
import type { TaskTemplate, TemplateVariables } from './jinja.ts';

/** Reads a template; loaded apart, because it brings the library with it. @throws LmdeckError `config` for text that is none. */
export function compileTaskTemplate(source: string): TaskTemplate {
  // The lexer drops one newline at the very end, as Jinja does unless it is told to keep it.
  const kept = source.endsWith('\n') ? `${source}\n` : source;
  const program = guard(source, () => withPythonNodes(withUnicodeNames(parse(tokenize(withPlainNames(kept), {})))));
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
    render: (variables) => run(variables, (interpreter) => textOf(interpreter.run(program))),
    value: (variables) =>
      run(variables, (interpreter, environment) =>
        only === undefined ? textOf(interpreter.run(program)) : fromRuntime(interpreter.evaluate(only, environment)),
      ),
  };
}

/** What the dialect of task files has besides or otherwise: what is undefined is an error, `regex_replace`, dicts with numbers as keys. */
class StrictInterpreter extends PythonInterpreter {
  /** Above 0 inside of `is defined`, `is undefined` and `default(…)`, which may ask for what is not there. */
  #lenient = 0;

  constructor(environment: TemplateEnvironment) {
    super(environment, 'python', 'jinja');
  }

  override evaluate(node: TemplateNode | undefined, scope: TemplateEnvironment): RuntimeValue {
    switch (node?.type) {
      case 'FilterExpression': {
        const name = (node.filter?.callee ?? node.filter)?.value;
        if (name === 'regex_replace') return this.#regexReplace(node, scope);
        if (name === 'default' || name === 'd') return this.#leniently(node, scope);
        break;
      }
      case 'BinaryExpression': {
        const sum = this.#joined(node, scope);
        if (sum !== undefined) return sum;
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
      if (node?.type === 'MemberExpression')
        throw new Error(`there is no member '${nameOf(node.property?.type === 'Key' ? node.property.operand : node.property)}'`);
    }
    return value;
  }

  /** `+` of texts; Python has none of a text and anything else. `undefined` for other operations. */
  #joined(node: TemplateNode, scope: TemplateEnvironment): RuntimeValue | undefined {
    if (!('operator' in node && 'left' in node && 'right' in node && isNode(node.left) && isNode(node.right))) return undefined;
    if (!(typeof node.operator === 'object' && node.operator !== null && 'value' in node.operator && node.operator.value === '+'))
      return undefined;
    const [left, right] = [this.evaluate(node.left, scope), this.evaluate(node.right, scope)];
    if (left.type !== 'StringValue' && right.type !== 'StringValue') return undefined;
    if (left.type === right.type) return super.evaluate(literalOf(String(left.value) + String(right.value)), scope);
    const other = left.type === 'StringValue' ? right : left;
    throw new TypeError(`text and ${textOf(other)} cannot be added with +; join them with ~, or make it text with | string`);
  }

  /** The library's objects have keys of text only; Python's are often numbers. */
  #withTextKeys(node: TemplateNode, scope: TemplateEnvironment): TemplateNode {
    if (!(node.value instanceof Map)) return node;
    const entries: [TemplateNode, unknown][] = [];
    for (const [key, value] of node.value)
      entries.push([literalOf(pythonStr(fromRuntime(this.evaluate(isNode(key) ? key : undefined, scope)))), value]);
    return { ...node, value: new Map(entries) };
  }

  #memberOfNumber(node: TemplateNode, scope: TemplateEnvironment): RuntimeValue | undefined {
    const object = this.evaluate(node.object, scope);
    const key = this.evaluate(node.property, scope);
    if (object.type !== 'ObjectValue' || key.type === 'StringValue' || !(object.value instanceof Map)) return undefined;
    const member: unknown = object.value.get(pythonStr(fromRuntime(key)));
    return isRuntimeValue(member) ? member : undefined;
  }

  #leniently(node: TemplateNode, scope: TemplateEnvironment): RuntimeValue {
    this.#lenient++;
    try {
      return super.evaluate(node, scope);
    } finally {
      this.#lenient--;
    }
  }

  #regexReplace(node: TemplateNode, scope: TemplateEnvironment): RuntimeValue {
    const args = node.filter?.args ?? [];
    const given = (at: number, name: string): TemplateNode | undefined => {
      const named = args.find((each) => each.type === 'KeywordArgumentExpression' && each.key?.value === name);
      return named === undefined
        ? args.filter((each) => each.type !== 'KeywordArgumentExpression')[at]
        : isNode(named.value)
          ? named.value
          : undefined;
    };
    const text = (each: TemplateNode | undefined): string => (each === undefined ? '' : textOf(this.evaluate(each, scope)));
    const count = given(2, 'count');
    const times = count === undefined ? 0 : Number(this.evaluate(count, scope).value);
    const replaced = pythonRegex(text(given(0, 'pattern'))).sub(text(given(1, 'repl')), text(node.operand), times);
    return super.evaluate(literalOf(replaced), scope);
  }
}

function nameOf(node: TemplateNode | undefined): string {
  return typeof node?.value === 'string' ? node.value : '';
}

function textOf(value: RuntimeValue): string {
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
