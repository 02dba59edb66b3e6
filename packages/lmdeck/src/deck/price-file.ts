import type { JsonValue, Price } from '../core/index.ts';
import { expectObject, isComment } from './config-shape.ts';
import { expectPrice } from './endpoint-fields.ts';
import { readYaml } from './yaml-file.ts';

/** What stands before the price: a model's id, an alias, or a pattern. */
export type PriceEntry = readonly [name: string, price: Price];

/** The prices in a YAML text. @throws LmdeckError `config` with file, line and column. */
export function parsePrices(path: string, text: string): Promise<readonly PriceEntry[]> {
  return readYaml(path, text, entriesOf);
}

function entriesOf(content: JsonValue): readonly PriceEntry[] {
  if (content === null) return [];
  const example = '{ "openai/gpt-5.6-luna": { input: 0.15, output: 0.6 } }';
  const all = Object.entries(expectObject(content, [], example)).filter(([name]) => !isComment(name));
  return all.map(([name, value]) => [name, expectPrice(value ?? null, [name])]);
}
