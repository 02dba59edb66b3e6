/** `npm test`: builds, then runs every test. Arguments go to vitest. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

for (const [name, ...args] of [
  [process.execPath, 'scripts/build.ts'],
  [process.execPath, 'node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)],
] as const) {
  const { status } = spawnSync(name, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
