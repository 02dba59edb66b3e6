import type { Node, PropertyKey, TSEnumDeclaration, TSSignature, TSTupleElement, TSType, TSTypeReference } from 'oxc-parser';
import type { DeclaredProperty, DeclaredType, IndexSignature, NamedType, Problem, ShapeType, TupleElement } from '../declared-type.ts';
import { numberKeyPattern, textPattern, type PatternPart } from '../text-pattern.ts';
import { unsupportedType } from '../unsupported-type.ts';
import type { Found, OxcSource } from './oxc-source.ts';
import { defined, intersectionOf, literals, shapeOf, unionOf, utilityType } from './utility-types.ts';

/** Where a type stands: its file, what type parameters are there, and its path for messages. */
export interface Scope {
  readonly source: OxcSource;
  readonly parameters: ReadonlyMap<string, DeclaredType>;
  readonly path: string;
}

const maxDepth = 50;

/** Evaluates types as they are written: declarations of the user's files, generics, and the common utility types. */
export class TypeEvaluator {
  readonly problems: Problem[] = [];
  /** Files that types were found in. */
  readonly files = new Set<string>();
  readonly #open: (path: string) => OxcSource;
  readonly #named = new Map<string, NamedType>();
  readonly #ids = new Map<NamedType, number>();
  #depth = 0;

  constructor(open: (path: string) => OxcSource) {
    this.#open = open;
  }

  read(node: TSType, scope: Scope): DeclaredType {
    switch (node.type) {
      case 'TSStringKeyword':
        return { kind: 'string' };
      case 'TSNumberKeyword':
        return { kind: 'number' };
      case 'TSBooleanKeyword':
        return { kind: 'boolean' };
      case 'TSNullKeyword':
        return { kind: 'null' };
      case 'TSUndefinedKeyword':
        return { kind: 'undefined' };
      case 'TSUnknownKeyword':
        return { kind: 'unknown' };
      case 'TSObjectKeyword':
        return { kind: 'object' };
      case 'TSParenthesizedType':
        return this.read(node.typeAnnotation, scope);
      case 'TSLiteralType':
        return this.#literal(node.literal, scope);
      case 'TSArrayType':
        return { kind: 'array', element: this.read(node.elementType, at(scope, '[]')) };
      case 'TSTupleType':
        return this.#tuple(node.elementTypes, node, scope);
      case 'TSTypeLiteral':
        return node.members.length === 0 ? this.unsupported('{}', node, scope) : this.shape(node.members, node, scope);
      case 'TSUnionType':
        return unionOf(node.types.map((each) => this.read(each, scope)));
      case 'TSIntersectionType':
        return intersectionOf(node.types.map((each) => this.read(each, scope))) ?? this.#beyond(node, scope);
      case 'TSTypeOperator':
        return this.#operator(node.operator, node.typeAnnotation, node, scope);
      case 'TSTemplateLiteralType':
        return this.#template(node.quasis, node.types, node, scope);
      case 'TSIndexedAccessType': {
        const key = this.read(node.indexType, scope);
        const property = shapeOf(this.read(node.objectType, scope))?.properties.find(
          (each) => key.kind === 'literal' && each.name === key.value,
        );
        return property === undefined
          ? this.#beyond(node, scope)
          : property.optional
            ? unionOf([property.type, { kind: 'undefined' }])
            : property.type;
      }
      case 'TSTypeReference':
        return this.#reference(node, scope);
      case 'TSFunctionType':
      case 'TSConstructorType':
        return this.#fail(node, scope, `${text(node, scope)} is a function, which is not JSON: leave it out, for example with Omit`);
      case 'TSAnyKeyword':
      case 'TSBigIntKeyword':
      case 'TSSymbolKeyword':
      case 'TSNeverKeyword':
      case 'TSVoidKeyword':
      case 'TSThisType':
        return this.unsupported(text(node, scope), node, scope);
      default:
        return this.#beyond(node, scope);
    }
  }

