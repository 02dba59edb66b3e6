import type * as Ast from 'typescript/unstable/ast';
import type * as Ts from 'typescript/unstable/sync';
import type { Documentation, Place, Problem } from '../declared-type.ts';
import type { Modules } from './load-typescript.ts';

/** A program with a file in it, and what is asked of both again and again. */
export class ProgramView {
  readonly ts: typeof Ts;
  readonly ast: typeof Ast;
  readonly project: Ts.Project;
  readonly checker: Ts.Checker;
  readonly source: Ast.SourceFile;
  readonly problems: Problem[] = [];
  /** Files of the user that declarations were found in. */
  readonly dependencies = new Set<string>();
  // Every question is a message to another process and back: what was answered once is kept.
  readonly #calls = new Map<number, readonly Ts.Signature[]>();
  readonly #members = new Map<number, readonly Ts.Type[]>();

  constructor(modules: Modules, project: Ts.Project, source: Ast.SourceFile) {
    this.ts = modules.ts;
    this.ast = modules.ast;
    this.project = project;
    this.checker = project.checker;
    this.source = source;
  }

  calls(type: Ts.Type): readonly Ts.Signature[] {
    if (!type.isObjectType()) return [];
    let found = this.#calls.get(type.id);
    if (found === undefined) this.#calls.set(type.id, (found = this.checker.getSignaturesOfType(type, 0)));
    return found;
  }

  /** The types of a union, or the type itself. */
  members(type: Ts.Type): readonly Ts.Type[] {
    if (!type.isUnionType()) return [type];
    let found = this.#members.get(type.id);
    if (found === undefined) this.#members.set(type.id, (found = type.getTypes()));
    return found;
  }

  /** Whether a type written so may be callable or a promise: most need not be asked. */
  mayBeOpen(node: Ast.Node): boolean {
    if (!this.ast.isPropertySignatureDeclaration(node) && !this.ast.isPropertyDeclaration(node)) return true;
    const { type } = node;
    return (
      type === undefined ||
      this.ast.isTypeReferenceNode(type) ||
      this.ast.isFunctionTypeNode(type) ||
      this.ast.isParenthesizedTypeNode(type)
    );
  }

  isPromise(type: Ts.Type | undefined): type is Ts.TypeReference {
    return type !== undefined && type.isTypeReference() && type.getSymbol()?.name === 'Promise' && this.isLibrary(type.getSymbol());
  }

  argument(type: Ts.TypeReference): Ts.Type | undefined {
    return this.checker.getTypeArguments(type)[0];
  }

  /** Data of an object that the world may see: no private fields, no methods. */
  isData(symbol: Ts.Symbol): boolean {
    const { SymbolFlags } = this.ts;
    if (symbol.flags & SymbolFlags.Method || symbol.escapedName.startsWith('__#')) return false;
    const node = this.nodeOf(symbol);
    if (node !== undefined && (this.has(node, 'PrivateKeyword') || this.has(node, 'ProtectedKeyword'))) return false;
    const type = this.checker.getTypeOfSymbol(symbol);
    if (type === undefined || this.calls(type).length > 0 || this.isPromise(type)) return false;
    return !hasTag(this.docs(symbol), 'hidden');
  }

  isOptional(type: Ts.Type): boolean {
    return type.isUnionType() && this.members(type).some((each) => each.flags & this.ts.TypeFlags.Undefined);
  }

  isLibrary(symbol: Ts.Symbol | undefined): boolean {
    const path = symbol?.declarations[0]?.path;
    return path !== undefined && this.project.program.getSourceFileMetadataByPath(path)?.isDefaultLibrary === true;
  }

  has(node: Ast.Node, keyword: 'AbstractKeyword' | 'DeclareKeyword' | 'PrivateKeyword' | 'ProtectedKeyword'): boolean {
    const kind = this.ast.SyntaxKind[keyword];
    return 'modifiers' in node && Array.isArray(node.modifiers) && node.modifiers.some((each: Ast.Node) => each.kind === kind);
  }

  nodeOf(symbol: Ts.Symbol | undefined): Ast.Node | undefined {
    const handle = symbol?.valueDeclaration ?? symbol?.declarations[0];
    if (handle === undefined || this.project.program.getSourceFileMetadataByPath(handle.path)?.isDefaultLibrary === true) return undefined;
    const node = handle.resolve(this.project);
    if (node !== undefined && this.project.program.getSourceFileMetadataByPath(handle.path)?.isFromExternalLibrary !== true)
      this.dependencies.add(this.fileOf(node).fileName);
    return node;
  }

  docs(symbol: Ts.Symbol): Documentation {
    const node = this.nodeOf(symbol);
    if (node !== undefined && !hasJsDoc(node) && !mayInherit(node)) return { tags: [] };
    const description = symbol.getDocumentationComment(this.checker).replaceAll('\r\n', '\n').trim();
    const tags = symbol.getJsDocTags(this.checker).map(({ name, text = '' }) => ({ name, text: text.replaceAll('\r\n', '\n').trim() }));
    return { ...(description === '' ? {} : { description }), tags };
  }

  text(type: Ts.Type): string {
    return this.checker.typeToString(type);
  }

  fileOf(node: Ast.Node): Ast.SourceFile {
    let each: Ast.Node = node;
    while (!this.ast.isSourceFile(each)) each = each.parent;
    return each;
  }

  place(node: Ast.Node): Place {
    const source = this.fileOf(node);
    return this.position(source, node === source ? 0 : node.getStart(source));
  }

  position(source: Ast.SourceFile, at: number): Place {
    const { line, character } = source.getLineAndCharacterOfPosition(at);
    return { file: source.fileName, line: line + 1, column: character + 1 };
  }

  problem(node: Ast.Node, message: string): undefined {
    const problem = { ...this.place(node), message };
    if (!this.problems.some((each) => each.message === message && each.line === problem.line && each.file === problem.file))
      this.problems.push(problem);
  }
}

export function hasTag(docs: Documentation, name: string): boolean {
  return docs.tags.some((tag) => tag.name === name);
}

/** The name of a declaration, which is where messages point. */
export function nameOf(node: Ast.Node): Ast.Node | undefined {
  return 'name' in node && isNode(node.name) ? node.name : undefined;
}

/** The type that a declaration was given. */
export function typeNodeOf(node: Ast.Node): Ast.TypeNode | undefined {
  return 'type' in node && isNode(node.type) ? node.type : undefined;
}

function isNode(value: unknown): value is Ast.TypeNode {
  return typeof value === 'object' && value !== null && 'kind' in value && 'pos' in value;
}

function hasJsDoc(node: Ast.Node): boolean {
  return node.jsDoc !== undefined && node.jsDoc.length > 0;
}

/** Members of what extends something have its documentation where they have none. */
function mayInherit({ parent }: Ast.Node): boolean {
  return parent !== undefined && 'heritageClauses' in parent && parent.heritageClauses !== undefined;
}
