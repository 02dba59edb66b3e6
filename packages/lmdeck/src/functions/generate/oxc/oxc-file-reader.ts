import type {
  Class,
  ClassElement,
  Function as FunctionNode,
  Node,
  ParamPattern,
  TSInterfaceDeclaration,
  TSType,
  TSTypeParameterDeclaration,
} from 'oxc-parser';
import type {
  DeclaredClass,
  DeclaredFunction,
  DeclaredMember,
  DeclaredParameter,
  Declaration,
  SourceDeclarations,
} from '../declaration.ts';
import type { SourceFile } from '../declaration-reader.ts';
import type { DeclaredProperty, DeclaredType, Documentation } from '../declared-type.ts';
import type { OxcSource } from './oxc-source.ts';
import { keyName, TypeEvaluator, type Scope } from './type-evaluator.ts';
import { defined } from './utility-types.ts';

/** A type with parameters and a result. */
interface Callable {
  readonly params: readonly ParamPattern[];
  readonly returnType?: { readonly typeAnnotation: TSType } | null;
  readonly typeParameters?: TSTypeParameterDeclaration | null;
}

/** Something of a class or interface. */
interface Member {
  readonly name: string;
  readonly node: Node;
  readonly kind: DeclaredMember['kind'];
  readonly callable?: Callable;
  readonly type?: TSType;
}

/** Reads what one file declares, by its syntax. */
export class OxcFileReader {
  readonly #file: SourceFile;
  readonly #source: OxcSource;
  readonly #types: TypeEvaluator;

  constructor(file: SourceFile, open: (path: string) => OxcSource) {
    this.#file = file;
    this.#source = open(file.path);
    this.#types = new TypeEvaluator(open);
  }

