/** The layers of docs/architecture.md: imports only go down, and a capability is entered through its index.ts. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';

/** For each folder of packages/lmdeck/src, the folders it may import from. */
export const allowed: Readonly<Record<string, readonly string[]>> = {
  core: [],
  transport: ['core'],
  schema: ['core'],
  python: ['core'],
  jinja: ['core', 'python'],
  datasets: ['core', 'python'],
  templates: ['core', 'python', 'jinja'],
  runs: ['core'],
  middleware: ['core', 'transport', 'tokenize'],
  tape: ['core'],
  tokenize: ['core', 'transport', 'python', 'jinja'],
  interop: ['core', 'tape'],
  training: ['core', 'tape', 'interop'],
  models: ['core', 'transport', 'schema', 'tokenize', 'middleware'],
  deck: ['core', 'transport', 'schema', 'tokenize', 'middleware', 'tape', 'models'],
  scoring: ['core', 'transport', 'schema', 'python', 'datasets', 'templates', 'tokenize', 'middleware', 'tape', 'models'],
  batch: [
    'core',
    'transport',
    'schema',
    'python',
    'datasets',
    'templates',
    'runs',
    'tokenize',
    'middleware',
    'tape',
    'interop',
    'models',
    'deck',
  ],
  functions: ['core', 'schema', 'middleware', 'tape', 'models', 'deck', 'batch'],
  testing: ['core', 'middleware', 'tape', 'deck'],
  cli: [
    'core',
    'transport',
    'schema',
    'middleware',
    'tape',
    'models',
    'deck',
    'interop',
    'training',
    'scoring',
    'tokenize',
    'batch',
    'functions',
    'datasets',
    'runs',
  ],
  // The package's front door: everything a library user reaches, never the command line.
  '.': ['core', 'transport', 'schema', 'middleware', 'tape', 'models', 'deck'],
};

/** Builtins whose ESM import evaluates lazy getters at a cost that start-up cannot bear; see docs/architecture.md. */
const costly = ['node:http', 'node:https', 'node:crypto', 'node:sqlite', 'node:zlib', 'node:child_process', 'undici'];

/** Every import of `text` with its specifier; `typeOnly` ones vanish at run time. */
export function importsOf(text: string): { readonly specifier: string; readonly typeOnly: boolean; readonly dynamic: boolean }[] {
  const code = text.replaceAll(/\/\*[^]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
  const found = [];
  for (const match of code.matchAll(/\b(?:import|export)\s+(type\s)?[^;'"()]*?from\s+['"]([^'"]+)['"]|\bimport\s+['"]([^'"]+)['"]/g)) {
    found.push({ specifier: match[2] ?? match[3] ?? '', typeOnly: match[1] !== undefined, dynamic: false });
  }
  for (const match of code.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g))
    found.push({ specifier: match[1] ?? '', typeOnly: false, dynamic: true });
  return found;
}

/** What one source file does against the layers, one line each. `file` is relative to the source folder. */
export function violations(file: string, text: string): string[] {
  const folder = folderOf(file);
  const rules = allowed[folder];
  if (rules === undefined) return [`${file}: folder "${folder}" has no place in scripts/layers.ts`];
  const found: string[] = [];
  for (const { specifier, typeOnly, dynamic } of importsOf(text)) {
    if (!typeOnly && !dynamic && costly.includes(specifier))
      found.push(`${file}: imports ${specifier}; use process.getBuiltinModule('${specifier}') where it is needed`);
    if (!specifier.startsWith('.')) continue;
    const target = normalize(join(dirname(file), specifier));
    if (target.startsWith('..')) {
      found.push(`${file}: imports ${specifier}, outside the package's sources`);
      continue;
    }
    const other = folderOf(target);
    if (other === folder) continue;
    if (target.split(sep).join('/') === upward.get(file.split(sep).join('/')) && dynamic) continue;
    if (!rules.includes(other)) found.push(`${file}: imports ${specifier}; ${folder}/ may use ${rules.join(', ') || 'nothing'}`);
    else if (target !== join(other, 'index.ts') && !doors.has(target.split(sep).join('/')))
      found.push(`${file}: imports ${specifier}; go through ${other}/index.ts`);
  }
  return found;
}

/** Files that may be entered besides index.ts: those that must be loaded alone to keep start-up short. */
const doors: ReadonlySet<string> = new Set([
  'deck/configure/index.ts',
  'functions/generate/index.ts',
  'middleware/limits/index.ts',
  'schema/schema-inputs.ts',
  'tokenize/tiktoken/encoding-name.ts',
]);

/**
 * The one import that goes up, and only when LMDECK_REPLAY is set: every model is made in core/, and what a replay takes (tapes, fixtures)
 * is above it.
 */
const upward: ReadonlyMap<string, string> = new Map([['core/forced-replay.ts', 'testing/environment-replay.ts']]);

function folderOf(file: string): string {
  const parts = file.split(sep);
  return parts.length === 1 ? '.' : (parts[0] ?? '.');
}

/** All violations in the checkout at `root`. */
export function checkLayers(root: string): string[] {
  const source = join(root, 'packages/lmdeck/src');
  return globSync(join(source, '**/*.ts')).flatMap((path) => {
    const file = relative(source, path);
    return file.endsWith('.test.ts') || file.includes('test-support') ? [] : violations(file, readFileSync(path, 'utf8'));
  });
}
