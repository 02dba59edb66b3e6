/** Builds the packages in dependency order with tsc alone. Old output goes first, so that nothing stale can be imported or packed. */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

for (const name of ['lmdeck', 'lmdeck-llama']) {
  const folder = join(root, 'packages', name);
  if (!existsSync(join(folder, 'tsconfig.build.json'))) continue;
  rmSync(join(folder, 'dist'), { recursive: true, force: true });
  const { status } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(folder, 'tsconfig.build.json')],
    { stdio: 'inherit' },
  );
  if (status !== 0) process.exit(status ?? 1);
}
