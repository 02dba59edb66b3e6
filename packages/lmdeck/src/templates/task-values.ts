import { compareCodePoints, pythonFloat, type PythonValue } from '../python/index.ts';
import { equal, fieldsOf, fromRuntime, itemsOf, printed, type RuntimeValue } from '../jinja/index.ts';

/** What a filter, a test or a method is given. */
export interface Arguments {
  readonly positional: readonly RuntimeValue[];
  readonly named: ReadonlyMap<string, RuntimeValue>;
}

/** Makes values of the running template; `undefined` is what is undefined in it. */
export interface Maker {
  of(value: PythonValue): RuntimeValue;
  list(items: readonly RuntimeValue[]): RuntimeValue;
  tuple(items: readonly RuntimeValue[]): RuntimeValue;
  dict(fields: Iterable<readonly [name: string, value: RuntimeValue]>): RuntimeValue;
}

/** Arguments by place or by name, in the order of the parameters; `undefined` for those that are not given. @throws TypeError for others. */
export function bind(
  what: string,
  { positional, named }: Arguments,
  ...parameters: readonly string[]
): readonly (RuntimeValue | undefined)[] {
  if (positional.length > parameters.length)
    throw new TypeError(`${what} takes ${parameters.length} argument(s), and ${positional.length} are given`);
  for (const name of named.keys()) {
    const place = parameters.indexOf(name);
    if (place < 0) throw new TypeError(`${what} has no argument '${name}'`);
    if (place < positional.length) throw new TypeError(`${what} got the argument '${name}' twice`);
  }
  return parameters.map((name, index) => (index < positional.length ? positional[index] : named.get(name)));
}

/** `str(value)`. @throws TypeError for what is undefined. */
export function str(value: RuntimeValue): string {
  return printed(defined(value), 'python');
}

/** @throws TypeError for what is undefined. */
export function defined(value: RuntimeValue): RuntimeValue {
  if (value.type === 'UndefinedValue')
    throw new TypeError('something undefined is used: a member that is not there, or an item of an empty list');
  return value;
}

/** The name of a value's type in Python. */
export function kindOf(value: RuntimeValue): string {
  const kinds: Readonly<Record<string, string>> = {
    ArrayValue: 'list',
    BooleanValue: 'bool',
    FloatValue: 'float',
    FunctionValue: 'function',
    IntegerValue: 'int',
    NamespaceValue: 'namespace',
    NullValue: 'NoneType',
    ObjectValue: 'dict',
    StringValue: 'str',
    TupleValue: 'tuple',
    UndefinedValue: 'undefined',
  };
  return kinds[value.type] ?? value.type;
}

/** The number that a value is in arithmetic; a boolean is 0 or 1. */
export function numberOf({ value, type }: RuntimeValue): number | undefined {
  return typeof value === 'number' || type === 'BooleanValue' ? Number(value) : undefined;
}

/** @throws TypeError for what is no whole number. */
export function whole(value: RuntimeValue, what: string): number {
  const number = numberOf(value);
  if (number === undefined || value.type === 'FloatValue') throw new TypeError(`${what} must be a whole number, not ${kindOf(value)}`);
  return number;
}

/** What a loop over the value goes over; `undefined` for what has no items. */
export function maybeItems(value: RuntimeValue, make: Maker): readonly RuntimeValue[] | undefined {
  if (typeof value.value === 'string') return Array.from(value.value, (each) => make.of(each));
  return itemsOf(value) ?? (value.type === 'ObjectValue' ? fieldsOf(value)?.map(([name]) => make.of(name)) : undefined);
}

/** {@link maybeItems}. @throws TypeError for what has none. */
export function items(value: RuntimeValue, make: Maker): readonly RuntimeValue[] {
  const found = maybeItems(defined(value), make);
  if (found === undefined) throw new TypeError(`'${kindOf(value)}' object is not iterable`);
  return found;
}

/** Negative when `left < right`, positive when `left > right`. @throws TypeError for values that have no order. */
export function compare(left: RuntimeValue, right: RuntimeValue): number {
  const [a, b] = [numberOf(defined(left)), numberOf(defined(right))];
  if (a !== undefined && b !== undefined) return a < b ? -1 : a > b ? 1 : 0;
  if (typeof left.value === 'string' && typeof right.value === 'string') return compareCodePoints(left.value, right.value);
  const [those, others] = [itemsOf(left), itemsOf(right)];
  if (those === undefined || others === undefined || left.type !== right.type)
    throw new TypeError(`${kindOf(left)} and ${kindOf(right)} cannot be compared`);
  for (const [index, each] of those.entries()) {
    const other = others[index];
    if (other === undefined) return 1;
    if (!equal(defined(each), defined(other))) return compare(each, other);
  }
  return those.length - others.length;
}

