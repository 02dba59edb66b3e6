import { LmdeckError } from '../../core/index.ts';
import type { DeclarationReader } from './declaration-reader.ts';
import { typescriptVersion } from './typescript/load-typescript.ts';

/** What can read declarations: TypeScript 7 evaluates every type, oxc-parser takes them as they are written. */
export type ReaderName = 'typescript' | 'oxc';

/** The reader that was asked for, else the best there is. */
export async function openReader(options: {
  folder: string;
  project?: string | undefined;
  reader?: ReaderName | undefined;
}): Promise<DeclarationReader> {
  const { folder, project, reader } = options;
  if (reader !== 'oxc') {
    const { typescriptReader } = await import('./typescript/typescript-reader.ts');
    const found = await typescriptReader({ folder, ...(project === undefined ? {} : { project }) });
    if (found !== undefined) return found;
  }
  if (reader !== 'typescript') {
    const { oxcReader } = await import('./oxc/oxc-reader.ts');
    const found = await oxcReader(folder);
    if (found !== undefined) return found;
  }
  const version = typescriptVersion(folder);
  const there = version === undefined ? 'is not installed here' : `is ${version} here, which has no such API`;
  if (reader === 'oxc') throw new LmdeckError('config', 'oxc-parser is not installed here. npm install --save-dev oxc-parser');
  throw new LmdeckError(
    'config',
    `Declarations are read by TypeScript 7, but TypeScript ${there}. npm install --save-dev typescript@7 (or oxc-parser, for types without imports of other packages and utility types)`,
  );
}
