import type { Model, Price } from '../core/index.ts';
import type { Aliases } from './aliases.ts';
import { readText } from './json-file.ts';
import { forgetParsed } from './parsed-file.ts';
import type { PriceEntry } from './price-file.ts';

/** What models cost, as the user says: `prices.yaml`. */
export interface Prices {
  readonly path: string;
  /**
   * The price under the model's id, an alias of it, or the longest pattern with `*` that fits; `undefined` when there is none.
   * @throws LmdeckError `config` when the file is wrong; it says where.
   */
  of(id: string): Promise<Price | undefined>;
}

/** The prices in a `prices.yaml`; most people have none. */
export function openPrices(path: string, aliases: Aliases): Prices {
  let parsed: { readonly text: string; readonly entries: Promise<readonly PriceEntry[]> } | undefined;
  const entries = async (): Promise<readonly PriceEntry[]> => {
    const text = readText(path);
    if (text === undefined) {
      if (parsed !== undefined) forgetParsed(path);
      parsed = undefined;
      return [];
    }
    if (parsed?.text !== text) parsed = { text, entries: import('./price-file.ts').then(({ parsePrices }) => parsePrices(path, text)) };
    return parsed.entries;
  };
  return {
    path,
    of: async (id) => {
      const all = await entries();
      const exact = all.find(([name]) => name === id);
      if (exact !== undefined) return exact[1];
      for (const [name, price] of all) if (!name.includes('*') && (await aliases.resolve(name)) === id) return price;
      const patterns = all.filter(([name]) => name.includes('*') && fits(id, name));
      return patterns.toSorted(([a], [b]) => b.length - a.length)[0]?.[1];
    },
  };
}

/** `*` stands for anything, slashes too. */
function fits(id: string, pattern: string): boolean {
  const parts = pattern.split('*');
  const [first = '', last = ''] = [parts[0], parts.at(-1)];
  if (!id.startsWith(first) || !id.endsWith(last) || id.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    at = id.indexOf(part, at);
    if (at === -1 || at + part.length > id.length - last.length) return false;
    at += part.length;
  }
  return true;
}

/** A model with a price, whatever it is made of. */
export function withPrice(model: Model, price: Price): Model {
  return new Proxy(model, {
    get: (target, name) => {
      if (name === 'price') return price;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
