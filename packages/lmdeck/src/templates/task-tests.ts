import type { RuntimeValue } from '../jinja/index.ts';
import { pythonStrMethod } from '../python/index.ts';
import { defined, kindOf, maybeItems, numberOf, operate, str, type Arguments, type Maker } from './task-values.ts';

/** A test of Jinja: what stands after `is`. */
export type TaskTest = (value: RuntimeValue, given: Arguments, make: Maker) => boolean;

const alone: Readonly<Record<string, (value: RuntimeValue, make: Maker) => boolean>> = {
  boolean: (value) => value.type === 'BooleanValue',
  callable: (value) => value.type === 'FunctionValue',
  defined: (value) => value.type !== 'UndefinedValue',
  escaped: () => false,
  even: (value, make) => isRemainder(value, make.of(2), 0, make),
  false: (value) => value.value === false,
  float: (value) => value.type === 'FloatValue',
  integer: (value) => value.type === 'IntegerValue',
  iterable: (value, make) => maybeItems(defined(value), make) !== undefined,
  lower: (value) => pythonStrMethod('islower')?.(str(value), [], new Map()) === true,
  mapping: (value) => value.type === 'ObjectValue',
  none: (value) => value.type === 'NullValue',
  number: (value) => numberOf(value) !== undefined,
  odd: (value, make) => isRemainder(value, make.of(2), 1, make),
  sequence: (value, make) => maybeItems(defined(value), make) !== undefined,
  string: (value) => value.type === 'StringValue',
  true: (value) => value.value === true,
  undefined: (value) => value.type === 'UndefinedValue',
  upper: (value) => pythonStrMethod('isupper')?.(str(value), [], new Map()) === true,
};

const operators: Readonly<Record<string, string>> = {
  ...Object.fromEntries(['==', '!=', '<', '<=', '>', '>=', 'in'].map((each) => [each, each])),
  eq: '==',
  equalto: '==',
  ge: '>=',
  greaterthan: '>',
  gt: '>',
  le: '<=',
  lessthan: '<',
  lt: '<',
  ne: '!=',
};

/** The test of a name. @throws TypeError for one that Jinja has not, or that is not known here. */
export function taskTest(name: string): TaskTest {
  const simple = Object.hasOwn(alone, name) ? alone[name] : undefined;
  if (simple !== undefined) {
    return (value, { positional, named }, make) => {
      if (positional.length + named.size > 0) throw new TypeError(`the test '${name}' takes no argument`);
      return simple(value, make);
    };
  }
  const operator = Object.hasOwn(operators, name) ? operators[name] : undefined;
  if (operator !== undefined) return (value, given, make) => operate(operator, value, only(name, given), make).value === true;
  if (name === 'divisibleby') return (value, given, make) => isRemainder(value, only(name, given), 0, make);
  if (name === 'sameas') return (value, given) => isSame(value, only(name, given));
  const known = [...Object.keys(alone), ...Object.keys(operators).filter((each) => /^\w/.test(each)), 'divisibleby', 'sameas'];
  throw new TypeError(`there is no test '${name}' (known: ${known.toSorted().join(', ')})`);
}

function isRemainder(value: RuntimeValue, divisor: RuntimeValue, remainder: number, make: Maker): boolean {
  if (numberOf(value) === undefined) throw new TypeError(`${kindOf(value)} cannot be divided`);
  return operate('%', value, divisor, make).value === remainder;
}

function only(name: string, { positional, named }: Arguments): RuntimeValue {
  const [argument, ...others] = [...positional, ...named.values()];
  if (argument === undefined || others.length > 0) throw new TypeError(`the test '${name}' takes one argument`);
  return argument;
}

/** `left is right`: the same object; texts and numbers are the same when they are equal. */
function isSame(left: RuntimeValue, right: RuntimeValue): boolean {
  return left.type === right.type && left.value === right.value;
}
