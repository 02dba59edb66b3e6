import {
  Environment,
  Interpreter,
  isNode,
  itemsOf,
  literal,
  type RuntimeValue,
  type TemplateEnvironment,
  type TemplateNode,
} from './library.ts';
import { isPythonList, percentFormat, pythonFloat, pythonStr, type PythonValue } from '../python/index.ts';
import { equal } from './python-equality.ts';
import { fromRuntime, literalOf } from './python-values.ts';
import { toJson, type JsonStyle } from './to-json.ts';
import { printed, type Printing } from './runtime-value.ts';
import { isPythonNode, type PythonNode } from './template-nodes.ts';

/** A key that no dict has: what is looked up by something that can be no key is undefined. */
const NO_KEY = '\u0000';

const ITERABLE: ReadonlySet<string> = new Set(['ArrayValue', 'TupleValue', 'ObjectValue', 'StringValue', 'UndefinedValue']);

type NodeOf<T extends PythonNode['type']> = Extract<PythonNode, { readonly type: T }>;

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
      case 'Remainder':
        return this.#remainder(this.evaluate(node.left, environment), this.evaluate(node.right, environment), node, environment);
      case 'Scope':
        return super.evaluate(node.operand, new Environment(environment));
      default:
        return this.#changed(node, this.evaluate(node.operand, environment), environment);
    }
  }

  /** What becomes of a value. */
  #changed(
    node: Exclude<PythonNode, { readonly type: 'Join' | 'Equality' | 'Remainder' | 'Scope' }>,
    value: RuntimeValue,
    environment: TemplateEnvironment,
  ): RuntimeValue {
    switch (node.type) {
      case 'Print':
        return value.type === 'StringValue' ? value : this.#text(printed(value, this.#printing), environment);
      case 'ToJson':
        return this.#text(this.#toJson(value, node.arguments, environment), environment);
      case 'Method':
        return this.#called(node, value, environment) ?? this.evaluate(node.original, environment);
      case 'PythonFilter':
        return this.#filtered(node, value, environment) ?? this.evaluate(node.original, environment);
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

  /** A method of a string or a list; `undefined` for any other value. */
  #called(node: NodeOf<'Method'>, value: RuntimeValue, environment: TemplateEnvironment): RuntimeValue | undefined {
    const { ofText, ofList } = node.method;
    if (typeof value.value === 'string')
      return ofText && this.#value(ofText(value.value, this.#given(node, environment), new Map()), environment);
    if (ofList === undefined || (value.type !== 'ArrayValue' && value.type !== 'TupleValue')) return undefined;
    return this.#value(ofList(listOf(value), this.#given(node, environment)), environment);
  }

  #filtered(node: NodeOf<'PythonFilter'>, value: RuntimeValue, environment: TemplateEnvironment): RuntimeValue | undefined {
    const filter = node.apply;
    switch (filter.of) {
      case 'text': {
        const text = typeof value.value === 'string' ? value.value : pythonStr(fromRuntime(value));
        return this.#value(filter.apply(text, this.#given(node, environment)), environment);
      }
      case 'string':
        return typeof value.value === 'string'
          ? this.#value(filter.apply(value.value, this.#given(node, environment)), environment)
          : undefined;
      case 'list': {
        if (value.type !== 'ArrayValue' && value.type !== 'TupleValue') return undefined;
        const result = filter.apply(listOf(value), this.#given(node, environment));
        return result === undefined ? undefined : this.#value(result, environment);
      }
      default:
        return typeof value.value === 'number'
          ? this.#value(filter.apply(value.value, this.#given(node, environment)), environment)
          : undefined;
    }
  }

  #given(node: { readonly arguments: readonly TemplateNode[] }, environment: TemplateEnvironment): readonly PythonValue[] {
    return node.arguments.map((each) => fromRuntime(this.evaluate(each, environment)));
  }

  #value(value: PythonValue, environment: TemplateEnvironment): RuntimeValue {
    return super.evaluate(literalOf(value), environment);
  }

  #truth(value: boolean, environment: TemplateEnvironment): RuntimeValue {
    return super.evaluate(literalOf(value), environment);
  }

  #text(text: string, environment: TemplateEnvironment): RuntimeValue {
    return super.evaluate(literal('StringLiteral', text), environment);
  }

  /** Python's `%`: of numbers the remainder has the sign of the divisor, of texts it fills in. */
  #remainder(left: RuntimeValue, right: RuntimeValue, node: NodeOf<'Remainder'>, environment: TemplateEnvironment): RuntimeValue {
    const [a, b] = [left.value, right.value];
    if (typeof a === 'string') {
      const given = right.type === 'TupleValue' ? listOf(right) : [fromRuntime(right)];
      return this.#text(percentFormat(a, given), environment);
    }
    if (typeof a !== 'number' || typeof b !== 'number') return super.evaluate(node.original, environment);
    if (b === 0) throw new RangeError('modulo by zero');
    const remainder = a % b;
    const moved = remainder !== 0 && remainder < 0 !== b < 0 ? remainder + b : remainder;
    const isFloat = left.type === 'FloatValue' || right.type === 'FloatValue';
    return this.#value(isFloat ? pythonFloat(moved) : moved, environment);
  }

  /** `tojson(ensure_ascii=False, indent=None, separators=None, sort_keys=False)`, by place or by name. */
  #toJson(value: RuntimeValue, given: readonly TemplateNode[], environment: TemplateEnvironment): string {
    const names = ['ensure_ascii', 'indent', 'separators', 'sort_keys'];
    const values = new Map<string, RuntimeValue>();
    for (const [index, node] of given.entries()) {
      const [name, argument] = named(node) ?? [names[index], node];
      if (name !== undefined) values.set(name, this.evaluate(argument, environment));
    }
    const indent = values.get('indent')?.value;
    const inner = typeof indent === 'number' ? ' '.repeat(Math.max(0, indent)) : typeof indent === 'string' ? indent : undefined;
    return toJson(value, {
      ensureAscii: isTrue(values.get('ensure_ascii')),
      indent: inner,
      separators: separators(values.get('separators')),
      sortKeys: isTrue(values.get('sort_keys')),
    });
  }
}

function listOf(value: RuntimeValue): readonly PythonValue[] {
  const list = fromRuntime(value);
  return isPythonList(list) ? list : [];
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
