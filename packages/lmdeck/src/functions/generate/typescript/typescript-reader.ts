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
    const params: SnapshotParams = {
      ...(this.#project === undefined ? { openFiles: fresh } : { openProjects: [this.#project] }),
      ...(this.#changed.size === 0 ? {} : { fileChanges: { changed: [...this.#changed] } }),
    };
    this.#changed.clear();
    const before = this.#snapshot;
    const snapshot = this.#update(params);
    this.#snapshot = snapshot;
    before?.dispose();
    return files.map((file) => this.#readFile(snapshot, file));
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

  /** 7.1 has another name for it. */
  #update(params: SnapshotParams): Ts.Snapshot {
    const api: Ts.API & { createSnapshot?: Ts.API['updateSnapshot'] } = this.#api;
    return api.createSnapshot === undefined ? api.updateSnapshot(params) : api.createSnapshot(params);
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

function inner(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
