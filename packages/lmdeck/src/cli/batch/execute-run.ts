import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { LmdeckError, type LanguageModel } from '../../core/index.ts';
import {
  behindLinks,
  convertRows,
  isTable,
  makeOutputFolder,
  outputLines,
  readCheckpoint,
  refuseSameFile,
  writeBatch,
  type BatchReport,
  type BatchWork,
  type WriteBatchOptions,
} from '../../batch/index.ts';
import type { Deck } from '../../deck/index.ts';
import type { ParsedOptions } from '../args/parsed-options.ts';
import type { CliIo } from '../io/cli-io.ts';
import { durationText } from '../io/duration-text.ts';
import { counted, plural } from '../io/progress.ts';
import { EXIT } from '../io/report-error.ts';
import { dollars } from '../prompt/usage-text.ts';
import { askingOptions } from './asking-options.ts';
import { BatchReporter, failureText, tallyJson } from './batch-progress.ts';
import { resumeCommand, type BatchRecord, type BatchSettings } from './batch-record.ts';
import type { BatchRuns } from './batch-runs.ts';
import { refuseForeign } from './chosen-run.ts';
import { sourceOf } from './source-of.ts';
import { CALLS_ROOM, keepHeapSmall } from '../io/small-heap.ts';
import { drainable, type Ends } from './drainable.ts';

/** One process' work on a run. */
export interface Execution {
  readonly io: CliIo;
  readonly options: ParsedOptions;
  readonly deck: Deck;
  readonly runs: BatchRuns;
  readonly record: BatchRecord;
  readonly isNew: boolean;
  readonly work: BatchWork;
  readonly only?: 'failed';
}

/** Works on a run until it is done or stopped, and tells how it went. @returns the exit code. */
export async function executeRun(execution: Execution): Promise<number> {
  const { io, options, deck, runs, record, isNew } = execution;
  const release = runs.claim(record.run);
  const reporter = new BatchReporter(io, options.flag('json'));
  const started = performance.now();
  try {
    keepHeapSmall(CALLS_ROOM);
    const model = record.settings.model === undefined ? undefined : await deck.model(record.settings.model);
    runs.write({ ...record, status: 'running' });
    if (!isNew) io.note(`Going on with run ${record.run}.`);
    reporter.event('start', { run: record.run, resumed: !isNew, ...record.settings });
    return await drainable(io, (ends) => worked(execution, model, reporter, ends, started));
  } finally {
    reporter.end();
    release();
  }
}

async function worked(
  execution: Execution,
  model: LanguageModel | undefined,
  reporter: BatchReporter,
  ends: Ends,
  started: number,
): Promise<number> {
  const { io, options, deck, runs, record, isNew, only } = execution;
  const { settings, run } = record;
  try {
    refuseShared(runs, record);
    const batch = await batchOptions(execution, reporter, ends);
    const report = await writeBatch(() => sourceOf(settings, io), model, only === undefined ? batch : { ...batch, only });
    reporter.end();
    await writeTable(settings, batch.output);
    await (await deck.tape()).flush();
    const { tally, complete } = report;
    const status = !complete ? 'stopped' : tally.failed > 0 ? 'incomplete' : 'finished';
    runs.write({ ...record, status, endedAt: Date.now(), tally });
    reporter.event('end', { run, status, ...tallyJson(tally) });
    if (!options.flag('json')) io.note(summary(record, report, (performance.now() - started) / 1000));
    if (!complete && only === undefined) {
      io.note(`Stopped. Nothing is lost. Go on with the same command, or: ${resumeCommand(record)}`);
      return EXIT.interrupted;
    }
    return ends.stop.aborted ? EXIT.interrupted : tally.failed > 0 ? EXIT.incomplete : EXIT.ok;
  } catch (error) {
    reporter.end();
    const failed = LmdeckError.from(error);
    runs.write({ ...record, status: failed.code === 'aborted' ? 'stopped' : 'failed', endedAt: Date.now(), error: failed.message });
    reporter.event('end', { run, status: 'failed', code: failed.code, message: failed.message });
    // A run that was wrong from the start is none.
    if (isNew && readCheckpoint(runs.folderOf(run)) === undefined) rmSync(runs.folderOf(run), { recursive: true, force: true });
    else io.note(`Go on with: ${resumeCommand(record)}`);
    throw error;
  }
}

/** @throws LmdeckError `usage` when another process writes the output, of whatever run. */
function refuseShared(runs: BatchRuns, { run, settings: { output } }: BatchRecord): void {
  if (output === undefined) return;
  const file = behindLinks(output);
  const isShared = ({ output: other }: BatchSettings): boolean => other !== undefined && behindLinks(other) === file;
  const other = runs.list().find((each) => each.run !== run && each.status === 'running' && isShared(each.settings));
  if (other === undefined || other.settings.offline === true) return;
  throw new LmdeckError(
    'usage',
    `Another process works on the run ${other.run}, which writes ${file}. Wait for it, or name another output.`,
  );
}

async function batchOptions(
  { io, options, deck, runs, record, work }: Execution,
  reporter: BatchReporter,
  ends: Ends,
): Promise<WriteBatchOptions> {
  const { run, settings } = record;
  const folder = runs.folderOf(run);
  const { format, output } = settings;
  const table = isTable(format);
  if (table && output !== undefined) {
    // The table is made at the end: that it cannot be would show too late.
    makeOutputFolder(output);
    refuseSameFile(sourceOf(settings, io), output);
    if (readCheckpoint(folder) === undefined) refuseForeign(output, options);
  }
  return {
    ...(await askingOptions(run, settings, work, options, deck, ends)),
    folder,
    // A table is made of lines when all of them are there.
    output: table ? join(folder, 'lines.jsonl') : output,
    overwrite: table ? true : options.flag('overwrite'),
    ...outputLines(settings),
    onOutcome: (outcome) => reporter.outcome(outcome),
    onProgress: (progress) => reporter.update(progress),
    onNote: (note) => reporter.note(note),
  };
}

async function writeTable({ format, output }: BatchSettings, lines: string | undefined): Promise<void> {
  if (!isTable(format) || output === undefined || lines === undefined) return;
  await convertRows(lines, output, format);
}

function summary({ run, settings }: BatchRecord, { tally, before, retried }: BatchReport, seconds: number): string {
  const parts = [
    `${plural(tally.rows, 'row')}, ${counted(tally.ok)} ok${tally.failed === 0 ? '' : `, ${failureText(tally)}`}`,
    ...(before === 0 ? [] : [`${counted(before)} of them done before${retried === 0 ? '' : `, ${counted(retried)} asked again`}`]),
    ...(tally.inputTokens + tally.outputTokens === 0
      ? []
      : [`${counted(tally.inputTokens)} tokens in, ${counted(tally.outputTokens)} out`]),
    ...(tally.costMicros > 0 ? [dollars(tally.costMicros)] : []),
    durationText(seconds),
  ];
  const where = settings.output === undefined ? '' : ` → ${settings.output}`;
  const next = tally.failed === 0 ? `lmdeck batch show ${run}` : `lmdeck batch show ${run} --failed, lmdeck batch retry-failed ${run}`;
  return `${parts.join('; ')}${where}\nRun ${run}: ${next}`;
}
