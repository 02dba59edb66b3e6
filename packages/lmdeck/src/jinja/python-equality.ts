import { fieldsOf, itemsOf, type RuntimeValue } from './library.ts';

/** `left == right` of Python: by value, also for lists and dicts; only numbers and booleans compare across types. */
export function equal(left: RuntimeValue, right: RuntimeValue): boolean {
  const [a, b] = [left.value, right.value];
  if (isNumeric(a) && isNumeric(b)) return Number(a) === Number(b);
  const fields = fieldsOf(left);
  if (fields !== undefined) {
    const others = new Map(fieldsOf(right));
    return fieldsOf(right)?.length === fields.length && fields.every(([name, field]) => isSame(field, others.get(name)));
  }
  const items = itemsOf(left);
  if (items !== undefined) {
    const others = itemsOf(right);
    return others?.length === items.length && items.every((item, index) => isSame(item, others[index]));
  }
  return left.type === right.type && a === b;
}

function isSame(left: RuntimeValue, right: RuntimeValue | undefined): boolean {
  return right !== undefined && equal(left, right);
}

function isNumeric(value: unknown): value is number | boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}
