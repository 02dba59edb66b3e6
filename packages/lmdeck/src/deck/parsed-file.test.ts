import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { parseEndpoints } from './endpoint-file.ts';
import { openEndpoints } from './endpoints.ts';
import { keepParsed, readParsed } from './parsed-file.ts';

let home: string;
let path: string;
let kept: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'lmdeck-parsed-'));
  path = join(home, 'endpoints.yaml');
  kept = join(home, 'cache', 'endpoints.yaml.json');
});
afterEach(() => rm(home, { recursive: true, force: true }));

const yaml = (name: string): string => `${name}: { baseUrl: "http://127.0.0.1:1/v1" }\n`;
const names = async (text: string): Promise<string[]> => (await parseEndpoints({ path, presets: [] }, text)).map((each) => each.name);
const keptText = (content: unknown, text = yaml('own'), format: unknown = 1): string => JSON.stringify({ format, text, content });
const other = { other: { baseUrl: 'http://127.0.0.1:2/v1' } };

describe('what is kept of a parsed file', () => {
  test('is used for the same text, and has nothing in it but the file', async () => {
    expect(await names(yaml('own'))).toEqual(['own']);
    expect(JSON.parse(await readFile(kept, 'utf8'))).toEqual({
      format: 1,
      text: yaml('own'),
      content: { own: { baseUrl: 'http://127.0.0.1:1/v1' } },
    });
    await writeFile(kept, keptText(other));
    expect(await names(yaml('own'))).toEqual(['other']);
  });

  test('is not used for another text, though the file has the same size and time', async () => {
    await writeFile(path, yaml('own'));
    const { atime, mtime } = await stat(path);
    expect((await openEndpoints(path, {}).get('own'))?.name).toBe('own');
    await writeFile(path, yaml('two'));
    await utimes(path, atime, mtime);
    const endpoints = openEndpoints(path, {});
    expect((await endpoints.get('two'))?.name).toBe('two');
    expect(await endpoints.get('own')).toBeUndefined();
    expect(readParsed(path, yaml('two'))).toEqual({ content: { two: { baseUrl: 'http://127.0.0.1:1/v1' } } });
    expect(readParsed(path, yaml('own'))).toBeUndefined();
  });

  test.each([
    ['half a file', keptText(other).slice(0, 40)],
    ['another format', keptText(other, yaml('own'), 2)],
    ['no content', JSON.stringify({ format: 1, text: yaml('own') })],
    ['a list', '[]'],
    ['nothing', ''],
    ['bytes', '\0\xff'],
    ['content that no endpoint can be', keptText({ other: { baseUrl: 5 } })],
  ])('is passed by and mended when it is broken: %s', async (_what, broken) => {
    await mkdir(join(home, 'cache'));
    await writeFile(kept, broken);
    expect(await names(yaml('own'))).toEqual(['own']);
    expect(readParsed(path, yaml('own'))).toEqual({ content: { own: { baseUrl: 'http://127.0.0.1:1/v1' } } });
  });

  test('does not hide where a mistake is', async () => {
    const wrong = 'own:\n  baseUrl: 5\n';
    await mkdir(join(home, 'cache'));
    await writeFile(kept, keptText({ own: { baseUrl: 5 } }, wrong));
    await expect(names(wrong)).rejects.toMatchObject({ code: 'config', message: expect.stringContaining(`${path}:2:3: `) });
    await expect(names('own: [')).rejects.toMatchObject({ code: 'config', message: expect.stringContaining('endpoints.yaml:1:') });
  });

  test('is readable for its owner alone, whoever could read an older one', async () => {
    await mkdir(join(home, 'cache'));
    await writeFile(kept, 'old');
    await chmod(kept, 0o644);
    keepParsed(path, 'a: 1', { a: 1 });
    expect((await stat(kept)).mode & 0o777).toBe(0o600);
    await rm(join(home, 'cache'), { recursive: true });
    keepParsed(path, 'a: 1', { a: 1 });
    expect((await stat(join(home, 'cache'))).mode & 0o777).toBe(0o700);
    expect(await readdir(join(home, 'cache'))).toEqual(['endpoints.yaml.json']);
  });

  test('goes with the file', async () => {
    await writeFile(path, yaml('own'));
    await openEndpoints(path, {}).list();
    expect(await readdir(join(home, 'cache'))).toEqual(['endpoints.yaml.json']);
    await rm(path);
    await openEndpoints(path, {}).get('own');
    expect(await readdir(join(home, 'cache'))).toEqual([]);
  });

  test('is left out where it cannot be written', async () => {
    // Nobody, root neither, can make a folder where a file is.
    await writeFile(join(home, 'cache'), 'not a folder');
    expect(await names(yaml('own'))).toEqual(['own']);
    expect(await names(yaml('own'))).toEqual(['own']);
    await rm(join(home, 'cache'));
    await mkdir(kept, { recursive: true });
    expect(await names(yaml('own'))).toEqual(['own']);
    expect(await readdir(join(home, 'cache'))).toEqual(['endpoints.yaml.json']);
  });

  test('is whole at any time while processes with different texts write it', { timeout: 60_000 }, async () => {
    const script = `
      import { parseEndpoints } from ${JSON.stringify(join(import.meta.dirname, 'endpoint-file.ts'))};
      import { keepParsed } from ${JSON.stringify(join(import.meta.dirname, 'parsed-file.ts'))};
      const [path, own, text] = process.argv.slice(1);
      for (let i = 0; i < 200; i++) {
        const [found] = await parseEndpoints({ path, presets: [] }, text);
        if (found?.name !== own) throw new Error(own + ' became ' + found?.name);
        keepParsed(path, text, { [own]: { baseUrl: 'http://127.0.0.1:1/v1' } });
      }`;
    const children = ['one', 'two', 'three', 'four'].map((own) =>
      spawn(process.execPath, ['--input-type=module', '-e', script, path, own, yaml(own)], { stdio: 'inherit' }),
    );
    const running = new Set(children);
    const ends = children.map(async (child) => {
      const [code] = await once(child, 'close');
      running.delete(child);
      return code;
    });
    while (running.size > 0) {
      const text = await readFile(kept, 'utf8').catch(() => '{}');
      expect(() => JSON.parse(text)).not.toThrow();
    }
    expect(await Promise.all(ends)).toEqual([0, 0, 0, 0]);
    expect(await readdir(join(home, 'cache'))).toEqual(['endpoints.yaml.json']);
  });
});