  /** The properties of an interface or object type. */
  shape(members: readonly TSSignature[], node: Node, scope: Scope): ShapeType {
    const properties: DeclaredProperty[] = [];
    const indexes: IndexSignature[] = [];
    for (const member of members) {
      if (member.type === 'TSPropertySignature') {
        const name = keyName(member.key);
        if (name === undefined || member.typeAnnotation === null) this.unsupported(name === undefined ? 'symbol' : 'any', member, scope);
        else properties.push(...this.property(name, member.typeAnnotation.typeAnnotation, member, member.optional, scope));
      } else if (member.type === 'TSIndexSignature') {
        const key = member.parameters[0]?.typeAnnotation.typeAnnotation;
        const pattern = key?.type === 'TSNumberKeyword' ? numberKeyPattern : undefined;
        if (key?.type !== 'TSStringKeyword' && pattern === undefined) this.#beyond(member, scope);
        indexes.push({
          ...(pattern === undefined ? {} : { pattern }),
          value: this.read(member.typeAnnotation.typeAnnotation, at(scope, '[…]')),
        });
      } else this.#fail(member, scope, `${text(member, scope)} is a function, which is not JSON: leave it out, for example with Omit`);
    }
    return { kind: 'shape', properties, indexes };
  }

  /** A property; none when it says that there is none (`kind?: never`). */
  property(name: string, type: TSType, node: Node, isOptional: boolean, scope: Scope): readonly DeclaredProperty[] {
    if (isOptional && type.type === 'TSNeverKeyword') return [];
    const read = defined(this.read(type, { ...scope, path: `${scope.path}${/\w$|\]$/.test(scope.path) ? '.' : ''}${name}` }));
    return [
      {
        name,
        type: read.type,
        optional: isOptional || read.optional,
        docs: scope.source.docs(node),
        place: scope.source.place(node.start),
      },
    ];
  }

  unsupported(type: string, node: Node, scope: Scope): DeclaredType {
    return this.#fail(node, scope, unsupportedType(type));
  }

