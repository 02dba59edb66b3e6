import {
  block,
  Environment,
  fieldsOf,
  fromRuntime,
  isNode,
  isRuntimeValue,
  itemsOf,
  literal,
  literalOf,
  PythonInterpreter,
  type RuntimeValue,
  type TemplateEnvironment,
  type TemplateNode,
} from '../jinja/index.ts';
import { pythonStr, pythonStrMethod } from '../python/index.ts';
import { applyFilter } from './task-filters.ts';
import { taskTest } from './task-tests.ts';
import { NEGATED_TEST, TEST, WITH } from './task-tokens.ts';
import { bind, items, operate, plain, str, type Arguments, type Maker } from './task-values.ts';

/** What the interpreter does with a loop variable that is several names: the nodes the library has are for names side by side only. */
const UNPACKED = 'Unpacked';
/** A node that is a value. */
const GIVEN = 'Given';

/**
 * What the dialect of task files has besides or otherwise: what is undefined is an error, Jinja's filters and tests, Python's operators, dicts
 * with numbers as keys. The tree is that of `taskTokens`.
 */
export class StrictInterpreter extends PythonInterpreter {
  /** What a test or `default(…)` is asked about: the only node that may be undefined. */
  #mayBeUndefined: TemplateNode | undefined;
  /** What `loop.changed` was last called with, for each loop that runs. */
  readonly #changed: (RuntimeValue | undefined)[] = [];

  /** Makes values that belong to this template. */
  readonly #make: Maker;

