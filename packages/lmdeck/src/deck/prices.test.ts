import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { languageModel, type Model } from '../core/index.ts';
import { openAliases } from './aliases.ts';
import { openPrices, withPrice, type Prices } from './prices.ts';

let home: string;
let prices: Prices;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'lmdeck-prices-'));
  const aliases = openAliases(join(home, 'aliases.json'));
  await aliases.set('mini', 'openai/gpt-mini');
  prices = openPrices(join(home, 'prices.yaml'), aliases);
});
afterEach(() => rm(home, { recursive: true, force: true }));

const write = (text: string): Promise<void> => writeFile(prices.path, text);
const inputOf = async (id: string): Promise<number | undefined> => (await prices.of(id))?.input;

describe('prices.yaml', () => {
  test('by id, by alias, by the longest pattern; nothing otherwise', async () => {
    await write(`
# dollars per million tokens
"*": { input: 9, output: 9 }
"openai/*": { input: 8, output: 8 }
"openai/*-big*": { input: 7, output: 7 }
mini: { input: 0.15, output: 0.6, cachedInput: 0.075 }
openai/gpt: { input: 1.25, output: 10 }
"a*a": { input: 3, output: 3 }
`);
    expect(await prices.of('openai/gpt-mini')).toEqual({ input: 0.15, output: 0.6, cachedInput: 0.075 });
    expect(await Promise.all(['openai/gpt', 'openai/other', 'openai/gpt-big-2', 'vllm/x/y', 'a', 'aba'].map(inputOf))).toEqual([
      1.25, 8, 7, 9, 9, 3,
    ]);
    await write('openai/gpt: { input: 2, output: 10 }\n');
    expect(await Promise.all(['openai/gpt', 'vllm/x'].map(inputOf))).toEqual([2, undefined]);
    await write('# nothing\n');
    expect(await inputOf('openai/gpt')).toBeUndefined();
  });

  test('there need be none, and what was kept of one goes with it', async () => {
    expect(await inputOf('openai/gpt')).toBeUndefined();
    await write('openai/gpt: { input: 2, output: 10 }\n');
    expect(await inputOf('openai/gpt')).toBe(2);
    expect(await readFile(join(home, 'cache', 'prices.yaml.json'), 'utf8')).toContain('openai/gpt');
    await rm(prices.path);
    expect(await inputOf('openai/gpt')).toBeUndefined();
    await expect(readFile(join(home, 'cache', 'prices.yaml.json'))).rejects.toThrow('ENOENT');
  });

  test.each([
    ['openai/gpt: 5', '1:1: "openai/gpt" must be an object, such as { input: 0.15, output: 0.6 }.'],
    ['a: { input: 1, output: 2 }\nb:', '2:1: "b" must be an object'],
    ['a:\n  input: 1\n  output: free', '3:3: "output" must be a number of dollars per million tokens, 0 or more.'],
    ['a:\n  input: 1', '1:1: a price needs "input" and "output"'],
    ['- a', '1:1: the file must be an object'],
    ['a: [', 'not valid YAML'],
  ])('%j', async (text, message) => {
    await write(text);
    for (let i = 0; i < 2; i++)
      await expect(prices.of('a')).rejects.toMatchObject({ code: 'config', message: expect.stringContaining(message) });
  });
});

test('a model with private parts gets a price too', async () => {
  class Private implements Model {
    readonly id = 'private';
    readonly capabilities = {};
    readonly #text = 'ok';
    async *generate() {
      yield { type: 'text-delta', text: this.#text } as const;
    }
  }
  const priced = withPrice(new Private(), { input: 1, output: 2 });
  expect(priced.price).toEqual({ input: 1, output: 2 });
  expect(await languageModel(priced).prompt('hi').text()).toBe('ok');
});
