import { rmSync } from 'node:fs';
import { LmdeckError } from '../../core/index.ts';
import { makeOutputFolder } from './output-folder.ts';
import { OutputFile, type OutputMark } from './output-file.ts';

/** What a run noted of its output. */
interface NotedOutput {
  readonly output?: OutputMark | undefined;
  readonly replacement?: OutputMark | undefined;
}

/**
 * Opens the output of a run: new, or the one that it wrote before.
 * @throws LmdeckError `usage` when there is a file that is not the run's, `config` when it cannot be opened.
 */
export function openOutput(path: string, before: NotedOutput | undefined, overwrite: boolean | undefined): OutputFile {
  makeOutputFolder(path);
  if (overwrite === true && before === undefined) rmSync(path, { force: true });
  if (before?.output === undefined) return OutputFile.create(path);
  const file = OutputFile.open(path);
  const { output, replacement } = before;
  if (file.bytes === 0 || file.has(output) || file.isTorn(output) || overwrite === true) return file;
  if (replacement !== undefined && file.has(replacement)) return file;
  file.close();
  throw new LmdeckError(
    'usage',
    `${path} is not what the run has written there: somebody changed it. Move it away, or have it written anew from the tape with --overwrite.`,
  );
}
