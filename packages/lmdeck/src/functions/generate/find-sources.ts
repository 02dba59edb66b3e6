import { globSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { LmdeckError } from '../../core/index.ts';
import type { SourceFile } from './declaration-reader.ts';

/** Sources, and the folders that were searched for them. */
export interface FoundSources {
  /** In the order of their paths. */
  readonly files: readonly SourceFile[];
  readonly folders: readonly string[];
}

/**
 * The sources that paths (files, folders, patterns) name. Of a file named as such every exported declaration counts; in a folder those of files called
 * `*.llm.ts`, and what is marked `@llm` in others. Folders are searched through; `node_modules`, `dist`, `build`, `coverage` and hidden ones are not.
 *
 * @throws LmdeckError `usage` for a path that does not exist or is no TypeScript source.
 */
export function findSources(paths: readonly string[], folder: string): FoundSources {
  const found = new Map<string, SourceFile>();
  const folders = new Set<string>();
  const walk = (path: string): void => {
    folders.add(path);
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const inner = join(path, entry.name);
      if (entry.isDirectory()) {
        if (!/^(?:\.|(?:node_modules|dist|build|coverage)$)/.test(entry.name)) walk(inner);
      } else if (isSource(entry.name) && !found.has(inner)) {
        if (isLlmFile(entry.name)) found.set(inner, { path: inner, marked: false });
        else if (/@llm\b/.test(readFileSync(inner, 'utf8'))) found.set(inner, { path: inner, marked: true });
      }
    }
  };
  for (const path of paths) {
    const matched = /[*?[{]/.test(path) ? globSync(path, { cwd: folder }).sort() : [path];
    if (matched.length === 0) throw new LmdeckError('usage', `No file matches ${path}.`);
    for (const each of matched) {
      const absolute = resolve(folder, each);
      const info = statSync(absolute, { throwIfNoEntry: false });
      if (info === undefined) throw new LmdeckError('usage', `There is no ${each}.`);
      if (info.isDirectory()) walk(absolute);
      else if (isSource(basename(absolute))) {
        found.set(absolute, { path: absolute, marked: false });
        folders.add(dirname(absolute));
      } else if (matched.length === 1)
        throw new LmdeckError('usage', `${each} is no source with declarations: a .ts, .mts or .tsx file is expected.`);
    }
  }
  return { files: [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1)), folders: [...folders].sort() };
}

/** Where the module of a source goes: `x.llm.ts` → `x.llm.generated.ts`. */
export function generatedFile(source: string): string {
  return source.replace(/\.(m?)tsx?$/, '.generated.$1ts');
}

/** `path` as it is written in messages and headers: relative, with forward slashes. */
export function shortPath(path: string, folder: string): string {
  return (relative(folder, path) || path).replaceAll('\\', '/');
}

function isSource(name: string): boolean {
  return /\.m?tsx?$/.test(name) && !/\.(?:d|generated)\.m?tsx?$/.test(name);
}

function isLlmFile(name: string): boolean {
  return /\.llm\.m?tsx?$/.test(name);
}
