import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as Ast from 'typescript/unstable/ast';
import type * as Ts from 'typescript/unstable/sync';

/** The modules of TypeScript that are used. */
export interface Modules {
  readonly ts: typeof Ts;
  readonly ast: typeof Ast;
  readonly version: string;
}

/** The version of the TypeScript that a folder's programs get, if there is any. */
export function typescriptVersion(folder: string): string | undefined {
  for (const require of requires(folder)) {
    try {
      const { version }: { version?: unknown } = require('typescript/package.json');
      if (typeof version === 'string') return version;
    } catch {}
  }
  return undefined;
}

/** From the folder first: lmdeck may be installed elsewhere. */
function requires(folder: string): readonly NodeJS.Require[] {
  return [createRequire(join(folder, 'package.json')), createRequire(import.meta.url)];
}

/** The modules, or nothing where there is no TypeScript that has them. */
export async function loadTypeScript(folder: string): Promise<Modules | undefined> {
  for (const require of requires(folder)) {
    for (const part of ['typescript/unstable', 'typescript']) {
      let paths: readonly string[];
      try {
        paths = [require.resolve(`${part}/sync`), require.resolve(`${part}/ast`)];
      } catch {
        continue;
      }
      const ts: typeof Ts = await import(pathToFileURL(paths[0] ?? '').href);
      const ast: typeof Ast = await import(pathToFileURL(paths[1] ?? '').href);
      return { ts, ast, version: typescriptVersion(folder) ?? '7' };
    }
  }
  return undefined;
}
