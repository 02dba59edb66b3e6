import { dirname } from 'node:path';
import { sha256 } from '../../core/index.ts';
import type { ClassManifest } from '../class-manifest.ts';
import type { FunctionDefinition } from '../function-definition.ts';
import { classManifestOf } from './class-manifest-of.ts';
import type { DeclaredClass, DeclaredFunction, SourceDeclarations } from './declaration.ts';
import type { Documentation, Problem } from './declared-type.ts';
import { shortPath } from './find-sources.ts';
import { functionDefinitionOf, schemasOf } from './function-definition-of.ts';
import { Code, printLiteral } from './print-literal.ts';
import { SchemaWriter } from './schema-writer.ts';

/** A module, and what is in it. */
export interface ModuleText {
  readonly text: string;
  readonly functions: readonly FunctionDefinition[];
  readonly classes: readonly ClassManifest[];
  /** What was wrong with documentation: then the text is not to be used. */
  readonly problems: readonly Problem[];
}

/** The module for what a source declares, to be written to `file`; `sources` are the texts of all files it was made from. */
export function moduleText(
  source: SourceDeclarations,
  file: string,
  sources: readonly { readonly path: string; readonly text: string }[],
): ModuleText {
  const problems: Problem[] = [];
  const schemas = new SchemaWriter(problems);
  const functions: FunctionDefinition[] = [];
  const classes: ClassManifest[] = [];
  const names = new Names(source);
  const blocks: string[] = [];
  const used = new Set<string>();
  for (const declared of source.declarations) {
    if (declared.kind === 'function') {
      const definition = withDefinitions(functionDefinitionOf(declared, schemas, problems), schemas);
      functions.push(definition);
      used.add('defineFunction');
      blocks.push(functionBlock(declared, definition, names, schemas));
    } else {
      const manifest = classManifestOf(declared, schemas, problems);
      classes.push(manifest);
      for (const each of classImports(declared)) used.add(each);
      blocks.push(classBlock(declared, manifest, names, schemas));
    }
  }
  for (const { name, kind, place } of source.declarations) {
    if (kind !== 'interface' && used.has(name))
      problems.push({ ...place, message: `${name} is a name that generated modules use themselves: choose another` });
  }
  const parts = [header(file, sources), imports(source, file, used, names), typesBlock(schemas, names), ...blocks].filter(
    (part) => part !== '',
  );
  return { text: `${parts.join('\n\n')}\n`, functions, classes, problems };
}

function withDefinitions(definition: Omit<FunctionDefinition, 'definitions'>, schemas: SchemaWriter): FunctionDefinition {
  const definitions = schemas.needed(schemasOf(definition));
  return definitions === undefined ? definition : { ...definition, definitions };
}

/** Names of the module's own that nothing declared has. */
class Names {
  readonly declared: string;
  readonly types: string;

  constructor({ declarations }: SourceDeclarations) {
    const taken = new Set(declarations.map((each) => each.name));
    const free = (name: string): string => (taken.has(name) ? free(`${name}_`) : name);
    this.declared = free('declared');
    this.types = free('types');
  }
}

const hashPattern = /^\/\/ Sources: .* \(sha256 ([\da-f]{64})\)$/m;

/** The digest of the sources that a module was made from, as its head has it. */
export function sourceHash(text: string): string | undefined {
  return hashPattern.exec(text)?.[1];
}

function header(file: string, sources: readonly { readonly path: string; readonly text: string }[]): string {
  const folder = dirname(file);
  const listed = sources.map(({ path, text }) => ({
    path: shortPath(path, folder),
    text: text.replace(/^\u{FEFF}/u, '').replaceAll('\r\n', '\n'),
  }));
  const digest = sha256(JSON.stringify(listed.map(({ path, text }) => [path, text])));
  return `// Made by \`lmdeck functions generate\` from ${listed[0]?.path}: change that, and generate again.\n// Sources: ${listed.map((each) => each.path).join(', ')} (sha256 ${digest})`;
}

function imports(source: SourceDeclarations, file: string, used: ReadonlySet<string>, names: Names): string {
  const path = shortPath(source.file, dirname(file)).replace(/\.(m?)tsx?$/, (_, m: string) => source.importSuffix.replace('.', `.${m}`));
  const specifier = path.startsWith('.') ? path : `./${path}`;
  const values = [...used].filter((each) => /^[a-z]/.test(each)).sort();
  const types = [...used].filter((each) => /^[A-Z]/.test(each)).sort();
  const classes = source.declarations.filter((each) => each.kind === 'class').map((each) => each.name);
  const needsDeclared = source.declarations.some((each) => each.kind !== 'class');
  return [
    ...(types.includes('Model') ? ["import type { Model } from 'lmdeck';"] : []),
    `import { ${[...values, ...types.filter((each) => each !== 'Model').map((each) => `type ${each}`)].join(', ')} } from 'lmdeck/functions';`,
    ...(needsDeclared ? [`import type * as ${names.declared} from '${specifier}';`] : []),
    ...(classes.length === 0 ? [] : [`import { ${classes.join(', ')} } from '${specifier}';`]),
    '',
    `export type * from '${specifier}';`,
  ].join('\n');
}