  constructor(environment: TemplateEnvironment) {
    super(environment, 'python');
    const listed = (type: string, all: readonly RuntimeValue[]): RuntimeValue =>
      super.evaluate(literal(type, all.map(valueNode)), environment);
    this.#make = {
      of: (value) => super.evaluate(value === undefined ? undefined : literalOf(value), environment),
      list: (all) => listed('ArrayLiteral', all),
      tuple: (all) => listed('TupleLiteral', all),
      dict: (fields) =>
        super.evaluate(
          literal('ObjectLiteral', new Map(Array.from(fields, ([name, value]) => [literal('StringLiteral', name), valueNode(value)]))),
          environment,
        ),
    };
  }

  override evaluate(node: TemplateNode | undefined, scope: TemplateEnvironment): RuntimeValue {
    const value = this.#own(node, scope) ?? super.evaluate(node, scope);
    if (value.type === 'UndefinedValue' && node !== this.#mayBeUndefined) {
      if (node?.type === 'Identifier') throw new Error(`'${nameOf(node)}' is undefined`);
      if (node?.type === 'MemberExpression')
        throw new Error(`there is no member '${nameOf(node.property?.type === 'Key' ? node.property.operand : node.property)}'`);
      if (node?.type === 'FilterExpression') throw new Error(`${nameOf(node.filter?.callee ?? node.filter)} gives nothing that is defined`);
    }
    return value;
  }

  /** What the library would do otherwise, or not at all; `undefined` for the rest. */
  #own(node: TemplateNode | undefined, scope: TemplateEnvironment): RuntimeValue | undefined {
    switch (node?.type) {
      case GIVEN:
        return isRuntimeValue(node.value) ? node.value : undefined;
      case 'PythonFilter':
      case 'ToJson':
        return 'original' in node && isNode(node.original) ? this.#instead(node, node.original, scope) : undefined;
      case 'FilterExpression':
        return this.#filtered(node, scope);
      case 'FilterStatement':
        return this.#blockOf(node, scope);
      case 'BinaryExpression':
        return this.#operation(node, scope);
      case 'Ternary':
        return this.#either(node, scope);
      case 'Remainder':
        return this.#remainder(node, scope);
      case 'ObjectLiteral':
        return super.evaluate(this.#withTextKeys(node, scope), scope);
      case 'MemberExpression':
        return this.#member(node, scope);
      case 'CallExpression':
        return this.#called(node, scope);
      case 'Set':
        return this.#captured(node, scope);
      case 'For':
        return this.#loop(node, scope);
      case UNPACKED:
        return this.#unpacked(node, scope);
      default:
        return undefined;
    }
  }

  #filtered(node: TemplateNode, scope: TemplateEnvironment): RuntimeValue {
    const name = nameOf(node.filter?.callee ?? node.filter);
    const make = this.#make;
    const test = name.startsWith(NEGATED_TEST)
      ? name.slice(NEGATED_TEST.length)
      : name.startsWith(TEST)
        ? name.slice(TEST.length)
        : undefined;
    const isLenient = test !== undefined || name === 'default' || name === 'd';
    const given = node.filter?.args ?? [];
    const operand = node.operand?.type === 'Filtered' ? node.operand.operand : node.operand;
    const value = isLenient ? this.#leniently(operand, scope) : this.evaluate(operand, scope);
    const args = this.#arguments(given, scope, isLenient);
    if (test === undefined) return applyFilter(name, value, args, make) ?? make.of(undefined);
    return make.of(taskTest(test)(value, args, make) !== name.startsWith(NEGATED_TEST));
  }

  /** `{% filter %}`, and `{% with %}` in its guise. */
  #blockOf(node: TemplateNode, scope: TemplateEnvironment): RuntimeValue | undefined {
    if (!('body' in node && Array.isArray(node.body))) return undefined;
    const inner = new Environment(scope);
    const isWith = nameOf(node.filter?.callee) === WITH;
    if (isWith) for (const [name, value] of this.#arguments(node.filter?.args ?? [], scope).named) inner.setVariable(name, value);
    const text = super.evaluate(block(node.body), inner);
    return isWith
      ? text
      : this.#filtered({ type: 'FilterExpression', operand: valueNode(text), ...(node.filter && { filter: node.filter }) }, scope);
  }

  /** `{% set x %}…{% endset %}`: what is set between the two is forgotten. */
  #captured(node: TemplateNode, scope: TemplateEnvironment): RuntimeValue | undefined {
    if (isNode(node.value) || !('body' in node && Array.isArray(node.body))) return undefined;
    const text = super.evaluate(block(node.body), new Environment(scope));
    return super.evaluate({ ...node, value: valueNode(text) }, scope);
  }

  #arguments(args: readonly TemplateNode[], scope: TemplateEnvironment, isLenient = false): Arguments {
    const positional: RuntimeValue[] = [];
    const named = new Map<string, RuntimeValue>();
    for (const each of args) {
      const spread = 'argument' in each && isNode(each.argument) ? each.argument : undefined;
      if (each.type === 'KeywordArgumentExpression')
        named.set(nameOf(each.key), this.evaluate(isNode(each.value) ? each.value : undefined, scope));
      else if (each.type === 'SpreadExpression') positional.push(...items(this.evaluate(spread, scope), this.#make));
      else if (each.type === 'KeywordSpreadExpression')
        for (const [name, value] of fieldsOf(this.evaluate(spread, scope)) ?? []) named.set(name, value);
      else positional.push(isLenient ? this.#leniently(each, scope) : this.evaluate(each, scope));
    }
    return { positional, named };
  }

  #operation(node: TemplateNode, scope: TemplateEnvironment): RuntimeValue | undefined {
    if (!('operator' in node && 'left' in node && 'right' in node && isNode(node.left) && isNode(node.right))) return undefined;
    const operator = isNode(node.operator) ? nameOf(node.operator) : '';
    if (operator === 'and' || operator === 'or') return undefined;
    return operate(operator, this.evaluate(node.left, scope), this.evaluate(node.right, scope), this.#make);
  }

  /** `a if b else c` may be undefined where it is asked for, as what it chooses. */
  #either(node: TemplateNode, scope: TemplateEnvironment): RuntimeValue | undefined {
    if (!('condition' in node && isNode(node.condition))) return undefined;
    if (!('trueExpr' in node && isNode(node.trueExpr) && 'falseExpr' in node && isNode(node.falseExpr))) return undefined;
    return this.#instead(node, this.evaluate(node.condition, scope).__bool__().value ? node.trueExpr : node.falseExpr, scope);
  }

  /** Evaluates a node in the place of another one; it may be undefined where that one may. */
  #instead(node: TemplateNode, other: TemplateNode, scope: TemplateEnvironment): RuntimeValue {
    return node === this.#mayBeUndefined ? this.#leniently(other, scope) : this.evaluate(other, scope);
  }

  /** `%` of anything but a text, which the base class fills in. */
  #remainder(node: TemplateNode, scope: TemplateEnvironment): RuntimeValue | undefined {
    if (!('left' in node && 'right' in node && isNode(node.left) && isNode(node.right))) return undefined;
    const [left, right] = [this.evaluate(node.left, scope), this.evaluate(node.right, scope)];
    if (typeof left.value !== 'string') return operate('%', left, right, this.#make);
    return super.evaluate(Object.assign({ ...node }, { left: valueNode(left), right: valueNode(right) }), scope);
  }

  /** The library's objects have keys of text only; Python's are often numbers. */
  #withTextKeys(node: TemplateNode, scope: TemplateEnvironment): TemplateNode {
    if (!(node.value instanceof Map)) return node;
    const entries: [TemplateNode, unknown][] = [];
    for (const [key, value] of node.value)
      entries.push([literalOf(pythonStr(fromRuntime(this.evaluate(isNode(key) ? key : undefined, scope)))), value]);
    return { ...node, value: new Map(entries) };
  }

  #member(node: TemplateNode, scope: TemplateEnvironment): RuntimeValue | undefined {
    if (node.computed !== true) {
      const depth = { depth: 1, depth0: 0 }[nameOf(node.property)];
      return depth !== undefined && this.#isLoop(node.object, scope) ? this.#make.of(depth) : undefined;
    }
    const object = this.evaluate(node.object, scope);
    if (node.property?.type === 'SliceExpression') {
      const part = super.evaluate({ ...node, object: valueNode(object) }, scope);
      return object.type === 'TupleValue' ? this.#make.tuple(itemsOf(part) ?? []) : part;
    }
    const key = this.evaluate(node.property, scope);
    const name = object.type === 'ObjectValue' ? this.#make.of(pythonStr(fromRuntime(key))) : key;
    return super.evaluate({ ...node, object: valueNode(object), property: valueNode(name) }, scope);
  }

  #isLoop(node: TemplateNode | undefined, scope: TemplateEnvironment): boolean {
    if (node?.type !== 'Identifier' || nameOf(node) !== 'loop') return false;
    const { value } = this.evaluate(node, scope);
    return value instanceof Map && value.has('revindex0');
  }

  /** `dict(…)`, and the methods that the library has not, or not with arguments by name. */
  #called(node: TemplateNode, scope: TemplateEnvironment): RuntimeValue | undefined {
    const { callee } = node;
    const make = this.#make;
    const args = (): Arguments => this.#arguments(node.args ?? [], scope);
    if (callee?.type === 'Identifier' && nameOf(callee) === 'dict' && this.#leniently(callee, scope).type === 'UndefinedValue')
      return dict(args(), make);
    if (callee?.type !== 'MemberExpression' || callee.computed === true) return undefined;
    const name = nameOf(callee.property);
    if ((name === 'cycle' || name === 'changed') && this.#isLoop(callee.object, scope)) return this.#loopMethod(name, args(), scope);
    const object = this.evaluate(callee.object, scope);
    if (typeof object.value === 'string') return stringMethod(name, object.value, args(), make);
    if (object.type === 'ObjectValue' && name === 'items') return applyFilter('items', object, args(), make);
    if (object.type === 'ObjectValue' && name === 'get') {
      const [key, instead] = bind('get', args(), 'key', 'default');
      const found = new Map(fieldsOf(object)).get(pythonStr(plain(key)));
      return found ?? instead ?? make.of(null);
    }
    if (object.type !== 'ArrayValue' || name !== 'append' || !Array.isArray(object.value))
      return super.evaluate({ ...node, callee: { ...callee, object: valueNode(object) } }, scope);
    object.value.push(...args().positional);
    return make.of(null);
  }

  #loopMethod(name: 'cycle' | 'changed', { positional }: Arguments, scope: TemplateEnvironment): RuntimeValue {
    const make = this.#make;
    if (name === 'cycle') {
      const index = new Map(fieldsOf(this.evaluate({ type: 'Identifier', value: 'loop' }, scope))).get('index0');
      const chosen = positional[Number(index?.value) % positional.length];
      if (chosen === undefined) throw new TypeError('loop.cycle: no items for cycling given');
      return chosen;
    }
    const before = this.#changed.pop();
    const now = make.list(positional);
    this.#changed.push(now);
    return make.of(before === undefined || operate('!=', before, now, make).value === true);
  }

  #loop(node: TemplateNode, scope: TemplateEnvironment): RuntimeValue {
    this.#changed.push(undefined);
    try {
      return super.evaluate(withUnpacking(node), scope);
    } finally {
      this.#changed.pop();
    }
  }

  /** The items of a loop over several names, each as a list with a value for every name. */
  #unpacked(node: TemplateNode, scope: TemplateEnvironment): RuntimeValue {
    const make = this.#make;
    const spread = (target: unknown, value: RuntimeValue): readonly RuntimeValue[] => {
      if (!isNode(target) || target.type !== 'TupleLiteral' || !Array.isArray(target.value)) return [value];
      const targets: readonly unknown[] = target.value;
      const all = items(value, make);
      if (all.length !== targets.length)
        throw new TypeError(`${targets.length} names in {% for %}, but ${all.length} values in ${str(value)}`);
      return targets.flatMap((each, index) => spread(each, all[index] ?? value));
    };
    const each = items(this.evaluate(node.operand, scope), make);
    return make.list(each.map((item) => make.list(spread(node.value, item))));
  }

  #leniently(node: TemplateNode | undefined, scope: TemplateEnvironment): RuntimeValue {
    const before = this.#mayBeUndefined;
    this.#mayBeUndefined = node;
    try {
      return this.evaluate(node, scope);
    } finally {
      this.#mayBeUndefined = before;
    }
  }
}

