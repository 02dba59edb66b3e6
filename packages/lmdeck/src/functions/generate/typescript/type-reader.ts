import type * as Ast from 'typescript/unstable/ast';
import type * as Ts from 'typescript/unstable/sync';
import type { DeclaredProperty, DeclaredType, Documentation, IndexSignature, NamedType, TupleElement } from '../declared-type.ts';
import { numberKeyPattern, textPattern, type PatternPart } from '../text-pattern.ts';
import { unsupportedType } from '../unsupported-type.ts';
import { nameOf, typeNodeOf, type ProgramView } from './program-view.ts';

/** Where in a declaration a type is: for messages. */
export interface Spot {
  /** `findCustomer: database[].born` */
  readonly path: string;
  readonly node: Ast.Node;
}

/** Deeper than any type that a person writes: what is nested so unfolds for ever. */
const maxDepth = 50;

const maxNameLength = 40;

/** Reads evaluated types. */
export class TypeReader {
  readonly #view: ProgramView;
  readonly #named = new Map<string, NamedType>();
  #depth = 0;

  constructor(view: ProgramView) {
    this.#view = view;
  }

  /**
   * `written` is how the type was written, where that is known: it has order and aliases that the checker forgets. With `optional`, undefined
   * is not of the type: it says that the value may be absent.
   */
  read(type: Ts.Type, written: Ast.Node | undefined, spot: Spot, optional = false): DeclaredType {
    const { TypeFlags } = this.#view.ts;
    let node = written;
    while (node !== undefined && (this.#view.ast.isParenthesizedTypeNode(node) || this.#view.ast.isTypeOperatorNode(node)))
      node = node.type;
    if (node !== undefined && this.#tells(node)) {
      const own = this.#view.checker.getTypeFromTypeNode(node);
      if (own === undefined || (own.id !== type.id && !this.#sameMembers(own, type))) node = undefined;
      else if (own.id !== type.id) return this.read(own, node, spot, optional);
    } else node = undefined;
    if (type.isErrorType()) return this.#missing(spot, type);
    if (optional && type.isUnionType() && this.#view.isOptional(type)) return this.#union(type, node, spot, true);
    if (node !== undefined && this.#view.ast.isTypeReferenceNode(node)) {
      const symbol = this.#aliasOf(node);
      if (symbol !== undefined) return this.#alias(symbol, type, spot);
    }
    const symbol = type.getAliasSymbol();
    if (symbol !== undefined && !(type.flags & TypeFlags.EnumLiteral) && !this.#view.isLibrary(symbol))
      return this.#alias(symbol, type, spot);
    return this.#structure(type, node, spot);
  }

  /** Whether a type as written has more to tell than the checker knows: order, aliases. */
  #tells(node: Ast.Node): node is Ast.TypeNode {
    const { ast } = this.#view;
    return ast.isTypeReferenceNode(node) || ast.isUnionTypeNode(node) || ast.isArrayTypeNode(node) || ast.isTupleTypeNode(node);
  }

  /** The alias that a name stands for, when it is the user's. */
  #aliasOf(node: Ast.TypeReferenceNode): Ts.Symbol | undefined {
    let symbol = this.#view.checker.getSymbolAtLocation(node.typeName);
    if (symbol === undefined) return undefined;
    if (symbol.flags & this.#view.ts.SymbolFlags.Alias) symbol = this.#view.checker.getAliasedSymbol(symbol);
    return symbol.flags & this.#view.ts.SymbolFlags.TypeAlias && !this.#view.isLibrary(symbol) ? symbol : undefined;
  }

  #alias(symbol: Ts.Symbol, type: Ts.Type, spot: Spot): DeclaredType {
    const declaration = this.#view.nodeOf(symbol);
    if (declaration === undefined || !this.#view.ast.isTypeAliasDeclaration(declaration)) return this.#structure(type, undefined, spot);
    const generic = declaration.typeParameters !== undefined && declaration.typeParameters.length > 0;
    const body = generic ? undefined : declaration.type;
    return this.#name(generic ? this.#key(type) : `symbol ${symbol.id}`, symbol, declaration, type, () =>
      // `type A = B`: B has a name of its own.
      body !== undefined && this.#view.ast.isTypeReferenceNode(body)
        ? this.read(type, body, { ...spot, node: body })
        : this.#structure(type, body, spot),
    );
  }

  #name(key: string, symbol: Ts.Symbol, declaration: Ast.Node, type: Ts.Type, read: () => DeclaredType): DeclaredType {
    const known = this.#named.get(key);
    if (known !== undefined) return { kind: 'named', to: known };
    const named: NamedType = {
      name: this.#typeName(symbol, type),
      docs: this.#view.docs(symbol),
      place: this.#view.place(nameOf(declaration) ?? declaration),
      type: { kind: 'unknown' },
    };
    this.#named.set(key, named);
    this.#depth++;
    if (this.#depth < maxDepth) named.type = read();
    else if (this.#depth === maxDepth)
      this.#view.problem(
        nameOf(declaration) ?? declaration,
        `${symbol.name} refers to itself with ever new type arguments: its schema would have no end`,
      );
    this.#depth--;
    return { kind: 'named', to: named };
  }

  /** The same for types that have the same schema: parameters of two functions count by their names. */
  #key(type: Ts.Type): string {
    if (type.isTypeParameter()) return `parameter ${type.getSymbol()?.name}`;
    const alias = type.getAliasSymbol();
    const args =
      alias !== undefined ? type.getAliasTypeArguments() : type.isTypeReference() ? this.#view.checker.getTypeArguments(type) : [];
    const symbol = alias ?? type.getSymbol();
    return args.length === 0 || symbol === undefined ? `type ${type.id}` : `${symbol.id}<${args.map((each) => this.#key(each)).join()}>`;
  }

  /** `Box<string>` is `Box_string`. */
  #typeName(symbol: Ts.Symbol, type: Ts.Type): string {
    const text = this.#view.text(type);
    if (!text.startsWith(`${symbol.name}<`)) return symbol.name;
    const name = text.replaceAll(/[^\w$]+/g, '_').replace(/_$/, '');
    return name.length <= maxNameLength ? name : symbol.name;
  }

  #structure(type: Ts.Type, node: Ast.Node | undefined, spot: Spot): DeclaredType {
    const { TypeFlags } = this.#view.ts;
    const { flags } = type;
    if (type.isLiteralType()) {
      const { value } = type;
      if (typeof value === 'bigint') return this.unsupported('bigint', spot);
      return { kind: 'literal', value, ...(flags & TypeFlags.EnumLiteral ? this.#enumMember(type) : {}) };
    }
    if (type.isUnionType()) return flags & TypeFlags.EnumLiteral ? this.#enum(type, spot) : this.#union(type, node, spot);
    if (type.isIntersectionType()) return this.#intersection(type, spot);
    if (type.isTemplateLiteralType()) return this.#template(type, spot);
    if (type.isTypeParameter()) {
      if (type.isThisType === true) return this.unsupported('this', spot);
      return { kind: 'parameter', name: type.getSymbol()?.name ?? 'T' };
    }
    if (flags & TypeFlags.String) return { kind: 'string' };
    if (flags & TypeFlags.Number) return { kind: 'number' };
    if (flags & TypeFlags.Boolean) return { kind: 'boolean' };
    if (flags & TypeFlags.Null) return { kind: 'null' };
    if (flags & TypeFlags.Undefined) return { kind: 'undefined' };
    if (flags & TypeFlags.Unknown) return { kind: 'unknown' };
    if (flags & TypeFlags.NonPrimitive) return { kind: 'object' };
    if (type.isObjectType()) return this.#object(type, node, spot);
    if (flags & TypeFlags.StringMapping) return this.unsupported(this.#view.text(type), spot);
    if (flags & TypeFlags.Instantiable)
      return this.#fail(
        spot,
        `${this.#view.text(type)} depends on a type parameter: only the parameter itself, or types that contain it, can be found at a call`,
      );
    return this.unsupported(this.#view.text(type), spot);
  }

  #object(type: Ts.ObjectType, node: Ast.Node | undefined, spot: Spot): DeclaredType {
    if (type.isTypeReference() && type.getTarget().isTupleType()) return this.#tuple(type, node, spot);
    const symbol = type.getSymbol();
    if (type.isTypeReference() && (symbol?.name === 'Array' || symbol?.name === 'ReadonlyArray') && this.#view.isLibrary(symbol)) {
      const element = this.#view.argument(type);
      const inner = node !== undefined && this.#view.ast.isArrayTypeNode(node) ? node.elementType : this.#firstArgument(node);
      const where = { path: `${spot.path}[]`, node: inner ?? spot.node };
      return { kind: 'array', element: element === undefined ? { kind: 'unknown' } : this.read(element, inner, where) };
    }
    const declared = type.objectFlags & this.#view.ts.ObjectFlags.ClassOrInterface || type.isTypeReference();
    if (symbol === undefined || !declared) return this.#shape(type, spot);
    if (this.#view.isLibrary(symbol)) return symbol.name === 'Date' ? { kind: 'date' } : this.unsupported(this.#view.text(type), spot);
    const declaration = this.#view.nodeOf(symbol) ?? spot.node;
    return this.#name(this.#key(type), symbol, declaration, type, () => this.#shape(type, spot));
  }

  #shape(type: Ts.ObjectType, spot: Spot): DeclaredType {
    const { SymbolFlags, ObjectFlags } = this.#view.ts;
    const symbol = type.getSymbol();
    const isClass = symbol !== undefined && (symbol.flags & SymbolFlags.Class) !== 0;
    if (!isClass && (this.#view.calls(type).length > 0 || this.#view.checker.getSignaturesOfType(type, 1).length > 0))
      return this.#fail(spot, `${this.#view.text(type)} is a function, which is not JSON: leave it out, for example with Omit`);
    const properties = this.#view.checker.getPropertiesOfType(type);
    const infos = this.#view.checker.getIndexInfosOfType(type);
    if (properties.length === 0 && infos.length === 0 && !isClass) {
      if (type.objectFlags & ObjectFlags.Mapped && type.objectFlags & ObjectFlags.CouldContainTypeVariables)
        return this.#fail(
          spot,
          `${this.#view.text(type)} depends on a type parameter: only the parameter itself, or types that contain it, can be found at a call`,
        );
      if (this.#view.nodeOf(symbol)?.kind !== this.#view.ast.SyntaxKind.InterfaceDeclaration && this.#view.text(type) === '{}')
        return this.unsupported('{}', spot);
    }
    const indexes = infos.flatMap(({ keyType, valueType }): readonly IndexSignature[] => {
      const pattern = this.#keyPattern(keyType, spot);
      return [
        {
          ...(pattern === undefined ? {} : { pattern }),
          value: this.read(valueType, undefined, { path: `${spot.path}[…]`, node: spot.node }),
        },
      ];
    });
    const data = isClass ? properties.filter((each) => this.#view.isData(each) && (each.flags & SymbolFlags.Accessor) === 0) : properties;
    const method = properties.find((each) => (each.flags & SymbolFlags.Method) !== 0)?.name;
    return {
      kind: 'shape',
      properties: this.properties(data, spot),
      indexes,
      ...(isClass
        ? { instanceOf: { name: symbol.name, ...(method === undefined ? {} : { method }), place: this.#view.place(spot.node) } }
        : {}),
    };
  }

  properties(symbols: readonly Ts.Symbol[], spot: Spot): readonly DeclaredProperty[] {
    const types = this.#view.checker.getTypeOfSymbol(symbols);
    return symbols.flatMap((symbol, at) => {
      const type = types[at];
      const node = this.#view.nodeOf(symbol);
      const here = node ?? spot.node;
      const where = {
        path: `${spot.path}${/: |\[\]$|\w$/.test(spot.path) ? '.' : ''}${symbol.name}`,
        node: (node === undefined ? undefined : (nameOf(node) ?? node)) ?? here,
      };
      if (symbol.escapedName.startsWith('__@')) {
        this.unsupported('symbol', where);
        return [];
      }
      if (type === undefined) return [];
      const optional = (symbol.flags & this.#view.ts.SymbolFlags.Optional) !== 0 || this.#view.isOptional(type);
      // `kind?: never` says that there is none.
      if (optional && type.flags & (this.#view.ts.TypeFlags.Never | this.#view.ts.TypeFlags.Undefined)) return [];
      return [
        {
          name: symbol.name,
          type: this.read(type, node === undefined ? undefined : typeNodeOf(node), where, true),
          optional,
          docs: this.#view.docs(symbol),
          place: this.#view.place(where.node),
        },
      ];
    });
  }

  #tuple(type: Ts.Type, node: Ast.Node | undefined, spot: Spot): DeclaredType {
    if (!type.isTypeReference()) return this.unsupported(this.#view.text(type), spot);
    const target = type.getTarget();
    const flags = target.isTupleType() ? target.elementFlags : [];
    const { ElementFlags } = this.#view.ts;
    const nodes = node !== undefined && this.#view.ast.isTupleTypeNode(node) ? node.elements : [];
    const elements = this.#view.checker.getTypeArguments(type).map((element, at): TupleElement => {
      const flag = flags[at] ?? ElementFlags.Required;
      const written = nodes[at];
      const member = written !== undefined && this.#view.ast.isNamedTupleMember(written) ? written : undefined;
      const optional = (flag & ElementFlags.Optional) !== 0;
      const where = { path: `${spot.path}[${at}]`, node: written ?? spot.node };
      return {
        type: this.read(element, member === undefined ? written : member.type, where, optional),
        optional,
        rest: (flag & (ElementFlags.Rest | ElementFlags.Variadic)) !== 0,
        ...(member === undefined ? {} : { name: member.name.text }),
      };
    });
    if (elements.slice(0, -1).some((each) => each.rest))
      return this.#fail(spot, `${this.#view.text(type)} has a rest element before its end: put it last`);
    return { kind: 'tuple', elements };
  }

  #union(type: Ts.UnionType, node: Ast.Node | undefined, spot: Spot, optional = false): DeclaredType {
    const order = new Map<number, { readonly at: number; readonly node: Ast.Node | undefined }>();
    this.#order(node, order);
    const types = this.#view.members(type).filter((each) => !(optional && each.flags & this.#view.ts.TypeFlags.Undefined));
    if (types.some((each) => each.flags & this.#view.ts.TypeFlags.Undefined)) return this.unsupported('undefined', spot);
    const [only] = types;
    if (only !== undefined && types.length === 1) return this.read(only, order.get(only.id)?.node, spot);
    const last = order.size;
    const rank = (each: Ts.Type): number => order.get(each.id)?.at ?? last;
    return {
      kind: 'union',
      members: [...types].sort((a, b) => rank(a) - rank(b)).map((each) => this.read(each, order.get(each.id)?.node, spot)),
    };
  }

  /** The members of a union as they were written, by type. */
  #order(node: Ast.Node | undefined, order: Map<number, { readonly at: number; readonly node: Ast.Node | undefined }>): void {
    for (const child of node !== undefined && this.#view.ast.isUnionTypeNode(node) ? node.types : []) {
      const type = this.#view.checker.getTypeFromTypeNode(child);
      if (type === undefined) continue;
      if (!type.isUnionType()) {
        if (!order.has(type.id)) order.set(type.id, { at: order.size, node: child });
        continue;
      }
      const alias = this.#view.ast.isTypeReferenceNode(child) ? this.#view.nodeOf(this.#aliasOf(child)) : undefined;
      if (alias !== undefined && this.#view.ast.isTypeAliasDeclaration(alias)) this.#order(alias.type, order);
      for (const each of this.#view.members(type)) if (!order.has(each.id)) order.set(each.id, { at: order.size, node: undefined });
    }
  }

  #enum(type: Ts.UnionType, spot: Spot): DeclaredType {
    const symbol = type.getSymbol();
    const read = (): DeclaredType => ({
      kind: 'union',
      members: this.#view.members(type).map((each) => this.#structure(each, undefined, spot)),
    });
    return symbol === undefined ? read() : this.#name(`symbol ${symbol.id}`, symbol, this.#view.nodeOf(symbol) ?? spot.node, type, read);
  }

  #enumMember(type: Ts.Type): { readonly label?: string; readonly docs?: Documentation } {
    const symbol = type.getSymbol();
    return symbol === undefined ? {} : { label: symbol.name, docs: this.#view.docs(symbol) };
  }

  /** `string & { brand }` is a string; objects are merged. */
  #intersection(type: Ts.IntersectionType, spot: Spot): DeclaredType {
    const { TypeFlags } = this.#view.ts;
    const types = type.getTypes();
    const primitive = types.find((each) => each.flags & (TypeFlags.Primitive | TypeFlags.Literal | TypeFlags.TemplateLiteral));
    if (primitive !== undefined) return this.read(primitive, undefined, spot);
    if (types.some((each) => each.flags & TypeFlags.Instantiable))
      return this.#fail(
        spot,
        `${this.#view.text(type)} depends on a type parameter: only the parameter itself, or types that contain it, can be found at a call`,
      );
    const infos = this.#view.checker.getIndexInfosOfType(type);
    const indexes = infos.map(({ valueType }) => ({ value: this.read(valueType, undefined, spot) }));
    return { kind: 'shape', properties: this.properties(this.#view.checker.getPropertiesOfType(type), spot), indexes };
  }

  #template(type: Ts.TemplateLiteralType, spot: Spot): DeclaredType {
    const { TypeFlags } = this.#view.ts;
    const parts: PatternPart[] = [{ text: type.texts[0] ?? '' }];
    for (const [at, each] of type.getTypes().entries()) {
      const of =
        each.flags & TypeFlags.String
          ? 'string'
          : each.flags & TypeFlags.Number
            ? 'number'
            : each.flags & TypeFlags.BooleanLike
              ? 'boolean'
              : undefined;
      if (of === undefined) return this.unsupported(this.#view.text(type), spot);
      parts.push({ of }, { text: type.texts[at + 1] ?? '' });
    }
    return { kind: 'string', pattern: textPattern(parts) };
  }

  #keyPattern(key: Ts.Type, spot: Spot): string | undefined {
    const { TypeFlags } = this.#view.ts;
    if (key.flags & TypeFlags.Number) return numberKeyPattern;
    if (key.isTemplateLiteralType()) {
      const read = this.#template(key, spot);
      return read.kind === 'string' ? read.pattern : undefined;
    }
    if (!(key.flags & TypeFlags.String)) this.unsupported(this.#view.text(key), spot);
    return undefined;
  }

  #sameMembers(own: Ts.Type, type: Ts.Type): boolean {
    const ids = (each: Ts.Type): string =>
      this.#view
        .members(each)
        .filter((member) => !(member.flags & this.#view.ts.TypeFlags.Undefined))
        .map((member) => member.id)
        .sort((a, b) => a - b)
        .join();
    return ids(own) === ids(type);
  }

  #firstArgument(node: Ast.Node | undefined): Ast.TypeNode | undefined {
    return node !== undefined && this.#view.ast.isTypeReferenceNode(node) ? node.typeArguments?.[0] : undefined;
  }

  unsupported(type: string, spot: Spot): DeclaredType {
    return this.#fail(spot, unsupportedType(type));
  }

  #fail(spot: Spot, message: string): DeclaredType {
    this.#view.problem(spot.node, `${spot.path}: ${message}`);
    return { kind: 'unknown' };
  }

  #missing(spot: Spot, type: Ts.Type): DeclaredType {
    const file = this.#view.fileOf(spot.node);
    const all = this.#view.project.program.getSemanticDiagnostics(file.fileName);
    const first = all.find((each) => each.pos >= spot.node.pos && each.end <= spot.node.end) ?? all[0];
    if (first === undefined) return this.#fail(spot, `${this.#view.text(type)} cannot be found`);
    this.#view.problems.push({ ...this.#view.position(file, first.pos), message: `${spot.path}: ${first.text}` });
    return { kind: 'unknown' };
  }
}