function typesBlock({ definitions }: SchemaWriter, names: Names): string {
  if (definitions.size === 0) return '';
  const sorted = [...definitions].sort(([a], [b]) => (a < b ? -1 : 1));
  return `const ${names.types} = ${printLiteral(Object.fromEntries(sorted))};`;
}

/** All definitions at once, or those that are needed by name: their schemas stand in `types`. */
function references(definitions: FunctionDefinition['definitions'], schemas: SchemaWriter, names: Names): unknown {
  if (definitions === undefined) return undefined;
  const needed = Object.keys(definitions);
  if (needed.length === schemas.definitions.size) return new Code(names.types);
  return Object.fromEntries(
    needed.map((name) => [name, new Code(/^[A-Za-z_$][\w$]*$/.test(name) ? `${names.types}.${name}` : `${names.types}['${name}']`)]),
  );
}

function functionBlock(declared: DeclaredFunction, definition: FunctionDefinition, names: Names, schemas: SchemaWriter): string {
  const type = `typeof ${names.declared}.${declared.name}`;
  const input = declared.parameters.map(
    ({ name, optional, rest }, at) => `${name}${optional ? '?' : ''}: Parameters<${type}>[${at}]${rest ? '[]' : ''}`,
  );
  const head = `export const ${declared.name} = defineFunction<${typeArguments(type, input)}>(`;
  const column = head.length - head.lastIndexOf('\n') - 1;
  const value = printLiteral({ ...definition, definitions: references(definition.definitions, schemas, names) }, 0, column);
  return `${comment(declared.docs)}${head}${value});`;
}

/** The type of a function and that of its arguments by their names. */
function typeArguments(type: string, input: readonly string[]): string {
  if (input.length === 0) return `${type}, Record<string, never>`;
  const short = `${type}, { ${input.join('; ')} }`;
  return short.length <= 60 ? short : `\n  ${type},\n  {\n${input.map((each) => `    ${each};\n`).join('')}  }\n`;
}

function classImports({ kind, typeParameters }: DeclaredClass): readonly string[] {
  if (kind === 'class') return ['ClassManifest', 'FunctionOptions', 'ImplementedClass', 'Model', 'implement'];
  return typeParameters.length > 0 ? ['ClassManifest'] : ['ClassManifest', 'DataOf', 'FunctionOptions', 'Model', 'implementInterface'];
}

function classBlock(declared: DeclaredClass, manifest: ClassManifest, names: Names, schemas: SchemaWriter): string {
  const { name, kind, typeParameters } = declared;
  const constant = `${name.slice(0, 1).toLowerCase()}${name.slice(1)}Manifest`;
  const value = `export const ${constant}: ClassManifest = ${printLiteral({ ...manifest, definitions: references(manifest.definitions, schemas, names) })};`;
  const own = declared.docs.description ?? (kind === 'class' ? 'The abstract class' : 'The interface');
  const head = comment({ description: `${own}\n\nIts members are carried out by a model.`, tags: [] });
  const parameters = 'model: Model, options?: FunctionOptions';
  if (kind === 'class')
    return `${value}\n\n${head}export function implement${name}(${parameters}): ImplementedClass<typeof ${name}> {\n  return implement(${name}, ${constant}, model, options);\n}`;
  if (typeParameters.length > 0) return value;
  const type = `${names.declared}.${name}`;
  return `${value}\n\n${head}export function implement${name}(${parameters}): new (data: DataOf<${type}>) => ${type} {\n  return implementInterface<${type}>(${constant}, model, options);\n}`;
}

/** Documentation for those who call: description, parameters, result. */
function comment({ description, tags }: Documentation): string {
  const lines = [
    ...(description?.split('\n') ?? []),
    ...tags.flatMap(({ name, text }) =>
      /^(?:param|returns?)$/.test(name) ? `@${name} ${text.replaceAll(/\s*\{@\w+[^{}]*\}/g, '')}`.split('\n') : [],
    ),
  ].map((line) => line.replaceAll('*/', '*\\/').trimEnd());
  if (lines.length === 0) return '';
  if (lines.length === 1) return `/** ${lines[0]} */\n`;
  return `/**\n${lines.map((line) => ` * ${line}`.trimEnd()).join('\n')}\n */\n`;
}
