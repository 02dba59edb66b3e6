import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { openKeys, type Keys } from './keys.ts';

let home: string;
let path: string;
let warnings: string[];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'lmdeck-keys-'));
  path = join(home, 'deep', 'keys.json');
  warnings = [];
});
afterEach(() => rm(home, { recursive: true, force: true }));

function keys(env: Record<string, string> = {}): Keys {
  return openKeys({ path, env, onWarning: (message) => warnings.push(message) });
}

async function mode(file: string): Promise<number> {
  return (await stat(file)).mode & 0o777;
}

describe('the file', () => {
  test('is made by the first set: folder 0700, file 0600, a note, nothing left beside it', async () => {
    await keys().set('openai', ' sk-1\n');
    expect(await mode(path)).toBe(0o600);
    expect(await mode(join(home, 'deep'))).toBe(0o700);
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ '// Note': expect.stringContaining('Do not share'), openai: 'sk-1' });
    expect(await readdir(join(home, 'deep'))).toEqual(['keys.json']);
  });

  test('get, list, remove', async () => {
    const store = keys();
    expect(await store.list()).toEqual([]);
    await store.set('b', 'two');
    await store.set('a', 'one');
    expect(await store.list()).toEqual(['a', 'b']);
    expect(await store.get('a')).toBe('one');
    expect(await store.get('toString')).toBeUndefined();
    expect(await store.remove('a')).toBe(true);
    expect(await store.remove('a')).toBe(false);
    expect(await store.remove('// Note')).toBe(false);
    expect(await store.list()).toEqual(['b']);
  });

  test('one that others can read is repaired, with a warning that does not quote it', async () => {
    await mkdir(join(home, 'deep'));
    await writeFile(path, '{"openai":"sk-secret"}');
    await chmod(path, 0o644);
    expect(await keys().get('openai')).toBe('sk-secret');
    expect(await mode(path)).toBe(0o600);
    expect(warnings).toEqual([`${path} could be read by other users (mode 0644); its mode is now 0600.`]);
  });

  test('a symbolic link stays one', async () => {
    await mkdir(join(home, 'deep'));
    await writeFile(join(home, 'dotfile.json'), '{}', { mode: 0o600 });
    await symlink(join(home, 'dotfile.json'), path);
    await keys().set('a', 'one');
    expect(JSON.parse(await readFile(join(home, 'dotfile.json'), 'utf8'))).toMatchObject({ a: 'one' });
  });

  test.each([
    ['{\n  "openai": sk-secret\n}', /keys\.json:2:13: not valid JSON: expected a value/],
    ['{\n  "a": "x",\n  "openai": 42\n}', /keys\.json:3:3: "openai" must be a text/],
    ['["sk-secret"]', /keys\.json:1:1: expected a JSON object/],
  ])('malformed: %j', async (text, message) => {
    await mkdir(join(home, 'deep'));
    await writeFile(path, text, { mode: 0o600 });
    const error: unknown = await keys()
      .list()
      .catch((each: unknown) => each);
    expect(error).toMatchObject({ code: 'config', message: expect.stringMatching(message) });
    expect(JSON.stringify(error) + String(error) + String(error instanceof Error ? error.cause : '')).not.toContain('secret');
    await expect(keys().set('a', 'b')).rejects.toMatchObject({ code: 'config' });
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  test('a full disk is told, and nothing is left that would keep the next one waiting', async ({ skip }) => {
    const folder = join(home, 'deep');
    await mkdir(folder);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', folder]).status !== 0) skip('needs the right to mount');
    try {
      await writeFile(join(folder, 'ballast'), Buffer.alloc(16_384));
      await expect(keys().set('a', 'b')).rejects.toMatchObject({ code: 'config', message: expect.stringContaining('the disk is full') });
      expect(await readdir(folder)).toEqual(['ballast']);
    } finally {
      spawnSync('umount', ['-l', folder]);
    }
  });

  test('a home that is a file', async () => {
    await writeFile(join(home, 'deep'), '');
    await expect(keys().set('a', 'b')).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining('is a file, not a folder'),
    });
    await expect(keys().list()).rejects.toMatchObject({ code: 'config', message: expect.stringContaining('is a file, not a folder') });
  });

  test.each([
    ['', 'v'],
    ['// x', 'v'],
    [' a', 'v'],
    ['a', '  '],
    ['a', 'two words'],
    ['a', 'line\nbreak'],
    ['a', 'schlüssel'],
  ])('refuses the name %j with the value %j', async (name, value) => {
    await expect(keys().set(name, value)).rejects.toMatchObject({ code: 'usage' });
  });
});

test('the order: stored name given, literal given, stored, environment', async () => {
  const store = keys({ OPENAI_API_KEY: 'from-env\n', EMPTY: '' });
  expect(await store.resolve({ keyName: 'openai', envName: 'OPENAI_API_KEY' })).toBe('from-env');
  await store.set('openai', 'stored');
  await store.set('work', 'at-work');
  expect(await store.resolve({ keyName: 'openai', envName: 'OPENAI_API_KEY' })).toBe('stored');
  expect(await store.resolve({ given: 'sk-literal', keyName: 'openai', envName: 'OPENAI_API_KEY' })).toBe('sk-literal');
  expect(await store.resolve({ given: 'work', keyName: 'openai', envName: 'OPENAI_API_KEY' })).toBe('at-work');
  expect(await store.resolve({ keyName: 'other', envName: 'EMPTY' })).toBeUndefined();
  expect(await store.resolve({})).toBeUndefined();
});

describe('processes at once', () => {
  test('every key that any of them wrote is there', async () => {
    const script = `
      import { openKeys } from ${JSON.stringify(new URL('keys.ts', import.meta.url).href)};
      const keys = openKeys({ path: process.argv[1], env: {}, onWarning: console.error });
      for (let i = 0; i < 25; i++) await keys.set(process.argv[2] + i, 'v' + i);
    `;
    const writers = ['a', 'b', 'c'].map((name) =>
      spawn(process.execPath, ['--input-type=module', '-e', script, path, name], { stdio: ['ignore', 'inherit', 'inherit'] }),
    );
    const codes = await Promise.all(writers.map(async (child) => (await once(child, 'exit'))[0]));
    expect(codes).toEqual([0, 0, 0]);
    expect(await keys().list()).toHaveLength(75);
    expect(await readdir(join(home, 'deep'))).toEqual(['keys.json']);
  });

  test('the lock of a process that died is taken over', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    await mkdir(join(home, 'deep'));
    await writeFile(`${path}.lock`, `${child.pid}`);
    // So new that its age is no reason.
    await utimes(`${path}.lock`, new Date(), new Date(Date.now() + 3_600_000));
    await keys().set('a', 'one');
    await writeFile(`${path}.lock`, '');
    await utimes(`${path}.lock`, new Date(0), new Date(0));
    await keys().set('b', 'two');
    expect(await keys().list()).toEqual(['a', 'b']);
  });
});
