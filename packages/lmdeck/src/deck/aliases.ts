import { LmdeckError, type JsonObject } from '../core/index.ts';
import { expectText, isComment } from './config-shape.ts';
import { checked, updateJsonFile, readJsonObject } from './json-file.ts';

/** The user's short names for models: `aliases.json`. */
export interface Aliases {
  readonly path: string;
  /** Alias → id of a model, or another alias. */
  list(): Promise<Readonly<Record<string, string>>>;
  /** @throws LmdeckError `usage` for an alias of itself, directly or around a loop. */
  set(alias: string, target: string): Promise<void>;
  /** False when there was none. */
  remove(alias: string): Promise<boolean>;
  /**
   * What a name stands for in the end; the name itself when it is no alias.
   * @throws LmdeckError `config` when aliases lead around in a loop.
   */
  resolve(name: string): Promise<string>;
}

/** The aliases in an `aliases.json`; the file is made by the first `set`. */
export function openAliases(path: string): Aliases {
  const read = (): Readonly<Record<string, string>> => checked(readJsonObject(path), aliasesOf);
  const update = (change: (before: JsonObject) => JsonObject | undefined): Promise<void> =>
    updateJsonFile(path, (source) => {
      checked(source, aliasesOf);
      return change(source.value);
    });
  return {
    path,
    list: async () => read(),
    set: async (alias, target) => {
      checkAlias(alias, target);
      await update((before) => {
        const after = { ...before, [alias]: target };
        const loop = loopFrom(alias, aliasesOf(after));
        if (loop !== undefined) throw new LmdeckError('usage', `The alias ${alias} would lead back to itself: ${loop.join(' → ')}.`);
        return after;
      });
    },
    remove: async (alias) => {
      let found = false;
      await update((before) => {
        found = !isComment(alias) && Object.hasOwn(before, alias);
        return found ? Object.fromEntries(Object.entries(before).filter(([each]) => each !== alias)) : undefined;
      });
      return found;
    },
    resolve: async (name) => {
      const aliases = read();
      const loop = loopFrom(name, aliases);
      if (loop !== undefined) {
        throw new LmdeckError(
          'config',
          `${path}: aliases lead around in a loop: ${loop.join(' → ')}. Remove one: lmdeck aliases remove ${name}`,
        );
      }
      return follow(name, aliases).at(-1) ?? name;
    },
  };
}

/** The name, what it stands for, and so on; ends at a name that was there before. */
function follow(name: string, aliases: Readonly<Record<string, string>>): readonly string[] {
  const chain = [name];
  const seen = new Set<string>();
  for (let at = name; Object.hasOwn(aliases, at) && !seen.has(at);) {
    seen.add(at);
    at = aliases[at] ?? at;
    chain.push(at);
  }
  return chain;
}

function loopFrom(name: string, aliases: Readonly<Record<string, string>>): readonly string[] | undefined {
  const chain = follow(name, aliases);
  return chain.length > 1 && chain.indexOf(chain.at(-1) ?? name) < chain.length - 1 ? chain : undefined;
}

function aliasesOf(value: JsonObject): Readonly<Record<string, string>> {
  const entries = Object.entries(value).filter(([alias]) => !isComment(alias));
  return Object.fromEntries(entries.map(([alias, target]) => [alias, expectText(target, [alias], 'the id of a model, in double quotes')]));
}

function checkAlias(alias: string, target: string): void {
  if (alias === '' || isComment(alias) || /\s/.test(alias)) {
    throw new LmdeckError('usage', `"${alias}" cannot be an alias: it must not be empty, contain white space or start with "//".`);
  }
  if (target.trim() === '') throw new LmdeckError('usage', `The alias ${alias} needs the id of a model. List them: lmdeck models`);
  if (alias === target) throw new LmdeckError('usage', `${alias} cannot be an alias of itself.`);
}
