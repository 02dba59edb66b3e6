/** Checks what `npm publish` would ship: the files, the exports, the types. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes that a packed package may have, so that nothing large slips in unseen. */
const maxPackedBytes: Readonly<Record<string, number>> = { lmdeck: 2_900_000, 'lmdeck-llama': 4_000_000 };

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

/** Packs the package in `folder` into `scratch` and looks at the tarball; what is wrong, or `undefined`. */
export function checkPack(folder: string, scratch: string): string | undefined {
  const pack = spawnSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', scratch], { cwd: folder, encoding: 'utf8' });
  if (pack.status !== 0) return pack.stderr;
  const output: unknown = JSON.parse(pack.stdout);
  const packed = packedOf(output);
  const problems = contentProblems(folder, packed);
  const tarball = join(scratch, packed.filename);
  for (const [tool, ...args] of [
    ['publint', tarball, '--strict'],
    ['attw', tarball, '--profile', 'esm-only'],
  ] as const) {
    const { status, stdout, stderr } = spawnSync(tool, args, { encoding: 'utf8' });
    if (status !== 0) problems.push(`${tool}: ${stdout}${stderr}`);
  }
  return problems.length === 0 ? undefined : problems.join('\n');
}

function contentProblems(folder: string, packed: Packed): string[] {
  const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const name = typeof manifest === 'object' && manifest !== null && 'name' in manifest ? String(manifest.name) : folder;
  const paths = packed.files.map((file) => file.path);
  const problems: string[] = [];
  for (const needed of ['LICENSE', 'README.md', 'package.json', 'dist/index.js', 'dist/index.d.ts']) {
    if (!paths.includes(needed)) problems.push(`${name}: ${needed} is missing from the package`);
  }
  for (const path of paths) {
    if (/\.test\.|test-support|tsbuildinfo|node_modules|\.pt$|\.jsonl$/.test(path)) problems.push(`${name}: ${path} must not be published`);
  }
  const limit = maxPackedBytes[name] ?? 1_000_000;
  if (packed.size > limit) problems.push(`${name}: the package has ${packed.size} bytes, more than ${limit}`);
  return problems;
}

/** npm prints a list, newer releases an object by package name. */
function packedOf(output: unknown): Packed {
  const entries: readonly unknown[] = Array.isArray(output) ? output : Object.values(Object(output));
  const [first] = entries;
  if (!isPacked(first)) throw new Error(`npm pack --json printed something unknown: ${JSON.stringify(output).slice(0, 200)}`);
  return first;
}

function isPacked(value: unknown): value is Packed {
  return (
    typeof value === 'object' && value !== null && 'filename' in value && 'size' in value && 'files' in value && Array.isArray(value.files)
  );
}