  #literal(node: Node, scope: Scope): DeclaredType {
    if (node.type === 'Literal' && (typeof node.value === 'string' || typeof node.value === 'number' || typeof node.value === 'boolean'))
      return { kind: 'literal', value: node.value };
    if (node.type === 'UnaryExpression' && node.operator === '-') {
      const { argument } = node;
      if (argument.type === 'Literal' && typeof argument.value === 'number') return { kind: 'literal', value: -argument.value };
    }
    const [quasi, more] = node.type === 'TemplateLiteral' ? node.quasis : [];
    if (quasi !== undefined && more === undefined) return { kind: 'literal', value: quasi.value.cooked ?? quasi.value.raw };
    return node.type === 'Literal' ? this.unsupported('bigint', node, scope) : this.#beyond(node, scope);
  }

  #tuple(elements: readonly TSTupleElement[], node: Node, scope: Scope): DeclaredType {
    const read = elements.map((element, index): TupleElement => {
      const isRest = element.type === 'TSRestType';
      const inner = isRest ? element.typeAnnotation : element;
      const isNamed = inner.type === 'TSNamedTupleMember';
      const optional = inner.type === 'TSOptionalType' || (isNamed && inner.optional);
      const written = isNamed ? inner.elementType : inner.type === 'TSOptionalType' ? inner.typeAnnotation : inner;
      if (written.type === 'TSOptionalType' || written.type === 'TSRestType')
        return { type: this.#beyond(node, scope), optional: false, rest: false };
      const type = this.read(written, at(scope, `[${index}]`));
      if (isRest && type.kind !== 'array') this.#beyond(node, scope);
      return {
        type: isRest && type.kind === 'array' ? type.element : defined(type).type,
        optional,
        rest: isRest,
        ...(isNamed ? { name: inner.label.name } : {}),
      };
    });
    if (read.slice(0, -1).some((each) => each.rest))
      return this.#fail(node, scope, `${text(node, scope)} has a rest element before its end: put it last`);
    return { kind: 'tuple', elements: read };
  }

  #operator(operator: string, inner: TSType, node: Node, scope: Scope): DeclaredType {
    if (operator === 'readonly') return this.read(inner, scope);
    const shape = operator === 'keyof' ? shapeOf(this.read(inner, scope)) : undefined;
    if (shape === undefined || shape.indexes.length > 0) return this.#beyond(node, scope);
    return unionOf(shape.properties.map((property) => ({ kind: 'literal', value: property.name })));
  }

  #template(
    quasis: readonly { readonly value: { readonly cooked: string | null } }[],
    types: readonly TSType[],
    node: Node,
    scope: Scope,
  ): DeclaredType {
    const parts: PatternPart[] = [{ text: quasis[0]?.value.cooked ?? '' }];
    for (const [index, type] of types.entries()) {
      const { kind } = this.read(type, scope);
      if (kind !== 'string' && kind !== 'number' && kind !== 'boolean') return this.#beyond(node, scope);
      parts.push({ of: kind }, { text: quasis[index + 1]?.value.cooked ?? '' });
    }
    return { kind: 'string', pattern: textPattern(parts) };
  }

  #reference(node: TSTypeReference, scope: Scope): DeclaredType {
    if (node.typeName.type !== 'Identifier') return this.#beyond(node, scope);
    const { name } = node.typeName;
    const parameter = scope.parameters.get(name);
    if (parameter !== undefined) return parameter;
    const args = (node.typeArguments?.params ?? []).map((each) => this.read(each, scope));
    const found = scope.source.find(name, this.#open);
    if (typeof found === 'string')
      return this.#fail(
        node,
        scope,
        `${name} comes from ${found}, which only TypeScript 7 can follow: npm install --save-dev typescript@7`,
      );
    if (found !== undefined) return this.#declared(found, args, node, scope);
    const [first, second] = args;
    if (name === 'Date') return { kind: 'date' };
    if ((name === 'Array' || name === 'ReadonlyArray') && first !== undefined) return { kind: 'array', element: first };
    if (name === 'Record' && first !== undefined && second !== undefined) {
      if (first.kind === 'string' || first.kind === 'number')
        return {
          kind: 'shape',
          properties: [],
          indexes: [{ ...(first.kind === 'number' ? { pattern: numberKeyPattern } : {}), value: second }],
        };
      const { source } = scope;
      const properties = literals(first)?.map((key) => ({
        name: String(key),
        type: second,
        optional: false,
        docs: { tags: [] },
        place: source.place(node.start),
      }));
      return properties === undefined ? this.#beyond(node, scope) : { kind: 'shape', properties, indexes: [] };
    }
    const known = utilityType(name, args);
    if (known !== undefined) return known;
    const message = unsupportedType(text(node, scope));
    return message.endsWith('is not JSON') ? this.#beyond(node, scope) : this.#fail(node, scope, message);
  }

  #declared({ source, node }: Found, args: readonly DeclaredType[], reference: Node, scope: Scope): DeclaredType {
    this.files.add(source.path);
    const name = node.id?.name ?? '';
    const names = node.type === 'TSEnumDeclaration' ? [] : (node.typeParameters?.params ?? []);
    const parameters = new Map<string, DeclaredType>();
    const inner = { source, parameters, path: scope.path };
    for (const [index, each] of names.entries()) {
      const value = args[index] ?? (each.default === null || each.default === undefined ? undefined : this.read(each.default, inner));
      parameters.set(each.name.name, value ?? this.#beyond(reference, scope));
    }
    const all = [...parameters.values()];
    const key = `${source.path} ${node.start} ${all.map((each) => this.#key(each)).join()}`;
    const known = this.#named.get(key);
    if (known !== undefined) return { kind: 'named', to: known };
    const named: NamedType = {
      name: [name, ...all.map(shortName)].join('_'),
      docs: this.#docsOf(source, node),
      place: source.place(node.id?.start ?? node.start),
      type: { kind: 'unknown' },
    };
    this.#named.set(key, named);
    this.#ids.set(named, this.#ids.size);
    this.#depth++;
    if (this.#depth < maxDepth) named.type = this.#body({ source, node }, inner);
    else if (this.#depth === maxDepth)
      this.#fail(node, inner, `${name} refers to itself with ever new type arguments: its schema would have no end`);
    this.#depth--;
    return { kind: 'named', to: named };
  }

  #body({ source, node }: Found, scope: Scope): DeclaredType {
    if (node.type === 'TSTypeAliasDeclaration') return this.read(node.typeAnnotation, scope);
    if (node.type === 'TSEnumDeclaration') return this.#enum(node, source, scope);
    if (node.type === 'TSInterfaceDeclaration') {
      const bases = node.extends.map((each) =>
        each.expression.type === 'Identifier'
          ? this.read(
              { type: 'TSTypeReference', typeName: each.expression, typeArguments: each.typeArguments, start: each.start, end: each.end },
              scope,
            )
          : this.#beyond(each, scope),
      );
      const own = this.shape(node.body.body, node, scope);
      return bases.length === 0 ? own : (intersectionOf([own, ...bases]) ?? this.#beyond(node, scope));
    }
    return this.#fail(
      node,
      scope,
      `${node.id?.name} is a class: as data it is only read by TypeScript 7. Use an interface, or npm install --save-dev typescript@7`,
    );
  }

  #enum(node: TSEnumDeclaration, source: OxcSource, scope: Scope): DeclaredType {
    let next = 0;
    const members = node.body.members.map((member): DeclaredType => {
      const { initializer, id } = member;
      const label = id.type === 'Identifier' ? id.name : 'value' in id ? id.value : '';
      const read = initializer === null ? next : this.#literal(initializer, scope);
      const value = typeof read === 'number' ? read : read.kind === 'literal' ? read.value : 0;
      if (typeof value === 'number') next = value + 1;
      return { kind: 'literal', value, label, docs: source.docs(member) };
    });
    return { kind: 'union', members };
  }

  #docsOf(source: OxcSource, node: Found['node']) {
    const own = source.docs(node);
    if (own.description !== undefined || own.tags.length > 0) return own;
    // Of an exported one the comment stands before `export`.
    const outer = source.program.body.find((each) => each.type === 'ExportNamedDeclaration' && each.declaration === node);
    return outer === undefined ? own : source.docs(outer);
  }

  /** A text that is the same for the same types. */
  #key(type: DeclaredType): string {
    return JSON.stringify(type, (key, value: unknown) => {
      if (key === 'place' || key === 'docs') return undefined;
      return key === 'to' && typeof value === 'object' ? [...this.#ids].find(([named]) => named === value)?.[1] : value;
    });
  }

  #beyond(node: Node, scope: Scope): DeclaredType {
    return this.#fail(
      node,
      scope,
      `${text(node, scope)} is evaluated by TypeScript 7 only (this is oxc-parser, which sees types as they are written): npm install --save-dev typescript@7`,
    );
  }

  #fail(node: Node, scope: Scope, message: string): DeclaredType {
    this.problems.push({ ...scope.source.place(node.start), message: `${scope.path}: ${message}` });
    return { kind: 'unknown' };
  }
}

/** The name of a property; nothing for computed ones. */
export function keyName(key: PropertyKey): string | undefined {
  if (key.type === 'Identifier') return key.name;
  return key.type === 'Literal' && (typeof key.value === 'string' || typeof key.value === 'number') ? String(key.value) : undefined;
}

function at(scope: Scope, step: string): Scope {
  return { ...scope, path: `${scope.path}${step}` };
}

function text(node: Node, { source }: Scope): string {
  return source.text.slice(node.start, node.end).replaceAll(/\s+/g, ' ');
}

function shortName(type: DeclaredType): string {
  if (type.kind === 'named') return type.to.name;
  if (type.kind === 'parameter') return type.name;
  return type.kind === 'literal' ? String(type.value).replaceAll(/[^\w$]+/g, '_') : type.kind;
}
