import { isPythonList, PythonFloat, pythonStr, PythonTuple, type PythonValue } from '../python/index.ts';
import { isRuntimeValue, literal, type RuntimeValue, type TemplateNode } from './library.ts';

/**
 * A Python value as a node that evaluates to it. The library's own conversion would turn the float 1.0 into the integer 1, and it does not
 * export its value classes.
 */
export function literalOf(value: PythonValue): TemplateNode {
  if (value === null || value === undefined) return { type: 'Comment' };
  switch (typeof value) {
    case 'string':
      return literal('StringLiteral', value);
    case 'number':
      return { type: Number.isInteger(value) ? 'IntegerLiteral' : 'FloatLiteral', value };
    case 'bigint':
      return { type: 'IntegerLiteral', value: Number(value) };
    case 'boolean':
      // The language has no constants, only variables; a test gives a boolean in every scope.
      return isText(!value);
    default:
      break;
  }
  if (value instanceof PythonFloat) return { type: 'FloatLiteral', value: value.value };
  if (isPythonList(value)) return { type: value instanceof PythonTuple ? 'TupleLiteral' : 'ArrayLiteral', value: value.map(literalOf) };
  const entries: readonly (readonly [PythonValue, PythonValue])[] = value instanceof Map ? [...value] : Object.entries(value);
  const given = entries.filter(([, member]) => member !== undefined);
  return {
    type: 'ObjectLiteral',
    value: new Map(given.map(([key, member]) => [literal('StringLiteral', pythonStr(key)), literalOf(member)])),
  };
}

/** `'' is string`, or that it is not. */
function isText(negate: boolean): TemplateNode & { readonly negate: boolean } {
  return { type: 'TestExpression', operand: literal('StringLiteral', ''), negate, test: { type: 'Identifier', value: 'string' } };
}

/** A value of a running template as the Python value that it stands for. */
export function fromRuntime(value: RuntimeValue): PythonValue {
  const { value: content } = value;
  switch (value.type) {
    case 'FloatValue':
      return typeof content === 'number' && Number.isInteger(content) ? new PythonFloat(content) : Number(content);
    case 'IntegerValue':
      return Number(content);
    case 'BooleanValue':
      return content === true;
    case 'StringValue':
      return String(content);
    case 'ArrayValue':
      return Array.isArray(content) ? content.filter(isRuntimeValue).map(fromRuntime) : [];
    case 'TupleValue':
      return new PythonTuple(Array.isArray(content) ? content.filter(isRuntimeValue).map(fromRuntime) : []);
    case 'ObjectValue':
    case 'NamespaceValue':
      return content instanceof Map
        ? new Map([...content].map(([key, member]) => [String(key), isRuntimeValue(member) ? fromRuntime(member) : null]))
        : null;
    case 'UndefinedValue':
      return undefined;
    default:
      return null;
  }
}
