/** The TypeScript examples of the documentation: in Markdown files and behind `@example` in docstrings. */
import { globSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export interface CodeBlock {
  /** `README.md:12`: where the block begins. */
  readonly place: string;
  readonly code: string;
  /** False for blocks marked "ts no-run": they need a key or a network and are only type-checked. */
  readonly runs: boolean;
}

/** Every example of the checkout at `root`. */
export function codeBlocks(root: string): CodeBlock[] {
  const files = globSync(['README.md', 'docs/**/*.md', 'packages/*/README.md', 'packages/*/src/**/*.ts'], { cwd: root });
  return files
    .filter((file) => !file.endsWith('.test.ts') && !file.includes('node_modules'))
    .toSorted()
    .flatMap((file) => blocksOf(relative(root, join(root, file)), readFileSync(join(root, file), 'utf8')));
}

function blocksOf(file: string, text: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { readonly line: number; readonly runs: boolean; readonly code: string[] } | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = file.endsWith('.ts') ? raw.replace(/^\s*\* ?/, '') : raw;
    const fence = /^\s*```(\w*)\s*(.*)$/.exec(line);
    if (fence === null) open?.code.push(line);
    else if (open !== undefined) {
      blocks.push({ place: `${file}:${open.line}`, code: `${open.code.join('\n')}\n`, runs: open.runs });
      open = undefined;
    } else if (fence[1] === 'ts') open = { line: index + 1, runs: fence[2] !== 'no-run', code: [] };
  }
  return blocks;
}

/** What an example says it prints: the comments behind its `console.log(…);` lines, in order. */
export function promisedOutput(code: string): string[] {
  return [...code.matchAll(/console\.log\(.*\); \/\/ (.+)$/gm)].map((match) => match[1] ?? '');
}
