/**
 * `npm run bench`: lmdeck side by side with its peers, as ratios. `npm run bench -- call tape` runs some rows, `--quick` fewer and shorter
 * rounds, `--json FILE` keeps the numbers, `--no-build` measures the build that is there, `--list` tells the rows.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startServer } from './child-process.ts';
import { comparisonText, machineText, resultsJson, summaryText, type RowResult } from './report.ts';
import { rows } from './rows.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    build: { type: 'boolean', default: true },
    list: { type: 'boolean', default: false },
  },
  allowNegative: true,
});

const unknown = positionals.filter((name) => !rows.some((row) => row.name === name));
if (unknown.length > 0 || values.list) {
  if (unknown.length > 0) console.error(`There is no row ${unknown.join(', ')}. Rows:`);
  for (const { name, summary } of rows) console.log(`${name.padEnd(10)} ${summary}`);
  process.exit(unknown.length > 0 ? 1 : 0);
}

installPeers();
if (values.build) step('Building lmdeck', process.execPath, [join(import.meta.dirname, '../scripts/build.ts')]);

const folder = mkdtempSync(join(tmpdir(), 'lmdeck-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

const results: RowResult[] = [];
{
  using server = await startServer();
  const bench = { server, quick: values.quick, newFolder: () => mkdtempSync(join(folder, 'run-')) };
  console.log(`${machineText()}${values.quick ? ', quick' : ''}\n`);
  for (const row of rows) {
    if (positionals.length > 0 && !positionals.includes(row.name)) continue;
    console.log(`## ${row.name}: ${row.summary}\n`);
    const comparisons = await row.run(bench);
    results.push({ row: row.name, comparisons });
    for (const comparison of comparisons) console.log(comparisonText(comparison));
  }
}
console.log(summaryText(results));
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(resultsJson(results, values.quick), undefined, 2)}\n`);

/** The peers have a package.json and a lock file of their own here, so that nobody else has to install them. */
function installPeers(): void {
  if (existsSync(join(import.meta.dirname, 'node_modules'))) return;
  step('Installing the peers of the benchmark (npm ci in bench/)', 'npm', ['ci', '--no-audit', '--no-fund']);
}

function step(what: string, command: string, args: readonly string[]): void {
  console.error(`${what} …`);
  const { status, error } = spawnSync(command, args, { cwd: import.meta.dirname, stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  console.error(`${what} failed${error === undefined ? '' : `: ${error.message}`}.`);
  process.exit(1);
}
