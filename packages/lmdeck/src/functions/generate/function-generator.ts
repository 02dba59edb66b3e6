import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { LmdeckError } from '../../core/index.ts';
import type { ClassManifest } from '../class-manifest.ts';
import type { FunctionDefinition } from '../function-definition.ts';
import type { SourceDeclarations } from './declaration.ts';
import type { DeclarationReader, SourceFile } from './declaration-reader.ts';
import type { Problem } from './declared-type.ts';
import { exampleProblems } from './example-problems.ts';
import { generatedFile } from './find-sources.ts';
import { moduleText, sourceHash } from './module-text.ts';
import { openReader, type ReaderName } from './open-reader.ts';
import { sameCode } from './same-code.ts';

/** Settings of a generator. */
export interface GeneratorOptions {
  /** Where TypeScript is looked for. */
  readonly folder: string;
  /** A tsconfig.json, instead of the one next above each source. */
  readonly project?: string | undefined;
  /** Default: TypeScript 7 where the folder has it, else oxc-parser. */
  readonly reader?: ReaderName | undefined;
}

/** What was made from one source. */
export interface GeneratedModule {
  /** Absolute path of the source. */
  readonly source: string;
  /** Absolute path that the module is for; see `text`. */
  readonly file: string;
  /** Absent when there are problems, or nothing was declared. */
  readonly text: string | undefined;
  readonly functions: readonly FunctionDefinition[];
  readonly classes: readonly ClassManifest[];
  /** Where each function and class is declared, and members that are left to people, by its name. */
  readonly declared: SourceDeclarations['declarations'];
  readonly problems: readonly Problem[];
  /** Absolute paths of the other files that its types come from. */
  readonly dependencies: readonly string[];
}

/** Why a module on disk is not what would be generated. */
export type Staleness = 'missing' | 'source changed' | 'changed by hand or by another version';

/** Makes modules from declarations. It holds a TypeScript process, so that only what changed is read again: close it. */
export class FunctionGenerator implements Disposable {
  readonly #reader: DeclarationReader;

  constructor(reader: DeclarationReader) {
    this.#reader = reader;
  }

  /** What reads the sources: `TypeScript 7.0.2`. */
  get reader(): string {
    return this.#reader.name;
  }

  /**
   * The modules of sources, in their order; `output` is the file for the only one. Nothing is written. Files that were only looked at for marks, and have
   * none, are left out.
   * @throws LmdeckError `config` for a source that belongs to no project; `usage` for an output for several sources.
   */
  async generate(sources: readonly SourceFile[], output?: string): Promise<readonly GeneratedModule[]> {
    if (output !== undefined && sources.length !== 1)
      throw new LmdeckError(
        'usage',
        `One output file is for one source, and there are ${sources.length}. Leave it out: modules go beside their sources.`,
      );
    const read = this.#reader.read(sources);
    const modules = await Promise.all(
      read.map((source) => generated(source, output === undefined ? generatedFile(source.file) : resolve(output))),
    );
    // Many a file has the mark in a text only.
    return modules.filter((module, at) => sources[at]?.marked !== true || module.declared.length > 0 || module.problems.length > 0);
  }

  /** Tells which files were changed, made or deleted since the last call. */
  changed(paths: readonly string[]): void {
    this.#reader.changed(paths);
  }

  close(): void {
    this.#reader.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * A generator for a folder's sources.
 * @throws LmdeckError `config` when there is neither TypeScript 7 nor oxc-parser.
 *
 * @example
 * ```ts no-run
 * import { findSources, openGenerator } from 'lmdeck/functions/generate';
 *
 * using generator = await openGenerator({ folder: process.cwd() });
 * for (const module of await generator.generate(findSources(['src'], process.cwd()).files)) console.log(module.file, module.problems);
 * ```
 */
export async function openGenerator(options: GeneratorOptions): Promise<FunctionGenerator> {
  return new FunctionGenerator(await openReader(options));
}

/** Why the module on disk is stale, or nothing. How it is formatted does not matter. */
export function staleness(module: GeneratedModule): Staleness | undefined {
  if (module.text === undefined) return undefined;
  const written = textOf(module.file);
  if (written === undefined) return 'missing';
  if (sameCode(module.text, written)) return undefined;
  return sourceHash(written) === sourceHash(module.text) ? 'changed by hand or by another version' : 'source changed';
}

async function generated(source: SourceDeclarations, file: string): Promise<GeneratedModule> {
  const sources = [{ path: source.file, text: source.text }, ...source.dependencies.map((path) => ({ path, text: textOf(path) ?? '' }))];
  const { text, functions, classes, problems } = moduleText(source, file, sources);
  const all = inOrder([...source.problems, ...problems, ...(await ofExamples(source, functions, classes))]);
  return {
    source: source.file,
    file,
    text: all.length > 0 || source.declarations.length === 0 ? undefined : text,
    functions,
    classes,
    declared: source.declarations,
    problems: all,
    dependencies: source.dependencies,
  };
}

async function ofExamples(
  source: SourceDeclarations,
  functions: readonly FunctionDefinition[],
  classes: readonly ClassManifest[],
): Promise<readonly Problem[]> {
  const found: (readonly Problem[])[] = [];
  for (const declared of source.declarations) {
    const definition = functions.find((each) => each.name === declared.name);
    if (declared.kind === 'function' && definition !== undefined)
      found.push(await exampleProblems(definition, definition.definitions, declared.place));
    if (declared.kind === 'function') continue;
    const manifest = classes.find((each) => each.name === declared.name);
    for (const [at, member] of declared.members.entries()) {
      const definition = manifest?.members[at]?.definition;
      if (definition !== undefined) found.push(await exampleProblems(definition, manifest?.definitions, member.place));
    }
  }
  return found.flat();
}

/** Each problem once, by place. */
function inOrder(problems: readonly Problem[]): readonly Problem[] {
  const unique = new Map(problems.map((each) => [`${each.file}:${each.line}:${each.column}: ${each.message}`, each]));
  return [...unique.values()].sort((a, b) => (a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1));
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
