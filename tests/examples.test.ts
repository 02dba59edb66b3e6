/** The programs in examples/ run offline, as a user would run them. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const run = promisify(execFile);
let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'lmdeck-examples-'));
});

afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

test('quick-start.ts answers, goes on and extracts', async () => {
  const { stdout } = await run(process.execPath, [join(root, 'examples/quick-start.ts')], { env: { ...process.env, LMDECK_HOME: home } });
  expect(stdout.split('\n').slice(0, 2)).toEqual(['Paris', 'Rome']);
  expect(stdout).toContain("{ name: 'Maria', age: 34 }");
});

test('custom-model-plugin is found through the configuration and answers', async () => {
  const plugin = join(home, 'plugin');
  cpSync(join(root, 'examples/custom-model-plugin'), plugin, { recursive: true });
  mkdirSync(join(plugin, 'node_modules'), { recursive: true });
  cpSync(join(root, 'packages/lmdeck'), join(plugin, 'node_modules/lmdeck'), { recursive: true, filter: (path) => !path.includes('/src') });
  writeFileSync(join(home, 'config.json'), JSON.stringify({ plugins: ['./plugin'] }));
  const env = { ...process.env, LMDECK_HOME: home };
  const { stdout } = await run(process.execPath, [join(root, 'packages/lmdeck/bin/lmdeck.cjs'), '-m', 'shout', 'hello there'], { env });
  expect(stdout).toBe('HELLO THERE\n');
});
