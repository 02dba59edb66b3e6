import type { OutputFile } from '../output/output-file.ts';
import { isSame } from '../sources/file-blocks.ts';
import type { RowSource } from '../sources/row-source.ts';
import type { Checkpoint } from './run-state.ts';
import type { WriteBatchOptions } from './write-batch-options.ts';

/** The checkpoint, when source and output are what they were. */
export async function usableCheckpoint(
  before: Checkpoint,
  source: RowSource,
  file: OutputFile | undefined,
  { onNote }: WriteBatchOptions,
): Promise<Checkpoint | undefined> {
  const { prefix, output, from } = before;
  if (output === undefined ? file !== undefined : file?.has(output) !== true) {
    onNote?.('The end of the output is not there: it is written anew from the tape.');
    return undefined;
  }
  const now = source.fingerprint?.();
  if (now === undefined || before.source === undefined) return undefined;
  if (isSame(now, before.source)) return before;
  if (prefix !== undefined && (await source.prefix?.matches(from.offset, prefix)) === true) return { ...before, complete: false };
  onNote?.(`${source.name} has changed: its rows are looked up one by one, and only those are asked that ask something new.`);
  return undefined;
}
