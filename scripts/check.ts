/** `npm run check`: format, lint, types, layers, dead code, and what would be published. Runs everything and tells all failures. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkLayers } from './layers.ts';
import { checkPack } from './pack.ts';

const root = join(import.meta.dirname, '..');
const scratch = mkdtempSync(join(tmpdir(), 'lmdeck-check-'));
const packages = ['lmdeck', 'lmdeck-llama'];

const steps: readonly (readonly [string, () => string | undefined])[] = [
  ['build', () => command(process.execPath, 'scripts/build.ts')],
  ['format', () => command('oxfmt', '--check', '.')],
  ['lint', () => command('oxlint', '--type-aware', '--deny-warnings', '.')],
  ['types: workspace', () => command('tsc', '-p', '.')],
  ...packages.map((name) => [`types: ${name}`, () => command('tsc', '-p', `packages/${name}`)] as const),
  ['types: tiny', () => command('tsc', '-p', 'packages/lmdeck-llama/tiny')],
  ['layers', () => checkLayers(root).join('\n') || undefined],
  ['dead code', () => command('knip')],
  ...packages.map((name) => [`package: ${name}`, () => checkPack(join(root, 'packages', name), scratch)] as const),
];

let failed = 0;
for (const [name, run] of steps) {
  const started = performance.now();
  const problem = run();
  console.log(`${problem === undefined ? 'ok  ' : 'FAIL'} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  if (problem !== undefined) {
    failed += 1;
    console.log(problem);
  }
}
rmSync(scratch, { recursive: true, force: true });
process.exitCode = failed === 0 ? 0 : 1;

/** Runs a command of the workspace; what it printed when it failed. */
function command(name: string, ...args: readonly string[]): string | undefined {
  const { status, stdout, stderr, error } = spawnSync(name, args, { cwd: root, encoding: 'utf8' });
  if (error !== undefined) return `${name}: ${error.message} (run it through npm, which puts node_modules/.bin on the PATH)`;
  return status === 0 ? undefined : `${stdout}${stderr}`;
}
