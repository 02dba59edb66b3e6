import { outputLines, rowObject, TallyCounter, writeOutcomes, type BatchTally, type RowOutcome } from '../../batch/index.ts';
import type { CliIo } from '../io/cli-io.ts';
import type { BatchSettings } from './batch-record.ts';

/** Writes or prints outcomes; without an output they are only counted. */
export async function deliver(
  outcomes: AsyncIterable<RowOutcome>,
  settings: Pick<BatchSettings, 'output' | 'format' | 'join' | 'keep'>,
  io: CliIo,
): Promise<{ readonly tally: BatchTally; readonly written: number }> {
  const { output } = settings;
  if (output !== undefined && output !== '-') {
    const { written, ...tally } = await writeOutcomes(outcomes, output, settings);
    return { tally, written };
  }
  const counter = new TallyCounter();
  const lines = outputLines(settings);
  let written = 0;
  for await (const outcome of outcomes) {
    counter.add(outcome);
    written++;
    if (output === '-') await io.print(`${JSON.stringify(rowObject(outcome, lines))}\n`);
  }
  return { tally: counter.tally, written };
}
