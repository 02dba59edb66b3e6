/**
 * Builds the packages in dependency order: tsc checks and writes the declarations, rolldown writes the JavaScript.
 * Bundled by folder and not file by file, because resolving and reading 150 small modules costs a command line 30 ms at
 * every start; with one chunk per layer it is 4 ms. Nothing else changes: same sources, same subpaths, one instance of each module.
 */
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown, type Plugin } from 'rolldown';

const root = join(import.meta.dirname, '..');

/** What is entered besides the exports of package.json: by the command's starter, which must not be importable by others. */
const innerEntries: Readonly<Record<string, readonly string[]>> = { lmdeck: ['cli/start'] };

/** One file for what is always needed together, each with all that it imports: the library, a prompt on the command line, the deck. */
const chunks = [
  { name: 'yaml', test: /\/node_modules\/yaml\// },
  { name: 'marked', test: /\/node_modules\/marked\// },
  // What is loaded late (scores, raw prompts, hidden states, the explanation of a miss) stays out.
  {
    name: 'library',
    test: /\/src\/(?:core|transport|schema|tape)\/|\/src\/middleware\/(?!(?:align-messages|diff-tokens|json-diff|message-diff|replay-miss|terminal-colors|text-diff)\.ts)|\/src\/models\/(?!openai-compatible\/(?:completions|pooling|scoring)\/)|\/src\/deck\/(?:open-deck|paths|plugin)\.ts$/,
  },
  { name: 'prompt', test: /\/src\/cli\/(?:main|commands\/prompt)\.ts$/ },
  { name: 'assemble-deck', test: /\/src\/deck\/assemble-deck\.ts$/ },
];

/** Libraries that go into the package, in one piece each: yaml alone takes 29 ms to load from its many files, 6 ms from one. */
const absorbed = [
  '@huggingface/jinja',
  '@huggingface/tokenizers',
  '@uwdata/flechette',
  'csv-parse',
  'hyparquet',
  'hyparquet-writer',
  'marked',
  'yaml',
];

/**
 * `import { x } from 'node:fs'` builds a namespace of everything the builtin has, lazy getters included: 2 ms for fs, 3 ms for util.
 * `process.getBuiltinModule` gives the same objects at once. Sources keep the import, which reads better.
 */
const cheapBuiltins: Plugin = {
  name: 'cheap-builtins',
  renderChunk: (code) => ({
    // A line stays a line, so the source map holds.
    map: null,
    code: code.replaceAll(/^import \{([^}]+)\} from "(node:[^"]+)";$/gm, (_, names: string, builtin: string) => {
      return `const {${names.replaceAll(' as ', ': ')}} = process.getBuiltinModule("${builtin}");`;
    }),
  }),
};

for (const name of ['lmdeck', 'lmdeck-llama']) {
  const folder = join(root, 'packages', name);
  // Old output goes first, so that nothing stale can be imported or packed.
  rmSync(join(folder, 'dist'), { recursive: true, force: true });
  declarations(folder);
  await bundle(folder, [...exportedEntries(folder), ...(innerEntries[name] ?? [])]);
  if (name === 'lmdeck') licenses(folder);
}

function declarations(folder: string): void {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', join(folder, 'tsconfig.build.json')], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

async function bundle(folder: string, entries: readonly string[]): Promise<void> {
  const bundled = await rolldown({
    input: Object.fromEntries(entries.map((entry) => [entry, join(folder, 'src', `${entry}.ts`)])),
    platform: 'node',
    // Everything that is not a file of the package itself or goes into it.
    external: (id) => !/^[./]/.test(id) && !absorbed.includes(id),
    plugins: [cheapBuiltins],
    onLog: (level, log) => {
      // A module that one caller loads late and another at once is in the chunk of the latter: no fault.
      if (level === 'warn' && log.code !== 'INEFFECTIVE_DYNAMIC_IMPORT') throw new Error(`${folder}: ${log.message}`);
    },
  });
  await bundled.write({
    dir: join(folder, 'dist'),
    format: 'esm',
    sourcemap: true,
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
    const [file = ''] = globSync(join(root, 'node_modules', name, 'LICENSE*'));
    return `${name}\n\n${readFileSync(file, 'utf8').trim()}\n`;
  });
  writeFileSync(join(folder, 'dist/THIRD-PARTY-LICENSES.txt'), texts.join(`\n${'-'.repeat(80)}\n\n`));
}

/** `dist/tape/index.js` of the exports is made from `src/tape/index.ts`. */
function exportedEntries(folder: string): string[] {
  const manifest = readFileSync(join(folder, 'package.json'), 'utf8');
  return [...manifest.matchAll(/"default": "\.\/dist\/([^"]+)\.js"/g)].map((match) => match[1] ?? '');
}
