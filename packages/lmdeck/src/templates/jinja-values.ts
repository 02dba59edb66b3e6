import { isPythonList, PythonFloat, pythonStr, type PythonValue } from '../python/index.ts';
import type { JinjaNode, JinjaValue } from './jinja-library.ts';

/**
 * A Python value as a node that evaluates to it. The library's own conversion would turn the float 1.0 into the integer 1, and it does not
 * export its value classes.
 */
export function literalOf(value: PythonValue): JinjaNode {
  if (value === null || value === undefined) return { type: 'Comment' };
  switch (typeof value) {
    case 'string':
      return stringLiteral(value);
    case 'number':
      return { type: Number.isInteger(value) ? 'IntegerLiteral' : 'FloatLiteral', value };
    case 'bigint':
      return { type: 'IntegerLiteral', value: Number(value) };
    case 'boolean':
      // The language has no constants, only variables; a test gives a boolean in every scope.
      return { type: 'TestExpression', operand: stringLiteral(''), negate: !value, test: { type: 'Identifier', value: 'string' } };
    default:
      break;
  }
  if (value instanceof PythonFloat) return { type: 'FloatLiteral', value: value.value };
  if (isPythonList(value)) return { type: 'ArrayLiteral', value: value.map(literalOf) };
  const entries: readonly (readonly [PythonValue, PythonValue])[] = value instanceof Map ? [...value] : Object.entries(value);
  return { type: 'ObjectLiteral', value: new Map(entries.map(([key, member]) => [stringLiteral(pythonStr(key)), literalOf(member)])) };
}

function stringLiteral(value: string): JinjaNode {
  return { type: 'StringLiteral', value };
}

/** A value of a running template as the Python value that it stands for. */
export function fromRuntime(value: JinjaValue): PythonValue {
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
    case 'TupleValue':
      return Array.isArray(content) ? content.filter(isRuntimeValue).map(fromRuntime) : [];
    case 'ObjectValue':
    case 'NamespaceValue':
      return content instanceof Map
        ? new Map([...content].map(([key, member]) => [String(key), isRuntimeValue(member) ? fromRuntime(member) : null]))
        : null;
    default:
      return null;
  }
}

export function isRuntimeValue(value: unknown): value is JinjaValue {
  return typeof value === 'object' && value !== null && '__bool__' in value;
}
