import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plugin } from 'rolldown';

/**
 * What those who import the library may never use, by the chunk that it is in. Every kilobyte of a chunk costs its readers 30 microseconds,
 * half of an import of everything; most of these functions cannot be loaded by `import()`, because they return at once.
 */
const chunks: Readonly<Record<string, RegExp>> = {
  recording:
    /\/src\/(?:core\/(?:message-hash|sha256|small-sha256)\.ts$|tape\/(?!index\.ts)|middleware\/(?:answer-events|cache|flight|replay|replay-events|replay-key|replay-lookup)\.ts$)/,
  seldom:
    /\/src\/(?:core\/(?:in-order|near-names)|transport\/(?:content-decoding|error-body|error-code-of-status|http-error|retry-after|tunnel)|schema\/(?:parse-schema-input|schema-dsl|standard-json-schema)|models\/(?:decode-answer|echo|mock|scripted-[a-z]+|anthropic\/(?:anthropic|messages-model)|google\/(?:gemini|gemini-model)|openai-compatible\/(?:decode-logprobs|decode-response|encode-messages|list-models|provider-error|strict-schema)))\.ts$/,
};

/** A statement that takes something from a file nearby; its names, and where from. */
const FROM = /^(import|export) (type )?\{([^}]*)\} from '(\.[^']+)';$/gm;

/** The module that loads late chunks; it must be in a chunk beside them. */
export const lateLoader = '\0late:loader';

const LOADER = `
const loaded = {};
let require;
export function late(chunk) {
  require ??= process.getBuiltinModule('node:module').createRequire(import.meta.url);
  return (loaded[chunk] ??= require('./' + chunk + '.js'));
}
`;

export function isLate(id: string): boolean {
  return chunkOf(id) !== undefined;
}

/** The late chunks as entries of a bundle. */
export const lateEntries: Readonly<Record<string, string>> = Object.fromEntries(
  Object.keys(chunks).map((name) => [`chunks/${name}`, `late:${name}`]),
);

/**
 * Loads what is late when one of its functions is first called: by `require`, which takes ES modules and waits for them. Whoever is in
 * the chunk `library` gets, in place of a function from such a file, one that calls it there. The sources know nothing of this.
 *
 * @param folder The package.
 * @param isEager Tells whose imports are late: those of the files in the chunk `library`.
 */
export function lateModules(folder: string, isEager: (id: string) => boolean): Plugin {
  return {
    name: 'late-modules',
    resolveId: (id) => (id.startsWith('late:') ? `\0${id}` : null),
    load: (id) => {
      if (id === lateLoader) return LOADER;
      return id.startsWith('\0late:') ? exportsOf(id.slice('\0late:'.length), folder, isEager) : null;
    },
    transform: (code, id) => (isEager(id) ? { code: callingLate(code, id), map: null } : null),
  };
}

/** Everything that eager files take from the files of a late chunk. */
function exportsOf(chunk: string, folder: string, isEager: (id: string) => boolean): string {
  const names = new Map<string, Set<string>>();
  for (const id of globSync(join(folder, 'src/**/*.ts'), { exclude: (path) => path.endsWith('.test.ts') })) {
    if (!isEager(id)) continue;
    for (const [, , type, list = '', from = ''] of readFileSync(id, 'utf8').matchAll(FROM)) {
      const file = join(dirname(id), from);
      if (type !== undefined || chunkOf(file) !== chunk) continue;
      const known = names.get(file) ?? new Set();
      names.set(file, known);
      for (const [name] of valuesIn(list)) known.add(name);
    }
  }
  return [...names].map(([file, known]) => `export { ${[...known].join(', ')} } from ${JSON.stringify(file)};`).join('\n');
}

function callingLate(code: string, id: string): string {
  const used = new Set<string>();
  const calling = code.replaceAll(FROM, (statement, verb: string, type: string | undefined, list: string, from: string) => {
    const chunk = chunkOf(join(dirname(id), from));
    if (chunk === undefined || type !== undefined) return statement;
    used.add(chunk);
    const functions = valuesIn(list).map(([name, local]) => {
      if (!/^[a-z]/.test(name))
        throw new Error(`${id}: ${name} of ${from} is no function, but ${chunk} is loaded late (scripts/build/late-modules.ts).`);
      return `${verb === 'export' ? 'export ' : ''}function ${local}(...args) { return late('${chunk}').${name}(...args); }`;
    });
    // A line stays a line, so the source map holds.
    return functions.join(' ') + '\n'.repeat(statement.split('\n').length - 1);
  });
  const loader = used.size === 0 ? '' : `import { late } from 'late:loader'; `;
  return `${loader}${calling}`;
}

/** The names that stand for more than types, each with the name that it gets here. */
function valuesIn(list: string): (readonly [name: string, local: string])[] {
  return list
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '' && !each.startsWith('type '))
    .map((each) => {
      const [name = '', local = name] = each.split(' as ');
      return [name, local];
    });
}

function chunkOf(id: string): string | undefined {
  return Object.keys(chunks).find((name) => chunks[name]?.test(id));
}
