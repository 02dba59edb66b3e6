import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LmdeckError } from '../../core/index.ts';

/** `!function module.name` of a task file: a function of a module that lies next to the file, loaded when it is needed. */
export class TaskFunction {
  readonly #name: string;
  readonly #folder: string;

  /** @param name module and function, `utils.process_docs`. @param folder where the task file is. */
  constructor(name: string, folder: string) {
    this.#name = name;
    this.#folder = folder;
  }

  toString(): string {
    return `!function ${this.#name}`;
  }

  toJSON(): string {
    return this.toString();
  }

  /** @throws LmdeckError `config` when there is no such module or function. */
  async load(): Promise<(...args: readonly unknown[]) => unknown> {
    const at = this.#name.lastIndexOf('.');
    const [module, name] = [this.#name.slice(0, Math.max(at, 0)).replaceAll('.', '/'), this.#name.slice(at + 1)];
    const stem = join(this.#folder, module);
    const path = ['.ts', '.mts', '.js', '.mjs'].map((extension) => stem + extension).find((each) => existsSync(each));
    if (module === '' || path === undefined) {
      const hint = existsSync(`${stem}.py`) ? ` ${stem}.py is Python, which cannot be run here.` : '';
      throw new LmdeckError(
        'config',
        `${this.toString()}: there is no module ${stem}.ts (or .mts, .js, .mjs).${hint} Write one that exports a function "${name}".`,
      );
    }
    const exported: unknown = await this.#import(path);
    const found: unknown = typeof exported === 'object' && exported !== null ? Reflect.get(exported, name) : undefined;
    if (!isFunction(found)) throw new LmdeckError('config', `${path} exports no function "${name}" (${this.toString()}).`);
    return found;
  }

  async #import(path: string): Promise<unknown> {
    try {
      return await import(pathToFileURL(path).href);
    } catch (error) {
      throw new LmdeckError('config', `${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
}

function isFunction(value: unknown): value is (...args: readonly unknown[]) => unknown {
  return typeof value === 'function';
}
