import type { TemplateNode } from './library.ts';
import type { PythonFilter, PythonMethod } from './python-methods.ts';

/*
 * Nodes of our own. They stand in a parsed template where the library does not do as Python does, see `with-python-nodes.ts`, and are
 * evaluated by `python-interpreter.ts`.
 */

interface Operand extends TemplateNode {
  readonly operand: TemplateNode;
}

interface Pair extends TemplateNode {
  readonly left: TemplateNode;
  readonly right: TemplateNode;
}

/** Something whose text is part of the output, or `operand | string`. */
interface PrintNode extends Operand {
  readonly type: 'Print';
}

/** `operand | tojson(…)`, which is `original` in the tree of the library. */
interface ToJsonNode extends Operand {
  readonly type: 'ToJson';
  readonly arguments: readonly TemplateNode[];
  readonly original: TemplateNode;
}

/** A method of strings or lists; `original` is for any other operand. */
interface MethodNode extends Operand {
  readonly type: 'Method';
  readonly method: PythonMethod;
  readonly arguments: readonly TemplateNode[];
  readonly original: TemplateNode;
}

/** A filter of ours; `original` is for what it is not for. */
interface FilterNode extends Operand {
  readonly type: 'PythonFilter';
  readonly apply: PythonFilter;
  readonly arguments: readonly TemplateNode[];
  readonly original: TemplateNode;
}

/** What a loop goes over. */
interface IterableNode extends Operand {
  readonly type: 'Iterable';
}

/** `operand is iterable` or `operand is not iterable` */
interface IsIterableNode extends Operand {
  readonly type: 'IsIterable';
  readonly negated: boolean;
}

/** What stands between the brackets of `x[…]`. */
interface KeyNode extends Operand {
  readonly type: 'Key';
}

/** What a filter is applied to; `substitute` takes the place of something undefined. */
interface FilteredNode extends Operand {
  readonly type: 'Filtered';
  readonly substitute: TemplateNode;
}

/** The body of a loop: what is set in it is forgotten after it. */
interface ScopeNode extends Operand {
  readonly type: 'Scope';
}

/** `left ~ right` */
interface JoinNode extends Pair {
  readonly type: 'Join';
}

/** `left == right` or `left != right` */
interface EqualityNode extends Pair {
  readonly type: 'Equality';
  readonly negated: boolean;
}

/** `left % right`; `original` is for what is neither text nor a number. */
interface RemainderNode extends Pair {
  readonly type: 'Remainder';
  readonly original: TemplateNode;
}

/** All of them. */
export type PythonNode =
  | PrintNode
  | ToJsonNode
  | MethodNode
  | FilterNode
  | IterableNode
  | IsIterableNode
  | KeyNode
  | FilteredNode
  | ScopeNode
  | JoinNode
  | EqualityNode
  | RemainderNode;

const TYPES: ReadonlySet<string> = new Set<PythonNode['type']>([
  'Print',
  'ToJson',
  'Method',
  'PythonFilter',
  'Iterable',
  'IsIterable',
  'Key',
  'Filtered',
  'Scope',
  'Join',
  'Equality',
  'Remainder',
]);

/** True for a node of ours. */
export function isPythonNode(node: TemplateNode): node is PythonNode {
  return TYPES.has(node.type);
}

/** A node of our own that the library takes for one of its: it looks for `kwargs` only in instances of its class. */
export function made<T extends PythonNode>(like: TemplateNode, fields: T): T {
  const node: object = Object.create(Object.getPrototypeOf(like));
  return Object.assign(node, fields);
}
