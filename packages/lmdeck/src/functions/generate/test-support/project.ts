import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findSources, openGenerator, shortPath, type FunctionGenerator, type GeneratedModule } from '../index.ts';

/** A folder with sources. */
export interface Project extends Disposable {
  readonly folder: string;
  write(files: Readonly<Record<string, string>>): void;
  /** `file:line:column: message` */
  problems(module: GeneratedModule | undefined): readonly string[];
  generate(generator: FunctionGenerator, ...paths: readonly string[]): Promise<readonly GeneratedModule[]>;
  open(reader?: 'typescript' | 'oxc'): Promise<FunctionGenerator>;
}

const tsconfig = JSON.stringify({
  compilerOptions: { strict: true, module: 'nodenext', target: 'es2024', types: [], noEmit: true, allowImportingTsExtensions: true },
});

/** A project of these files, with a tsconfig.json of its own unless there is one among them. */
export function project(files: Readonly<Record<string, string>>, config: string | undefined = tsconfig): Project {
  const folder = mkdtempSync(join(tmpdir(), 'lmdeck-generate-'));
  const write = (more: Readonly<Record<string, string>>): void => {
    for (const [name, text] of Object.entries(more)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
  };
  if (config !== '') write({ 'tsconfig.json': config });
  write(files);
  return {
    folder,
    write,
    problems: (module) =>
      (module?.problems ?? []).map(({ file, line, column, message }) => `${shortPath(file, folder)}:${line}:${column}: ${message}`),
    generate: (generator, ...paths) => generator.generate(findSources(paths.length === 0 ? ['.'] : paths, folder).files),
    open: (reader) => openGenerator({ folder, reader }),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** What one source makes. */
export async function generated(
  source: string,
  more: Readonly<Record<string, string>> = {},
): Promise<{ readonly module: GeneratedModule; readonly problems: readonly string[] }> {
  using one = project({ ...more, 'x.llm.ts': source });
  using generator = await one.open();
  const [module] = await one.generate(generator, 'x.llm.ts');
  if (module === undefined) throw new Error('nothing was generated');
  return { module, problems: one.problems(module) };
}
