/**
 * Builds the packages in dependency order: tsc checks and writes the declarations, rolldown writes the JavaScript.
 * Bundled by folder and not file by file, because resolving and reading 150 small modules costs a command line 30 ms at
 * every start; with one chunk per layer it is 4 ms. Nothing else changes: same sources, same subpaths, one instance of each module.
 */
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown, type Plugin } from 'rolldown';
import { cheapBuiltins, ownExportAll } from './build/chunk-plugins.ts';
import { isLate, lateEntries, lateLoader, lateModules } from './build/late-modules.ts';
import { mitLicense } from './mit-license.ts';

const root = join(import.meta.dirname, '..');

/** What everybody needs who imports the library. What is loaded by `import()` alone stays out. */
const library = new RegExp(
  [
    '/src/(?:core|transport|tape)/',
    '/src/schema/schema-inputs\\.ts',
    '/src/middleware/(?!limits/|(?:align-messages|diff-tokens|json-diff|message-diff|replay-miss|terminal-colors|text-diff)\\.ts)',
    '/src/models/(?:[a-z-]+|(?:anthropic|google)/(?:[a-z]+-model|[a-z]+)|batches/lazy-batches)\\.ts',
    '/src/models/openai-compatible/(?:[a-z-]+|batches/chat-batches|tokens/endpoint-tokens)\\.ts',
    '/src/deck/(?:index|open-deck|paths|plugin)\\.ts',
  ].join('|'),
);

/** One file for what is always needed together, each with all that it imports: the library, a prompt on the command line, the deck. */
const chunks = [
  { name: 'yaml', test: /\/node_modules\/yaml\/|\/src\/deck\/yaml\.ts$/ },
  { name: 'marked', test: /\/node_modules\/marked\// },
  { name: 'library', test: (id: string): boolean => id === lateLoader || (library.test(id) && !isLate(id)) },
  // For those who make many calls; behind the library, so that it takes nothing of it along.
  { name: 'limits', test: /\/src\/middleware\/limits\// },
  { name: 'prompt', test: /\/src\/cli\/(?:main|start|commands\/prompt)\.ts$/ },
  { name: 'assemble-deck', test: /\/src\/deck\/(?:assemble-deck|endpoint-file|yaml-file)\.ts$/ },
];

/** Libraries that go into the package, in one piece each: yaml alone takes 29 ms to load from its many files, 6 ms from one. */
const absorbed = [
  '@cfworker/json-schema',
  '@huggingface/jinja',
  '@huggingface/tokenizers',
  '@uwdata/flechette',
  'csv-parse',
  'hyparquet',
  'hyparquet-writer',
  'marked',
  'yaml',
];

for (const name of ['lmdeck', 'lmdeck-llama']) {
  const folder = join(root, 'packages', name);
  // Old output goes first, so that nothing stale can be imported or packed.
  rmSync(join(folder, 'dist'), { recursive: true, force: true });
  declarations(folder);
  const entries = sourcesOf(folder, exportedEntries(folder));
  if (name !== 'lmdeck') {
    await bundle(folder, 'dist', entries, []);
    continue;
  }
  const isEager = (id: string): boolean => library.test(id) && !isLate(id);
  await bundle(folder, 'dist', { ...entries, ...sourcesOf(folder, ['cli/start']), ...lateEntries }, [lateModules(folder, isEager)]);
  // Bundlers cannot see what is required late: for them (condition "module") everything once more, as it is written.
  await bundle(folder, 'dist/whole', entries, []);
  licenses(folder);
}

function declarations(folder: string): void {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', join(folder, 'tsconfig.build.json')], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

async function bundle(folder: string, to: string, entries: Readonly<Record<string, string>>, plugins: readonly Plugin[]): Promise<void> {
  const bundled = await rolldown({
    input: entries,
    platform: 'node',
    // Everything that is not a file of the package itself or goes into it.
    external: (id) => !/^(?:[./\0]|late:)/.test(id) && !absorbed.includes(id),
    plugins: [...plugins, cheapBuiltins, ownExportAll],
    onLog: (level, log) => {
      // A module that one caller loads late and another at once is in the chunk of the latter: no fault.
      if (level === 'warn' && log.code !== 'INEFFECTIVE_DYNAMIC_IMPORT') throw new Error(`${folder}: ${log.message}`);
    },
  });
  await bundled.write({
    dir: join(folder, to),
    format: 'esm',
    // Whoever bundles makes a map of their own.
    sourcemap: to === 'dist',
    // The sources are in the package; a map that has them too doubles it.
    sourcemapExcludeSources: true,
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
    codeSplitting: { groups: chunks },
    // One letter beyond ASCII doubles the size of the whole file in memory, and the time to read it.
    charset: 'ascii',
    // Comments, white space and the names of local variables are half of what Node would have to read at every start. Functions and classes
    // keep their names, for stack traces; the source maps know the rest.
    minify: { compress: false, mangle: { toplevel: false, keepNames: true }, codegen: { removeWhitespace: true } },
  });
  await bundled.close();
}

/** What was absorbed keeps its copyright notice. */
function licenses(folder: string): void {
  const texts = absorbed.map((name) => {
    const folder = join(root, 'node_modules', name);
    const [file] = globSync(join(folder, 'LICENSE*'));
    const text = file === undefined ? mitLicense(readFileSync(join(folder, 'package.json'), 'utf8')) : readFileSync(file, 'utf8').trim();
    return `${name}\n\n${text}\n`;
  });
  writeFileSync(join(folder, 'dist/THIRD-PARTY-LICENSES.txt'), texts.join(`\n${'-'.repeat(80)}\n\n`));
}

/** `dist/tape/index.js` of the exports is made from `src/tape/index.ts`. */
function exportedEntries(folder: string): string[] {
  const manifest = readFileSync(join(folder, 'package.json'), 'utf8');
  return [...manifest.matchAll(/"default": "\.\/dist\/([^"]+)\.js"/g)].map((match) => match[1] ?? '');
}

function sourcesOf(folder: string, entries: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(entries.map((entry) => [entry, join(folder, 'src', `${entry}.ts`)]));
}
