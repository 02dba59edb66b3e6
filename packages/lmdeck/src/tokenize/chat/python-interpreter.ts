import {
  Environment,
  Interpreter,
  isNode,
  itemsOf,
  literal,
  type RuntimeValue,
  type TemplateEnvironment,
  type TemplateNode,
} from './jinja-library.ts';
import { jinjaTitle, pythonCapitalize, pythonLstrip, pythonRstrip, pythonStrip, pythonTitle } from '../../python/index.ts';
import { equal } from './python-equality.ts';
import { pythonJson, type JsonStyle } from './python-json.ts';
import { printed, type Printing } from './runtime-value.ts';
import { isPythonNode, type PythonNode, type StringMethod } from './template-nodes.ts';

/** A key that no dict has: what is looked up by something that can be no key is undefined. */
const NO_KEY = '\u0000';

const ITERABLE: ReadonlySet<string> = new Set(['ArrayValue', 'TupleValue', 'ObjectValue', 'StringValue', 'UndefinedValue']);

/** Runs a template whose tree has the nodes of `withPythonNodes`. */
export class PythonInterpreter extends Interpreter {
  readonly #printing: Printing;

  constructor(environment: TemplateEnvironment, printing: Printing) {
    super(environment);
    this.#printing = printing;
  }

  override evaluate(node: TemplateNode | undefined, environment: TemplateEnvironment): RuntimeValue {
    if (node === undefined || !isPythonNode(node)) return super.evaluate(node, environment);
    switch (node.type) {
      case 'Join': {
        const left = printed(this.evaluate(node.left, environment), this.#printing);
        return this.#text(left + printed(this.evaluate(node.right, environment), this.#printing), environment);
      }
      case 'Equality': {
        const same = equal(this.evaluate(node.left, environment), this.evaluate(node.right, environment));
        return this.#truth(same !== node.negated, environment);
      }
      case 'Scope':
        return super.evaluate(node.operand, new Environment(environment));
      default:
        return this.#changed(node, this.evaluate(node.operand, environment), environment);
    }
  }

  /** What becomes of a value. */
  #changed(
    node: Exclude<PythonNode, { readonly type: 'Join' | 'Equality' | 'Scope' }>,
    value: RuntimeValue,
    environment: TemplateEnvironment,
  ): RuntimeValue {
    switch (node.type) {
      case 'Print':
        return value.type === 'StringValue' ? value : this.#text(printed(value, this.#printing), environment);
      case 'ToJson':
        return this.#text(pythonJson(value, this.#style(node.arguments, environment)), environment);
      case 'StringCall':
        return typeof value.value === 'string'
          ? this.#text(stringCall(value.value, node.method, this.evaluate(node.arguments[0], environment)), environment)
          : super.evaluate(node.original, environment);
      case 'Key':
        return value.type === 'StringValue' || value.type === 'IntegerValue' ? value : this.#text(NO_KEY, environment);
      case 'Filtered':
        return value.type === 'UndefinedValue' ? super.evaluate(node.substitute, environment) : value;
      case 'IsIterable':
        return this.#truth(ITERABLE.has(value.type) !== node.negated, environment);
      case 'Iterable':
        if (value.type === 'UndefinedValue') return super.evaluate(literal('ArrayLiteral', []), environment);
        return typeof value.value === 'string' ? super.evaluate(characters(value.value), environment) : value;
    }
  }

  #truth(value: boolean, environment: TemplateEnvironment): RuntimeValue {
    return super.evaluate(literal('Identifier', value ? 'True' : 'False'), environment);
  }

  #text(text: string, environment: TemplateEnvironment): RuntimeValue {
    return super.evaluate(literal('StringLiteral', text), environment);
  }

  /** `tojson(ensure_ascii=False, indent=None, separators=None, sort_keys=False)`, by place or by name. */
  #style(given: readonly TemplateNode[], environment: TemplateEnvironment): JsonStyle {
    const values = new Map<string, RuntimeValue>();
    for (const [index, node] of given.entries()) {
      const [name, value] = named(node) ?? [['ensure_ascii', 'indent', 'separators', 'sort_keys'][index], node];
      if (name !== undefined) values.set(name, this.evaluate(value, environment));
    }
    const indent = values.get('indent')?.value;
    return {
      ensureAscii: isTrue(values.get('ensure_ascii')),
      indent: typeof indent === 'number' ? ' '.repeat(Math.max(0, indent)) : typeof indent === 'string' ? indent : undefined,
      separators: separators(values.get('separators')),
      sortKeys: isTrue(values.get('sort_keys')),
    };
  }
}

function stringCall(text: string, method: StringMethod, argument: RuntimeValue): string {
  const chars = typeof argument.value === 'string' ? argument.value : undefined;
  switch (method) {
    case 'strip':
      return pythonStrip(text, chars);
    case 'lstrip':
      return pythonLstrip(text, chars);
    case 'rstrip':
      return pythonRstrip(text, chars);
    case 'capitalize':
      return pythonCapitalize(text);
    case 'title':
      return pythonTitle(text);
    case 'titleFilter':
      return jinjaTitle(text);
  }
}

function characters(text: string): TemplateNode {
  return literal(
    'ArrayLiteral',
    Array.from(text, (char) => literal('StringLiteral', char)),
  );
}

function named(node: TemplateNode): [name: string, value: TemplateNode] | undefined {
  if (node.type !== 'KeywordArgumentExpression' || !('key' in node && 'value' in node)) return undefined;
  const { key, value } = node;
  return isNode(key) && 'value' in key && typeof key.value === 'string' && isNode(value) ? [key.value, value] : undefined;
}

function separators(value: RuntimeValue | undefined): JsonStyle['separators'] {
  const items = value === undefined ? undefined : itemsOf(value);
  if (items === undefined) return undefined;
  const [item, key] = items.map((each) => each.value);
  if (typeof item === 'string' && typeof key === 'string') return [item, key];
  throw new TypeError('tojson: separators are two strings');
}

function isTrue(value: RuntimeValue | undefined): boolean {
  return value !== undefined && value.__bool__().value;
}
