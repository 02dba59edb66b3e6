/**
 * `node bench/generate.ts`: how long `lmdeck functions generate` takes for 200 declarations in 20 files, in a fresh process each time, and how long until a
 * watch has made the module of a file that changed. Needs a build; goals: 2 s and 300 ms.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { watchFunctions } from 'lmdeck/functions/generate';

const rounds = process.argv.includes('--quick') ? 3 : 9;
const folder = mkdtempSync(join(tmpdir(), 'lmdeck-bench-generate-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

mkdirSync(join(folder, 'src'));
writeFileSync(
  join(folder, 'tsconfig.json'),
  JSON.stringify({ compilerOptions: { strict: true, module: 'nodenext', target: 'es2024', types: [] } }),
);
writeFileSync(
  join(folder, 'src/shared.ts'),
  "export interface Address { street: string; city: string; zip?: string }\n/** How far it is. */\nexport type Status = 'open' | 'closed' | 'waiting';\n",
);
for (let file = 0; file < 20; file++) {
  const declarations = Array.from({ length: 10 }, (_, at) => declaration(`${file}_${at}`));
  writeFileSync(join(folder, `src/m${file}.llm.ts`), `import type { Address, Status } from './shared.js';\n${declarations.join('')}`);
}

const command = join(import.meta.dirname, '../packages/lmdeck/bin/lmdeck.cjs');
const cold: number[] = [];
for (let round = 0; round < rounds; round++) {
  for (let file = 0; file < 20; file++) rmSync(join(folder, `src/m${file}.llm.generated.ts`), { force: true });
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [command, 'functions', 'generate'], { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  cold.push(performance.now() - started);
}

const stop = new AbortController();
const changes = watchFunctions({ paths: ['.'], folder, signal: stop.signal });
await changes.next();
const incremental: number[] = [];
for (let round = 0; round < rounds; round++) {
  const path = join(folder, `src/m${round}.llm.ts`);
  const text = `${readFileSync(path, 'utf8')}${declaration(`more${round}`)}`;
  const started = performance.now();
  writeFileSync(path, text);
  const { value } = await changes.next();
  if (value?.[0]?.functions.length !== 11) throw new Error('the change was not seen');
  incremental.push(performance.now() - started);
}
stop.abort();
await changes.return();

console.log(`200 declarations, new process: ${summary(cold)} (goal: 2000)`);
console.log(`one file changed, watching:    ${summary(incremental)} (goal: 300)`);

function declaration(name: string): string {
  return `
/** Item ${name}. */
export interface Item${name} {
  /** The key. */
  key: string;
  /** How many. @minimum 0 */
  count: number;
  status: Status;
  address?: Address;
  tags: string[];
  kind: 'a' | 'b';
}
/**
 * Does thing ${name}.
 * @param items - the items
 * @param query - what to look for
 * @returns keys
 */
export declare function thing${name}(items: Item${name}[], query: string, limit?: number): Promise<{ keys: string[]; best: Item${name} | null }>;
`;
}

function summary(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(0);
  return `median ${at(0.5)} ms, best ${at(0)} ms, worst ${at(1)} ms`;
}