  read(): SourceDeclarations {
    const errors = this.#source.errors.map(({ message, place }) => ({ ...place, message }));
    const declarations = errors.length > 0 ? [] : this.#declarations();
    this.#types.files.delete(this.#file.path);
    return {
      file: this.#file.path,
      text: this.#source.text,
      declarations,
      problems: [...errors, ...this.#types.problems],
      dependencies: [...this.#types.files].sort(),
      importSuffix: /from '[^']+\.ts'|from "[^"]+\.ts"/.test(this.#source.text) ? '.ts' : '.js',
    };
  }

  #declarations(): readonly Declaration[] {
    const found: Declaration[] = [];
    for (const statement of this.#source.program.body) {
      if (statement.type !== 'ExportNamedDeclaration' || statement.declaration === null) continue;
      const docs = this.#source.docs(statement);
      if (has(docs, 'human') || (this.#file.marked && !has(docs, 'llm'))) continue;
      const problems = this.#types.problems.length;
      const node = statement.declaration;
      const declaration =
        node.type === 'TSDeclareFunction' && node.declare === true
          ? this.#function(node, docs)
          : isClassLike(node)
            ? this.#class(node, docs)
            : undefined;
      if (declaration !== undefined && this.#types.problems.length === problems) found.push(declaration);
    }
    const names = found.map((each) => each.name);
    for (const each of found)
      if (names.indexOf(each.name) !== names.lastIndexOf(each.name))
        this.#problem(each.place, `${each.name} is overloaded: declare it once, with a union or optional parameters`);
    return found;
  }

  #function(node: FunctionNode, docs: Documentation): DeclaredFunction | undefined {
    const name = node.id?.name ?? '';
    const scope = { source: this.#source, parameters: parametersOf(node.typeParameters), path: name };
    const { result, ...rest } = this.#callable(name, node, docs, node.id ?? node, scope);
    if (result === undefined) return void this.#types.unsupported('void', node.returnType ?? node, { ...scope, path: `${name}: result` });
    return { kind: 'function', ...rest, result };
  }

  #class(node: Class | TSInterfaceDeclaration, docs: Documentation): DeclaredClass | undefined {
    const kind = node.type === 'TSInterfaceDeclaration' ? 'interface' : 'class';
    const name = node.id?.name ?? '';
    const parameters = parametersOf(node.typeParameters);
    const scope = { source: this.#source, parameters, path: name };
    const { members, data } = node.type === 'TSInterfaceDeclaration' ? ofInterface(node) : ofClass(node);
    if (members.length === 0) return undefined;
    const hasBase = node.type === 'TSInterfaceDeclaration' ? node.extends.length > 0 : node.superClass !== null;
    if (hasBase)
      this.#types.unsupported(`${name} with members of what it extends`, node, {
        ...scope,
        path: 'oxc-parser reads single classes (TypeScript 7 reads all)',
      });
    const read: DeclaredMember[] = [];
    const leftOut: string[] = [];
    for (const member of members) {
      const docs = this.#source.docs(member.node);
      const path = `${name}.${member.name}`;
      const inner = { ...scope, path };
      const callable = member.callable ?? { params: [], returnType: member.type === undefined ? null : { typeAnnotation: member.type } };
      if (has(docs, 'human')) leftOut.push(member.name);
      else if (!isPromise(callable.returnType?.typeAnnotation))
        this.#problem(
          this.#source.place(member.node.start),
          `${path} must return a Promise, since a model answers later (or mark it @human)`,
        );
      else {
        const { result, ...rest } = this.#callable(member.name, callable, docs, member.node, {
          ...inner,
          parameters: new Map([...parameters, ...parametersOf(callable.typeParameters)]),
        });
        if (result === undefined) leftOut.push(member.name);
        else read.push({ kind: member.kind, ...rest, result });
      }
    }
    const fields = data.flatMap(({ name, type, node, optional }): readonly DeclaredProperty[] =>
      has(this.#source.docs(node), 'hidden') ? [] : this.#types.property(name, type, node, optional, scope),
    );
    return read.length === 0
      ? undefined
      : {
          kind,
          name,
          docs,
          place: this.#source.place(node.id?.start ?? node.start),
          typeParameters: [...parameters.keys()],
          fields,
          members: read,
          leftOut,
        };
  }

  #callable(name: string, { params, returnType, typeParameters }: Callable, docs: Documentation, node: Node, scope: Scope) {
    const parameters = params.flatMap((param): readonly DeclaredParameter[] => {
      const pattern = param.type === 'RestElement' ? param.argument : param;
      const place = this.#source.place(param.start);
      if (pattern.type !== 'Identifier') return this.#problem(place, `a parameter of ${scope.path} is a pattern: give it a name`);
      const type = (param.type === 'RestElement' ? param.typeAnnotation : pattern.typeAnnotation)?.typeAnnotation;
      const inner = { ...scope, path: `${scope.path}: ${pattern.name}` };
      const read =
        type === undefined || type === null
          ? { type: this.#types.unsupported('any', param, inner), optional: false }
          : defined(this.#types.read(type, inner));
      return [
        {
          name: pattern.name,
          type: read.type,
          optional: Boolean(pattern.optional) || read.optional,
          rest: param.type === 'RestElement',
          place,
        },
      ];
    });
    return {
      name,
      docs,
      place: this.#source.place(node.start),
      typeParameters: [...parametersOf(typeParameters).keys()],
      parameters,
      result: this.#result(returnType?.typeAnnotation, node, scope),
    };
  }

  #result(type: TSType | undefined, node: Node, scope: Scope): DeclaredType | undefined {
    const inner = { ...scope, path: `${scope.path}: result` };
    if (type === undefined) return this.#types.unsupported('any', node, inner);
    const result = isPromise(type) ? type.typeArguments?.params[0] : type;
    if (result === undefined || result.type === 'TSVoidKeyword' || result.type === 'TSUndefinedKeyword') return undefined;
    const read = this.#types.read(result, inner);
    return defined(read).optional ? this.#types.unsupported('undefined', result, inner) : read;
  }

  #problem(place: ReturnType<OxcSource['place']>, message: string): [] {
    this.#types.problems.push({ ...place, message });
    return [];
  }
}

interface Members {
  readonly members: readonly Member[];
  readonly data: readonly { readonly name: string; readonly type: TSType; readonly node: Node; readonly optional: boolean }[];
}