function valueNode(value: RuntimeValue): TemplateNode {
  return literal(GIVEN, value);
}

/** `for (a, b), c in x if y`: names side by side, and what gives as many values. */
function withUnpacking(node: TemplateNode): TemplateNode {
  if (!('loopvar' in node && isNode(node.loopvar) && 'iterable' in node && isNode(node.iterable))) return node;
  const { iterable, loopvar } = node;
  if (loopvar.type !== 'TupleLiteral') return node;
  const unpacked = (operand: TemplateNode): TemplateNode => ({ type: UNPACKED, operand, value: loopvar });
  const selected = iterable.type === 'SelectExpression' && 'lhs' in iterable && isNode(iterable.lhs) ? iterable.lhs : undefined;
  const from = selected === undefined ? unpacked(iterable) : { ...iterable, lhs: unpacked(selected) };
  return Object.assign({ ...node }, { loopvar: literal('TupleLiteral', names(loopvar)), iterable: from });
}

function names(target: TemplateNode): readonly unknown[] {
  return target.type === 'TupleLiteral' && Array.isArray(target.value) ? target.value.filter(isNode).flatMap(names) : [target];
}

function dict({ positional: [from, ...others], named }: Arguments, make: Maker): RuntimeValue {
  if (others.length > 0) throw new TypeError(`dict takes one argument by place, and ${others.length + 1} are given`);
  const pairs =
    from === undefined ? [] : from.type === 'ObjectValue' ? (fieldsOf(from) ?? []) : items(from, make).map((pair) => keyed(pair, make));
  return make.dict(new Map([...pairs, ...named]));
}

function keyed(pair: RuntimeValue, make: Maker): [name: string, value: RuntimeValue] {
  const [key, value, ...others] = items(pair, make);
  if (key === undefined || value === undefined || others.length > 0) throw new TypeError(`dict takes pairs, and ${str(pair)} is none`);
  return [str(key), value];
}

/** A method with arguments by name: those by place only have nodes of their own. */
function stringMethod(name: string, self: string, { positional, named }: Arguments, make: Maker): RuntimeValue {
  const method = pythonStrMethod(name);
  if (method === undefined) throw new TypeError(`there is no method '${name}' of a text here`);
  return make.of(method(self, positional.map(plain), new Map(Array.from(named, ([key, each]) => [key, plain(each)]))));
}

function nameOf(node: TemplateNode | undefined): string {
  return typeof node?.value === 'string' ? node.value : '';
}
