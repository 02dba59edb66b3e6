import { existsSync } from 'node:fs';
import type * as Ts from 'typescript/unstable/sync';
import { LmdeckError } from '../../../core/index.ts';
import type { SourceDeclarations } from '../declaration.ts';
import type { DeclarationReader, SourceFile } from '../declaration-reader.ts';
import { FileReader } from './file-reader.ts';
import { loadTypeScript, type Modules } from './load-typescript.ts';
import { ProgramView } from './program-view.ts';

/** Settings of a reader. */
export interface TypeScriptReaderOptions {
  /** Where TypeScript is looked for, and relative paths start. */
  readonly folder: string;
  /** A tsconfig.json, instead of the one next above each file. */
  readonly project?: string;
}

/**
 * A reader that asks TypeScript 7, or nothing where the folder's TypeScript is another.
 * @throws LmdeckError `config` when its process cannot be started.
 */
export async function typescriptReader(options: TypeScriptReaderOptions): Promise<DeclarationReader | undefined> {
  const modules = await loadTypeScript(options.folder);
  return modules === undefined ? undefined : new TypeScriptReader(modules, options);
}

type SnapshotParams = NonNullable<Parameters<Ts.API['updateSnapshot']>[0]>;

class TypeScriptReader implements DeclarationReader {
  readonly name: string;
  readonly #modules: Modules;
  readonly #project: string | undefined;
  readonly #api: Ts.API;
  readonly #opened = new Set<string>();
  readonly #changed = new Set<string>();
  readonly #projects = new Set<string>();
  readonly #loose = new Set<string>();
  #snapshot: Ts.Snapshot | undefined;

  constructor(modules: Modules, { folder, project }: TypeScriptReaderOptions) {
    this.#modules = modules;
    this.#project = project;
    this.name = `TypeScript ${modules.version}`;
    this.#api = new modules.ts.API({ cwd: folder });
  }

  read(files: readonly SourceFile[]): readonly SourceDeclarations[] {
    const fresh = files.map((file) => file.path).filter((path) => !this.#opened.has(path));
    for (const path of fresh) this.#opened.add(path);
    if (this.#snapshot === undefined || this.#changed.size > 0 || fresh.length > 0) this.#renew(fresh);
    const snapshot = this.#snapshot;
    return snapshot === undefined ? [] : files.map((file) => this.#readFile(snapshot, file));
  }

  /**
   * Files are opened to find their projects. Changes are only noticed in projects that are open themselves; files without a tsconfig.json have none, and
   * are closed and opened again.
   */
  #renew(fresh: readonly string[]): void {
    const fileChanges = fileChangesOf(this.#changed);
    this.#changed.clear();
    if (this.#project !== undefined) return this.#update({ openProjects: [this.#project], fileChanges });
    this.#update({ fileChanges, closeFiles: [...this.#loose] });
    this.#update({ openFiles: [...fresh, ...this.#loose] });
    const projects = new Set<string>();
    for (const path of fresh) {
      const config = this.#snapshot?.getDefaultProjectForFile(path)?.configFileName;
      if (config !== undefined && existsSync(config)) projects.add(config);
      else this.#loose.add(path);
    }
    const unopened = [...projects].filter((config) => !this.#projects.has(config));
    for (const config of unopened) this.#projects.add(config);
    if (unopened.length > 0) this.#update({ openProjects: unopened });
  }

  changed(paths: readonly string[]): void {
    for (const path of paths) this.#changed.add(path);
  }

  close(): void {
    this.#snapshot?.dispose();
    // It ends its process with a signal on which that may print "context canceled". One that is killed prints nothing.
    const channel = inner(inner(this.#api, 'client'), 'channel');
    const child = inner(channel, 'child');
    if (child instanceof process.getBuiltinModule('node:child_process').ChildProcess) child.kill('SIGKILL');
    this.#api.close();
  }

  /** A snapshot with the changes, in place of the one before. */
  #update(params: SnapshotParams): void {
    // 7.1 has another name for it.
    const api: Ts.API & { createSnapshot?: Ts.API['updateSnapshot'] } = this.#api;
    const before = this.#snapshot;
    this.#snapshot = api.createSnapshot === undefined ? api.updateSnapshot(params) : api.createSnapshot(params);
    before?.dispose();
  }

  #readFile(snapshot: Ts.Snapshot, file: SourceFile): SourceDeclarations {
    const project = this.#project === undefined ? snapshot.getDefaultProjectForFile(file.path) : snapshot.getProject(this.#project);
    const source = project?.program.getSourceFile(file.path);
    if (project === undefined || source === undefined) {
      const config = project?.configFileName ?? this.#project ?? 'a project';
      throw new LmdeckError('config', `${file.path} is not part of ${config}. Add it to "include" there, or name another --project.`);
    }
    return new FileReader(new ProgramView(this.#modules, project, source), file).read();
  }
}

function fileChangesOf(paths: ReadonlySet<string>): { readonly changed: string[]; readonly created: string[]; readonly deleted: string[] } {
  const [there, gone] = [[...paths].filter((path) => existsSync(path)), [...paths].filter((path) => !existsSync(path))];
  // Whether a file is new it knows itself.
  return { changed: there, created: there, deleted: gone };
}

function inner(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
