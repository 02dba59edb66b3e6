import { block, isNode, literal, type TemplateNode } from './library.ts';
import { pythonFilter, pythonMethod } from './python-methods.ts';
import { made } from './template-nodes.ts';

/** What filters of strings, lists and dicts take something undefined for. */
const UNDEFINED_AS: ReadonlyMap<unknown, TemplateNode> = new Map([
  ...named('trim upper lower title capitalize indent replace length', literal('StringLiteral', '')),
  ...named('list join sort reverse unique map selectattr rejectattr', literal('ArrayLiteral', [])),
  ...named('items dictsort', literal('ObjectLiteral', new Map())),
]);

/** Statements, and text between them: what prints nothing or text anyway. */
const STATEMENTS: ReadonlySet<string> = new Set(
  'If For Set Macro CallStatement FilterStatement Break Continue Comment StringLiteral'.split(' '),
);
const BLOCKS: ReadonlySet<string> = new Set(['body', 'alternate', 'defaultBlock']);

/**
 * Puts our own nodes where the library does not do as Python does: what is printed, `tojson`, `| string`, `~`, `==`, `%`, methods and filters
 * of strings and lists, loops over a string (its characters) or over nothing defined, what is iterable, what is set inside a loop, keys that no dict has,
 * filters of something undefined. The tree is changed in place.
 */
export function withPythonNodes(program: TemplateNode): TemplateNode {
  visit(program);
  return program;
}

function named(names: string, node: TemplateNode): [name: string, node: TemplateNode][] {
  return names.split(' ').map((name) => [name, node]);
}

function visit(node: object): void {
  for (const [name, child] of Object.entries(node)) {
    if (child instanceof Map) {
      const entries = Array.from(child, ([key, value]): [unknown, unknown] => [replaced(key), replaced(value)]);
      child.clear();
      for (const [key, value] of entries) child.set(key, value);
    } else if (Array.isArray(child)) {
      const items: unknown[] = child;
      for (const [index, item] of items.entries()) items[index] = BLOCKS.has(name) ? statement(replaced(item)) : replaced(item);
    } else if (isNode(child)) Reflect.set(node, name, replaced(child));
  }
}

function replaced(node: unknown): unknown {
  if (!isNode(node)) return node;
  visit(node);
  return own(node) ?? node;
}

function statement(node: unknown): unknown {
  return isNode(node) && !STATEMENTS.has(node.type) ? made(node, { type: 'Print', operand: node }) : node;
}

/** What stands in the place of a node; `undefined` where it stays, perhaps with a part of it replaced. */
function own(node: TemplateNode): TemplateNode | undefined {
  switch (node.type) {
    case 'FilterExpression':
      return 'operand' in node && 'filter' in node && isNode(node.operand) && isNode(node.filter)
        ? ownFilter(node, node.operand, node.filter)
        : undefined;
    case 'CallExpression':
      return 'callee' in node && isNode(node.callee) ? ownCall(node, node.callee) : undefined;
    case 'BinaryExpression':
      return 'operator' in node && 'left' in node && 'right' in node && isNode(node.left) && isNode(node.right)
        ? ownOperation(node, nameOf(node.operator), node.left, node.right)
        : undefined;
    case 'MemberExpression':
      if ('computed' in node && node.computed && 'property' in node && isNode(node.property) && node.property.type !== 'SliceExpression')
        Reflect.set(node, 'property', made(node.property, { type: 'Key', operand: node.property }));
      return undefined;
    case 'TestExpression':
      return 'operand' in node && isNode(node.operand) && 'test' in node && nameOf(node.test) === 'iterable'
        ? made(node, { type: 'IsIterable', operand: node.operand, negated: 'negate' in node && node.negate === true })
        : undefined;
    case 'For':
      if ('iterable' in node && isNode(node.iterable)) overIterable(node, 'iterable', node.iterable);
      if ('body' in node && Array.isArray(node.body) && setsSomething(node.body)) {
        Reflect.set(node, 'body', [made(node, { type: 'Scope', operand: block(node.body) })]);
      }
      return undefined;
    default:
      return undefined;
  }
}

function ownFilter(node: TemplateNode, operand: TemplateNode, filter: TemplateNode): TemplateNode | undefined {
  const name = nameOf(filter.type === 'CallExpression' && 'callee' in filter ? filter.callee : filter);
  if (name === 'tojson') return made(operand, { type: 'ToJson', operand, arguments: argumentsOf(filter), original: node });
  if (name === 'string') return made(operand, { type: 'Print', operand });
  const substitute = UNDEFINED_AS.get(name);
  const filtered = substitute === undefined ? operand : made(operand, { type: 'Filtered', operand, substitute });
  Reflect.set(node, 'operand', filtered);
  const apply = typeof name === 'string' ? pythonFilter(name) : undefined;
  const given = argumentsOf(filter);
  if (apply === undefined || !given.every(isByPlace)) return undefined;
  return made(operand, { type: 'PythonFilter', operand: filtered, apply, arguments: given, original: node });
}

function ownCall(node: TemplateNode, callee: TemplateNode): TemplateNode | undefined {
  if (callee.type !== 'MemberExpression' || !('object' in callee && 'property' in callee) || !isNode(callee.object)) return undefined;
  const name = callee.computed === true ? undefined : nameOf(callee.property);
  const method = typeof name === 'string' ? pythonMethod(name) : undefined;
  const given = argumentsOf(node);
  if (method === undefined || !given.every(isByPlace)) return undefined;
  return made(node, { type: 'Method', operand: callee.object, method, arguments: given, original: node });
}

function ownOperation(node: TemplateNode, operator: unknown, left: TemplateNode, right: TemplateNode): TemplateNode | undefined {
  if (operator === '~') return made(left, { type: 'Join', left, right });
  if (operator === '%') return made(left, { type: 'Remainder', left, right, original: node });
  return operator === '==' || operator === '!=' ? made(left, { type: 'Equality', left, right, negated: operator === '!=' }) : undefined;
}

/** `for x in y if z`: the condition is outside of what the loop goes over. */
function overIterable(node: TemplateNode, field: string, iterable: TemplateNode): void {
  if (iterable.type === 'SelectExpression' && 'lhs' in iterable && isNode(iterable.lhs)) overIterable(iterable, 'lhs', iterable.lhs);
  else Reflect.set(node, field, made(iterable, { type: 'Iterable', operand: iterable }));
}

/** Most loops set nothing, and a scope takes time. */
function setsSomething(node: object): boolean {
  return Object.values(node).some((child: unknown) => {
    if (isNode(child) && (child.type === 'Set' || child.type === 'Macro')) return true;
    return typeof child === 'object' && child !== null && setsSomething(child);
  });
}

/** What is given by name or as a list is left to the library. */
function isByPlace({ type }: TemplateNode): boolean {
  return type !== 'KeywordArgumentExpression' && type !== 'SpreadExpression';
}

function argumentsOf(call: TemplateNode): readonly TemplateNode[] {
  return 'args' in call && Array.isArray(call.args) ? call.args.filter(isNode) : [];
}

/** The text of an identifier or an operator. */
function nameOf(node: unknown): unknown {
  return isNode(node) && 'value' in node ? node.value : undefined;
}