function ofInterface(node: TSInterfaceDeclaration): Members {
  const members: Member[] = [];
  const data: Members['data'][number][] = [];
  for (const each of node.body.body) {
    if (each.type !== 'TSMethodSignature' && each.type !== 'TSPropertySignature') continue;
    const name = keyName(each.key);
    if (name === undefined || (each.optional && each.type === 'TSMethodSignature')) continue;
    if (each.type === 'TSMethodSignature') members.push({ name, node: each, kind: 'method', callable: each });
    else if (each.typeAnnotation !== null) {
      const type = each.typeAnnotation.typeAnnotation;
      if (isPromise(type)) members.push({ name, node: each, kind: 'getter', type });
      else if (type.type === 'TSFunctionType') members.push({ name, node: each, kind: 'method', callable: type });
      else data.push({ name, type, node: each, optional: each.optional });
    }
  }
  // One without promises is data.
  const isStrategy = members.some((member) => isPromise(member.type ?? member.callable?.returnType?.typeAnnotation));
  return isStrategy ? { members, data } : { members: [], data };
}

function ofClass(node: Class): Members {
  const members: Member[] = [];
  const data: Members['data'][number][] = [];
  for (const each of node.body.body) {
    const name = 'key' in each ? keyName(each.key) : undefined;
    if (name === undefined || isHidden(each)) continue;
    if (each.type === 'TSAbstractMethodDefinition') {
      if (each.kind === 'get') {
        const type = each.value.returnType?.typeAnnotation;
        members.push({ name, node: each, kind: 'getter', ...(type === undefined ? {} : { type }) });
      } else if (each.kind === 'method') members.push({ name, node: each, kind: 'method', callable: each.value });
    } else if (each.type === 'PropertyDefinition' || each.type === 'TSAbstractPropertyDefinition') {
      const type = each.typeAnnotation?.typeAnnotation;
      if (each.static) {
        if (each.declare === true && type?.type === 'TSFunctionType') members.push({ name, node: each, kind: 'static', callable: type });
      } else if (isPromise(type)) {
        if (each.type === 'TSAbstractPropertyDefinition') members.push({ name, node: each, kind: 'getter', type });
      } else if (type !== undefined && type.type !== 'TSFunctionType')
        data.push({ name, type, node: each, optional: each.optional === true });
    } else if (each.type === 'MethodDefinition' && each.kind === 'constructor') {
      data.push(...parameterProperties(each.value.params));
    } else if (each.type === 'MethodDefinition' && each.kind === 'get' && !each.static) {
      const type = each.value.returnType?.typeAnnotation;
      if (type !== undefined && !isPromise(type)) data.push({ name, type, node: each, optional: false });
    }
  }
  // As TypeScript lists them.
  const isStatic = (member: Member): number => (member.kind === 'static' ? 1 : 0);
  return { members: members.toSorted((a, b) => isStatic(a) - isStatic(b)), data };
}

/** `constructor(readonly name: string)` */
function parameterProperties(params: readonly ParamPattern[]): Members['data'] {
  return params.flatMap((param) => {
    if (param.type !== 'TSParameterProperty' || isHidden(param) || param.parameter.type !== 'Identifier') return [];
    const type = param.parameter.typeAnnotation?.typeAnnotation;
    return type === undefined ? [] : [{ name: param.parameter.name, type, node: param, optional: Boolean(param.parameter.optional) }];
  });
}

function isHidden(element: ClassElement | ParamPattern): boolean {
  return 'accessibility' in element && (element.accessibility === 'private' || element.accessibility === 'protected');
}

function isClassLike(node: Node): node is Class | TSInterfaceDeclaration {
  return node.type === 'TSInterfaceDeclaration' || (node.type === 'ClassDeclaration' && node.abstract === true);
}

function isPromise(type: TSType | undefined): type is Extract<TSType, { type: 'TSTypeReference' }> {
  return type?.type === 'TSTypeReference' && type.typeName.type === 'Identifier' && type.typeName.name === 'Promise';
}

function parametersOf(declared: TSTypeParameterDeclaration | null | undefined): ReadonlyMap<string, DeclaredType> {
  return new Map((declared?.params ?? []).map((each) => [each.name.name, { kind: 'parameter', name: each.name.name }]));
}

function has(docs: Documentation, tag: string): boolean {
  return docs.tags.some((each) => each.name === tag);
}
