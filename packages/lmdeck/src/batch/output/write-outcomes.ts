import { renameSync, rmSync } from 'node:fs';
import { LmdeckError } from '../../core/index.ts';
import { TallyCounter, type BatchTally } from '../run/batch-tally.ts';
import type { RowOutcome } from '../row-outcome.ts';
import { behindLinks } from './behind-links.ts';
import { convertRows } from './convert-rows.ts';
import { makeOutputFolder } from './output-folder.ts';
import { OutputFile } from './output-file.ts';
import { isTable, outputLines, type OutputOptions } from './output-lines.ts';
import { partOf } from './part-of.ts';
import { rowObject } from './row-line.ts';

/** How much is written at once. */
const CHUNK_CHARS = 1 << 16;

/**
 * Writes outcomes into a file as a run does that asks them itself: JSON lines, or a table. The file takes its name when it is whole.
 * @throws LmdeckError `config` when it cannot be written; what the outcomes throw.
 */
export async function writeOutcomes(
  outcomes: AsyncIterable<RowOutcome>,
  output: string,
  options: OutputOptions = {},
): Promise<BatchTally & { readonly written: number }> {
  const counter = new TallyCounter();
  const lines = outputLines(options);
  const path = behindLinks(output);
  const part = partOf(path, 'lines');
  let written = 0;
  try {
    makeOutputFolder(path);
    rmSync(part, { force: true });
    const file = OutputFile.create(part);
    try {
      let text = '';
      for await (const outcome of outcomes) {
        text += `${JSON.stringify(rowObject(outcome, lines))}\n`;
        counter.add(outcome);
        written++;
        if (text.length < CHUNK_CHARS) continue;
        file.write(text);
        text = '';
      }
      file.write(text);
      file.sync();
    } finally {
      file.close();
    }
    if (isTable(options.format)) await convertRows(part, path, options.format);
    else renameSync(part, path);
  } catch (error) {
    if (LmdeckError.isInstance(error)) throw error;
    throw new LmdeckError('config', `Cannot write ${path}: ${LmdeckError.from(error).message}`, { cause: error });
  } finally {
    rmSync(part, { force: true });
  }
  return { ...counter.tally, written };
}
