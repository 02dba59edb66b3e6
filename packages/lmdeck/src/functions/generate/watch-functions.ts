import { watch, type FSWatcher } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { LmdeckError, pause } from '../../core/index.ts';
import { findSources } from './find-sources.ts';
import { openGenerator, type GeneratedModule, type GeneratorOptions } from './function-generator.ts';

/** Settings of a watch. */
export interface WatchOptions extends GeneratorOptions {
  /** Files, folders and patterns, as for {@link findSources}. */
  readonly paths: readonly string[];
  readonly output?: string | undefined;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
}

/** Editors write a file in several steps. */
const SETTLE_MS = 30;

/**
 * Makes the modules of all sources, and then again those of sources that changed, or whose types did: one list for each change. Nothing is written.
 * Ends with the signal, without an error.
 *
 * @throws LmdeckError as {@link findSources} and {@link openGenerator} do.
 */
export async function* watchFunctions(options: WatchOptions): AsyncGenerator<readonly GeneratedModule[], void, undefined> {
  const { paths, folder, output, signal } = options;
  using generator = await openGenerator(options);
  using changes = new Changes(output === undefined ? undefined : resolve(folder, output));
  const known = new Map<string, GeneratedModule>();
  let changed: ReadonlySet<string> | undefined;
  for (;;) {
    const { files, folders } = findSources(paths, folder);
    for (const each of [folder, ...folders]) changes.watch(each);
    const stale = files.filter((file) => changed === undefined || mustBeRead(known.get(file.path), file.path, changed, known));
    if (changed !== undefined) generator.changed([...changed]);
    if (stale.length > 0) {
      const modules = await generator.generate(stale, output);
      for (const module of modules) {
        known.set(module.source, module);
        for (const each of module.dependencies) changes.watch(dirname(each));
      }
      if (modules.length > 0) yield modules;
    }
    for (;;) {
      try {
        await changes.next(signal);
        await pause(SETTLE_MS, signal);
      } catch (error) {
        if (LmdeckError.from(error).code === 'aborted') return;
        throw error;
      }
      changed = changes.take();
      if (changed.size > 0) break;
    }
  }
}

/** Whether a source must be read again: itself, its types, its configuration changed, or what may lead to its types. */
function mustBeRead(
  module: GeneratedModule | undefined,
  path: string,
  changed: ReadonlySet<string>,
  known: ReadonlyMap<string, GeneratedModule>,
): boolean {
  if (module === undefined || changed.has(path)) return true;
  const dependsOnOthers = module.dependencies.length > 0 || module.problems.length > 0;
  return [...changed].some((each) => {
    if (each.endsWith('.json') || module.dependencies.includes(each)) return true;
    // A file that no type is in may pass types on, or be the one that was missing.
    const isPlain =
      /\.m?tsx?$/.test(each) && ![...known.values()].some((other) => other.source === each || other.dependencies.includes(each));
    return isPlain && dependsOnOthers;
  });
}

/** Changed files of folders that are watched. */
class Changes implements Disposable {
  readonly #watchers = new Map<string, FSWatcher>();
  #changed = new Set<string>();
  #wake: (() => void) | undefined;
  #failed: unknown;
  readonly #ignored: string | undefined;

  constructor(ignored: string | undefined) {
    this.#ignored = ignored;
  }

  watch(folder: string): void {
    if (this.#watchers.has(folder)) return;
    const watcher = watch(folder, (_, name) => {
      if (name === null || /(?:^|[\\/])\.|\.generated\.m?tsx?$/.test(name)) return;
      // Other names may be new folders, which are looked for; nothing is read for them.
      const path = join(folder, name);
      if (path !== this.#ignored && (/\.(?:m?tsx?|json)$/.test(name) || !name.includes('.'))) this.#changed.add(path);
      this.#wake?.();
    });
    watcher.on('error', (error) => {
      watcher.close();
      this.#watchers.delete(folder);
      // A folder that was removed is not watched any more.
      if (!('code' in error && error.code === 'ENOENT')) this.#failed = error;
      this.#wake?.();
    });
    this.#watchers.set(folder, watcher);
  }

  /** Resolves when something has changed since the last `take`. */
  async next(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = (): void => reject(LmdeckError.from(signal?.reason, 'aborted'));
    if (signal?.aborted === true) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#wake = resolve;
    if (this.#changed.size > 0) resolve();
    try {
      await promise;
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.#wake = undefined;
    }
    if (this.#failed !== undefined) throw LmdeckError.from(this.#failed, 'config');
  }

  take(): ReadonlySet<string> {
    const taken = this.#changed;
    this.#changed = new Set();
    return taken;
  }

  [Symbol.dispose](): void {
    for (const watcher of this.#watchers.values()) watcher.close();
  }
}