/** A binary operation of Python. @throws TypeError when the values do not have it. */
export function operate(operator: string, left: RuntimeValue, right: RuntimeValue, make: Maker): RuntimeValue {
  defined(left);
  defined(right);
  switch (operator) {
    case '==':
      return make.of(equal(left, right));
    case '!=':
      return make.of(!equal(left, right));
    case '<':
      return make.of(compare(left, right) < 0);
    case '<=':
      return make.of(compare(left, right) <= 0);
    case '>':
      return make.of(compare(left, right) > 0);
    case '>=':
      return make.of(compare(left, right) >= 0);
    case 'in':
      return make.of(isIn(left, right, make));
    case 'not in':
      return make.of(!isIn(left, right, make));
    default: {
      const [a, b] = [numberOf(left), numberOf(right)];
      if (a !== undefined && b !== undefined) {
        const isFloat = operator === '/' || left.type === 'FloatValue' || right.type === 'FloatValue' || (operator === '**' && b < 0);
        const result = computed(operator, a, b);
        if (!isFloat && !Number.isSafeInteger(result))
          throw new RangeError(`${a} ${operator} ${b} is beyond 2^53, where whole numbers are not exact here`);
        return make.of(isFloat ? pythonFloat(result) : result);
      }
      return joined(operator, left, right, make);
    }
  }
}

function computed(operator: string, a: number, b: number): number {
  if (b === 0 && /^(?:\/\/?|%)$/.test(operator)) throw new RangeError('division by zero');
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '//':
      return Math.floor(a / b);
    case '%':
      return a - b * Math.floor(a / b);
    case '**':
      if (Number.isFinite(a ** b)) return a ** b;
      throw new RangeError(`${a} ** ${b} is no number that can be written`);
    default:
      throw new TypeError(`the operator ${operator} is not known here`);
  }
}

/** `+` and `*` of texts and lists. */
function joined(operator: string, left: RuntimeValue, right: RuntimeValue, make: Maker): RuntimeValue {
  const [a, b] = [itemsOf(left), itemsOf(right)];
  const isText = [left, right].map(({ value }) => typeof value === 'string');
  if (operator === '+') {
    if (isText[0] === true && isText[1] === true) return make.of(str(left) + str(right));
    if (isText.includes(true)) {
      const other = isText[0] === true ? right : left;
      throw new TypeError(`text and ${str(other)} cannot be added with +; join them with ~, or make it text with | string`);
    }
    if (a !== undefined && b !== undefined && left.type === right.type) return made(left, [...a, ...b], make);
  }
  const [times, many] = numberOf(left) === undefined ? [right, left] : [left, right];
  if (operator === '*' && (times.type === 'IntegerValue' || times.type === 'BooleanValue')) {
    const count = Math.max(0, Number(times.value));
    const repeated = itemsOf(many);
    if (typeof many.value === 'string') return make.of(many.value.repeat(count));
    if (repeated !== undefined) return made(many, Array.from({ length: count }, () => repeated).flat(), make);
  }
  throw new TypeError(`${kindOf(left)} and ${kindOf(right)} do not have the operator ${operator}`);
}

function made(like: RuntimeValue, all: readonly RuntimeValue[], make: Maker): RuntimeValue {
  return like.type === 'TupleValue' ? make.tuple(all) : make.list(all);
}

function isIn(left: RuntimeValue, right: RuntimeValue, make: Maker): boolean {
  if (typeof right.value !== 'string') {
    // The names of a dict are texts here, also those that were numbers.
    const each = right.type === 'ObjectValue' && left.type !== 'StringValue' ? make.of(str(left)) : left;
    return items(right, make).some((item) => equal(item, each));
  }
  if (typeof left.value === 'string') return right.value.includes(left.value);
  throw new TypeError(`'in <string>' requires string as left operand, not ${kindOf(left)}`);
}

/** The Python value of an argument; what is not given is `undefined`. */
export function plain(value: RuntimeValue | undefined): PythonValue {
  return value === undefined ? undefined : fromRuntime(value);
}

/** True for an argument that is given and that counts as true. */
export function truth(value: RuntimeValue | undefined): boolean {
  return value !== undefined && defined(value).__bool__().value;
}
