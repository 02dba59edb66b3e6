import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterEach, beforeEach, expect, test } from 'vitest';

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'lmdeck-import-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

/** In a process of its own: what Node itself makes of the imports is the subject. */
async function load(fromHome: boolean): Promise<string> {
  const script = `
    import { importPlugin } from ${JSON.stringify(new URL('plugin-import.ts', import.meta.url).href)};
    const module = ${JSON.stringify(join(home, 'mine.ts'))};
    try {
      console.log((await importPlugin({ name: 'mine', path: module, module, fromHome: ${fromHome} })).name);
      await import('lmdeck-that-is-not-there').catch((error) => console.log(error.code));
    } catch (error) {
      console.log(error.code, error.message);
    }`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { cwd: home });
  return stdout.trim();
}

test('a plugin in the home imports this lmdeck, with its types stripped', async () => {
  const code = `
    import type { Plugin } from 'lmdeck';
    import manifest from 'lmdeck/package.json' with { type: 'json' };
    export const plugin: Plugin = { name: manifest.name };`;
  await writeFile(join(home, 'mine.ts'), code);
  expect(await load(true)).toBe('lmdeck\nERR_MODULE_NOT_FOUND');
  expect(await load(false)).toMatch(/^plugin The plugin mine \(.*mine\.ts\) failed to load: Cannot find package 'lmdeck'/);
});

test('what else it imports has to be there', async () => {
  await writeFile(join(home, 'mine.ts'), "import 'lmdeck-nowhere';\nexport const plugin = { name: 'mine' };");
  expect(await load(true)).toMatch(/^plugin The plugin mine \(.*mine\.ts\) failed to load: Cannot find package 'lmdeck-nowhere'/);
});
