import { normalize } from 'node:path';
import type * as Ast from 'typescript/unstable/ast';
import type * as Ts from 'typescript/unstable/sync';
import type {
  DeclaredClass,
  DeclaredFunction,
  DeclaredMember,
  DeclaredParameter,
  Declaration,
  SourceDeclarations,
} from '../declaration.ts';
import type { SourceFile } from '../declaration-reader.ts';
import type { DeclaredType, Documentation } from '../declared-type.ts';
import { hasTag, nameOf, typeNodeOf, type ProgramView } from './program-view.ts';
import { TypeReader, type Spot } from './type-reader.ts';

/** Reads what one file declares. */
export class FileReader {
  readonly #view: ProgramView;
  readonly #types: TypeReader;
  readonly #file: SourceFile;

  constructor(view: ProgramView, file: SourceFile) {
    this.#view = view;
    this.#types = new TypeReader(view);
    this.#file = file;
  }

  read(): SourceDeclarations {
    const options = this.#view.project.program.getCompilerOptions();
    for (const { pos, text, fileName } of this.#view.project.program.getSyntacticDiagnostics(this.#file.path))
      if (fileName === this.#view.source.fileName)
        this.#view.problems.push({ ...this.#view.position(this.#view.source, pos), message: text });
    if (options.strictNullChecks === false || (options.strict === false && options.strictNullChecks !== true)) {
      const message = `"strict" is off in ${this.#view.project.configFileName}: null and optional cannot be told from what they are not. Turn strictNullChecks on.`;
      this.#view.problems.push({ file: this.#file.path, line: 1, column: 1, message });
    }
    const declarations = this.#view.problems.length > 0 ? [] : this.#declarations();
    this.#view.dependencies.delete(this.#view.source.fileName);
    return {
      file: this.#file.path,
      text: this.#view.source.text,
      declarations,
      problems: this.#view.problems,
      dependencies: [...this.#view.dependencies].map(normalize).sort(),
      importSuffix: options.allowImportingTsExtensions === true || options.rewriteRelativeImportExtensions === true ? '.ts' : '.js',
    };
  }

  #declarations(): readonly Declaration[] {
    const module = this.#view.checker.getSymbolAtLocation(this.#view.source);
    if (module === undefined) return [];
    const found: { readonly at: number; readonly declaration: Declaration }[] = [];
    for (const symbol of this.#view.checker.getExportsOfModule(module)) {
      const node = this.#view.nodeOf(symbol);
      // What is exported from another file belongs to that file.
      if (node === undefined || this.#view.fileOf(node) !== this.#view.source) continue;
      const docs = this.#view.docs(symbol);
      if (hasTag(docs, 'human') || (this.#file.marked && !hasTag(docs, 'llm'))) continue;
      const problems = this.#view.problems.length;
      const declaration = this.#declaration(symbol, node, docs);
      if (declaration !== undefined && this.#view.problems.length === problems) found.push({ at: node.pos, declaration });
    }
    return found.sort((a, b) => a.at - b.at).map((each) => each.declaration);
  }

  #declaration(symbol: Ts.Symbol, node: Ast.Node, docs: Documentation): Declaration | undefined {
    const { isFunctionDeclaration, isClassDeclaration, isInterfaceDeclaration } = this.#view.ast;
    const marked = hasTag(docs, 'llm');
    if (isFunctionDeclaration(node) && node.body === undefined && this.#view.has(node, 'DeclareKeyword')) {
      const callable = this.#callable(symbol.name, this.#view.checker.getTypeOfSymbol(symbol), docs, {
        path: symbol.name,
        node: node.name ?? node,
      });
      if (callable === undefined) return undefined;
      const { result, promised, ...rest } = callable;
      if (result === undefined) return void this.#types.unsupported('void', { path: `${symbol.name}: result`, node: node.type ?? node });
      if (!promised && rest.typeParameters.length > 0)
        this.#view.problem(node.type ?? node, `${symbol.name} has type parameters: it must return a Promise`);
      return { kind: 'function', ...rest, result } satisfies DeclaredFunction;
    }
    if (isClassDeclaration(node) && this.#view.has(node, 'AbstractKeyword')) return this.#class(symbol, node, docs, marked);
    if (isInterfaceDeclaration(node)) return this.#class(symbol, node, docs, marked);
    if (marked)
      this.#view.problem(node, `${symbol.name} is marked @llm, which goes with \`declare function\`, abstract classes and interfaces`);
    return undefined;
  }

  #class(
    symbol: Ts.Symbol,
    node: Ast.ClassDeclaration | Ast.InterfaceDeclaration,
    docs: Documentation,
    marked: boolean,
  ): DeclaredClass | undefined {
    const kind = this.#view.ast.isClassDeclaration(node) ? 'class' : 'interface';
    const type = this.#view.checker.getDeclaredTypeOfSymbol(symbol);
    const properties = this.#view.checker.getPropertiesOfType(type);
    const members = properties.filter((property) => this.#isOpen(property, kind));
    const statics = kind === 'class' ? this.#statics(symbol) : [];
    if (members.length + statics.length === 0) {
      if (marked) this.#view.problem(node.name ?? node, `${symbol.name} is marked @llm but has no member that returns a Promise`);
      return undefined;
    }
    const read: DeclaredMember[] = [];
    const leftOut: string[] = [];
    for (const member of [...members, ...statics]) {
      const found = this.#member(symbol.name, member, statics.includes(member));
      if (found === 'left out') leftOut.push(member.name);
      else if (found !== undefined) read.push(found);
    }
    const open = new Set(members);
    const fields =
      read.length === 0
        ? []
        : this.#types.properties(
            properties.filter((each) => !open.has(each) && this.#view.isData(each)),
            { path: symbol.name, node },
          );
    return read.length === 0
      ? undefined
      : {
          kind,
          name: symbol.name,
          docs,
          place: this.#view.place(node.name ?? node),
          typeParameters: type.isClassOrInterface() ? type.getTypeParameters().map((each) => each.getSymbol()?.name ?? '') : [],
          fields,
          members: read,
          leftOut,
        };
  }

  /** Without an implementation, and of a kind that a model could give one. */
  #isOpen(property: Ts.Symbol, kind: 'class' | 'interface'): boolean {
    const { SymbolFlags } = this.#view.ts;
    if (property.flags & SymbolFlags.Optional) return false;
    const node = this.#view.nodeOf(property);
    if (kind === 'class') {
      if (node === undefined || !this.#view.has(node, 'AbstractKeyword')) return false;
      return (
        (property.flags & (SymbolFlags.Method | SymbolFlags.GetAccessor)) !== 0 ||
        this.#view.isPromise(this.#view.checker.getTypeOfSymbol(property))
      );
    }
    if (node !== undefined && !this.#view.mayBeOpen(node)) return false;
    const type = this.#view.checker.getTypeOfSymbol(property);
    const [signature] = type === undefined ? [] : this.#view.calls(type);
    return (
      this.#view.isPromise(type) ||
      (signature !== undefined && this.#view.isPromise(this.#view.checker.getReturnTypeOfSignature(signature)))
    );
  }

  /** `declare static find: (query: string) => Promise<…>`: TypeScript has no abstract statics. */
  #statics(symbol: Ts.Symbol): readonly Ts.Symbol[] {
    const type = this.#view.checker.getTypeOfSymbol(symbol);
    return (type === undefined ? [] : this.#view.checker.getPropertiesOfType(type)).filter((property) => {
      const node = this.#view.nodeOf(property);
      if (node === undefined || !this.#view.ast.isPropertyDeclaration(node) || !this.#view.has(node, 'DeclareKeyword')) return false;
      const type = this.#view.checker.getTypeOfSymbol(property);
      return type !== undefined && this.#view.calls(type).length > 0;
    });
  }

  #member(owner: string, symbol: Ts.Symbol, isStatic: boolean): DeclaredMember | 'left out' | undefined {
    const docs = this.#view.docs(symbol);
    if (hasTag(docs, 'human')) return 'left out';
    const node = this.#view.nodeOf(symbol) ?? this.#view.source;
    const path = `${owner}.${symbol.name}`;
    const type = this.#view.checker.getTypeOfSymbol(symbol);
    const spot = { path, node: nameOf(node) ?? node };
    if (type !== undefined && this.#view.calls(type).length > 0) {
      const callable = this.#callable(symbol.name, type, docs, spot);
      if (callable === undefined) return undefined;
      const { result, promised, ...rest } = callable;
      if (result === undefined) return 'left out';
      if (!promised) return this.#view.problem(spot.node, `${path} must return a Promise, since a model answers later (or mark it @human)`);
      return { kind: isStatic ? 'static' : 'method', ...rest, result };
    }
    if (!this.#view.isPromise(type))
      return this.#view.problem(spot.node, `${path} must be a Promise, since a model answers later (or mark it @human)`);
    const { result } = this.#result(type, typeNodeOf(node), { path, node: spot.node });
    if (result === undefined) return 'left out';
    return { kind: 'getter', name: symbol.name, docs, place: this.#view.place(spot.node), typeParameters: [], parameters: [], result };
  }

  #callable(name: string, type: Ts.Type | undefined, docs: Documentation, spot: Spot) {
    const signatures = type === undefined ? [] : this.#view.calls(type);
    const [signature] = signatures;
    if (signature === undefined) return undefined;
    if (signatures.length > 1)
      return this.#view.problem(spot.node, `${spot.path} is overloaded: declare it once, with a union or optional parameters`);
    if (name === 'default') return this.#view.problem(spot.node, 'a default export has no name: name it and export it');
    const declaration = signature.declaration?.resolve(this.#view.project) ?? spot.node;
    const parameters = signature.getParameters();
    const types = this.#view.checker.getTypeOfSymbol(parameters);
    const read: DeclaredParameter[] = [];
    for (const [at, parameter] of parameters.entries()) {
      const node = this.#view.nodeOf(parameter);
      const type = types[at];
      if (node === undefined || type === undefined || !this.#view.ast.isParameterDeclaration(node)) continue;
      if (!this.#view.ast.isIdentifier(node.name)) {
        this.#view.problem(node, `parameter ${at + 1} of ${spot.path} is a pattern: give it a name`);
        continue;
      }
      const isOptional = node.questionToken !== undefined || node.initializer !== undefined;
      const rest = node.dotDotDotToken !== undefined;
      const where = { path: `${spot.path}: ${parameter.name}`, node: node.type ?? node };
      read.push({
        name: parameter.name,
        type: this.#types.read(type, node.type, where, true),
        optional: isOptional || this.#view.isOptional(type),
        rest,
        place: this.#view.place(node),
      });
    }
    const returned = this.#view.checker.getReturnTypeOfSignature(signature);
    const node = typeNodeOf(declaration);
    return {
      name,
      docs,
      place: this.#view.place(spot.node),
      typeParameters: signature.getTypeParameters().map((each) => each.getSymbol()?.name ?? ''),
      parameters: read,
      ...this.#result(returned, node, { path: `${spot.path}: result`, node: node ?? spot.node }),
    };
  }

  /** What a promise resolves to; nothing when it resolves to nothing. */
  #result(
    type: Ts.Type | undefined,
    node: Ast.TypeNode | undefined,
    spot: Spot,
  ): { readonly promised: boolean; readonly result: DeclaredType | undefined } {
    const { TypeFlags } = this.#view.ts;
    const promised = this.#view.isPromise(type);
    const inner = promised ? this.#view.argument(type) : type;
    if (inner === undefined || inner.flags & (TypeFlags.Void | TypeFlags.Undefined)) return { promised, result: undefined };
    const argument = promised
      ? node !== undefined && this.#view.ast.isTypeReferenceNode(node)
        ? node.typeArguments?.[0]
        : undefined
      : node;
    return { promised, result: this.#types.read(inner, argument, { path: spot.path, node: argument ?? spot.node }) };
  }
}
