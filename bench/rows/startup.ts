import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Comparison, Goal } from '../comparison.ts';
import { rotateProcesses, type Start } from '../process-rotation.ts';
import type { Bench, Row } from '../row.ts';

const command = join(import.meta.dirname, '../../packages/lmdeck/bin/lmdeck.cjs');
const script = (name: string): string => join(import.meta.dirname, '../startup', `${name}.js`);
// The scripts print through `process.getBuiltinModule('node:fs')`: the floor prints nothing, and an ESM import of node:fs alone takes a tenth of its time.
const floor = 'node -e 0';

export const startupRow: Row = {
  name: 'startup',
  summary: 'whole processes: importing, `lmdeck --version`, and from start to the first answer of a loopback server, and to the exit',
  run: async (bench) => [await imports(bench), await firstAnswers(bench)],
};

function imports(bench: Bench): Promise<Comparison> {
  const starts: readonly Start[] = [
    { name: floor, args: ['-e', '0'] },
    { name: 'empty module', args: [script('nothing')], printsRss: true },
    { name: 'lmdeck --version', args: [command, '--version'], prints: 4 },
    { name: 'import lmdeck', args: [script('import-lmdeck')], printsRss: true },
    { name: 'import undici', args: [script('import-undici')], printsRss: true },
    { name: 'import openai', args: [script('import-openai')], printsRss: true },
    { name: 'import ai + openai-compatible', args: [script('import-ai')], printsRss: true },
  ];
  const goals: readonly Goal[] = [
    { what: 'lmdeck --version ÷ node -e 0, wall', measure: 'wall', of: 'lmdeck --version', to: floor, atMost: 1.3 },
    { what: 'import of the library ÷ node -e 0, wall', measure: 'wall', of: 'import lmdeck', to: floor, atMost: 1.4 },
    {
      what: 'import of the library − empty module, RSS',
      measure: 'rss',
      of: 'import lmdeck',
      to: 'empty module',
      difference: true,
      atMost: 8,
    },
  ];
  return rotateProcesses(bench, { title: 'Start-up', measure: 'wall', reference: floor, starts, goals });
}

function firstAnswers(bench: Bench): Promise<Comparison> {
  const { baseUrl } = bench.server;
  const ask = [command, '-m', 'bench/mock', 'hi'];
  const home = deckHome(bench);
  const starts: readonly Start[] = [
    { name: floor, args: ['-e', '0'] },
    { name: 'node:http by hand', args: [script('answer-node-http'), baseUrl], prints: 10 },
    { name: 'lmdeck, library', args: [script('answer-lmdeck'), baseUrl], prints: 10 },
    { name: 'lmdeck, command, --no-log', args: [...ask, '--no-log'], env: { LMDECK_HOME: home }, prints: 10 },
    { name: 'lmdeck, command, recorded', args: ask, env: { LMDECK_HOME: home }, prints: 10 },
    { name: 'openai', args: [script('answer-openai'), baseUrl], prints: 10 },
    { name: 'ai', args: [script('answer-ai'), baseUrl], prints: 10 },
  ];
  const goals = starts
    .filter(({ name }) => name.startsWith('lmdeck'))
    .map(({ name }): Goal => ({ what: `${name}: first answer ÷ node -e 0`, measure: 'answer', of: name, to: floor, atMost: 1.8 }));
  return rotateProcesses(bench, {
    title: 'From process start to the first answer (all of it on stdout)',
    measure: 'answer',
    reference: floor,
    starts,
    goals,
  });
}

/** A configuration in which the mock server is an endpoint named `bench`. */
function deckHome(bench: Bench): string {
  const home = bench.newFolder();
  writeFileSync(join(home, 'endpoints.yaml'), `bench:\n  baseUrl: ${bench.server.baseUrl}\n`);
  return home;
}
