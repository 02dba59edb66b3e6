import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LmdeckError, type LanguageModel } from '../../core/index.ts';
import {
  convertRows,
  LineSource,
  openSource,
  readCheckpoint,
  writeBatch,
  type BatchReport,
  type RowSource,
  type WriteBatchOptions,
} from '../../batch/index.ts';
import type { Deck, DeckOptions } from '../../deck/index.ts';
import type { ParsedOptions } from '../args/parsed-options.ts';
import type { CliIo } from '../io/cli-io.ts';
import { durationText } from '../io/duration-text.ts';
import { counted, plural } from '../io/progress.ts';
import { EXIT } from '../io/report-error.ts';
import { dollars } from '../prompt/usage-text.ts';
import { BatchReporter, failureText, tallyJson } from './batch-progress.ts';
import type { BatchRecord, BatchSettings } from './batch-record.ts';
import type { BatchRuns } from './batch-runs.ts';
import { keepHeapSmall } from '../io/small-heap.ts';
import { drainable, type Ends } from './drainable.ts';

/** One process' work on a run. */
export interface Execution {
  readonly io: CliIo;
  readonly options: ParsedOptions;
  readonly deck: Deck;
  readonly runs: BatchRuns;
  readonly record: BatchRecord;
  readonly isNew: boolean;
  readonly only?: 'failed';
}

/** Nobody waits for a single row: patience costs less than a failed one. */
const RETRIES = 5;

/** How to open the deck for a run. @throws LmdeckError `usage` */
export function batchDeck(options: ParsedOptions): DeckOptions {
  const tape = options.text('database');
  // Without the record there would be nothing to go on with.
  return {
    log: true,
    mappedTape: false,
    retry: { retries: options.integer('retries') ?? RETRIES },
    cache: options.flag('cache'),
    ...(tape === undefined ? {} : { tape }),
  };
}

/** Works on a run until it is done or stopped, and tells how it went. @returns the exit code. */
export async function executeRun(execution: Execution): Promise<number> {
  const { io, options, deck, runs, record, isNew } = execution;
  const release = runs.claim(record.run);
  const reporter = new BatchReporter(io, options.flag('json'));
  const started = performance.now();
  try {
    keepHeapSmall();
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
  { io, options, deck, runs, record, isNew, only }: Execution,
  model: LanguageModel | undefined,
  reporter: BatchReporter,
  ends: Ends,
  started: number,
): Promise<number> {
  const { settings, run } = record;
  try {
    const batch = await batchOptions(record, options, deck, runs, reporter, ends);
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
      io.note(`Stopped. Nothing is lost. Go on with the same command, or: lmdeck batch run --run ${run}`);
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
    else io.note(`Go on with: lmdeck batch run --run ${run}`);
    throw error;
  }
}

async function batchOptions(
  { run, settings }: BatchRecord,
  options: ParsedOptions,
  deck: Deck,
  runs: BatchRuns,
  reporter: BatchReporter,
  ends: Ends,
): Promise<WriteBatchOptions> {
  const folder = runs.folderOf(run);
  const { format, output, asCompleted, join: joined, keep } = settings;
  const isTable = format === 'csv' || format === 'parquet';
  const key = options.text('key');
  const maxCost = dollarsOf(options.text('maxCost'));
  if (isTable && output !== undefined && existsSync(output) && !existsSync(join(folder, 'checkpoint.json')) && !options.flag('overwrite'))
    throw new LmdeckError(
      'usage',
      `${output} exists, and no run that is known here wrote it. Name another file, or replace it with --overwrite.`,
    );
  return {
    template: settings.template,
    system: settings.system,
    options: settings.options,
    schema: settings.schema,
    samples: settings.samples,
    rowSettings: settings.rowSettings,
    lineModels: settings.lineModels,
    limit: settings.limit,
    models: (name) => deck.model(name),
    runId: run,
    folder,
    tape: await deck.tape(),
    // A table is made of lines when all of them are there.
    output: isTable ? join(folder, 'lines.jsonl') : output,
    overwrite: isTable ? true : options.flag('overwrite'),
    shape: format === 'openai-batch' ? 'openai-batch' : format === 'jsonl' || isTable ? 'rows' : 'auto',
    join: joined ?? (isTable ? 'flat' : 'nested'),
    keep,
    order: asCompleted === true ? 'completed' : 'input',
    concurrency: options.integer('concurrency', 1),
    window: options.integer('window', 1),
    maxErrors: options.integer('maxErrors'),
    maxCost,
    apiKey: key === undefined ? undefined : ((await deck.keys.get(key)) ?? key),
    signal: ends.abort,
    stop: ends.stop,
    onOutcome: (outcome) => reporter.outcome(outcome),
    onProgress: (progress) => reporter.update(progress),
    onNote: (note) => reporter.note(note),
  };
}

/** The rows of a run. */
export function sourceOf({ source, from, sql }: BatchSettings, io: CliIo): RowSource {
  if (source !== '-') return openSource(source, { format: from, query: sql });
  if (from !== undefined && from !== 'jsonl' && from !== 'text')
    throw new LmdeckError('usage', `Rows can be read from stdin as jsonl or text, not as ${from}: write them into a file first.`);
  return new LineSource(stdinBytes(io), from ?? 'either');
}

async function* stdinBytes(io: CliIo): AsyncGenerator<Uint8Array | string, undefined> {
  for await (const chunk of io.stdin) yield typeof chunk === 'string' ? chunk : new Uint8Array(chunk);
  return undefined;
}

async function writeTable({ format, output }: BatchSettings, lines: string | undefined): Promise<void> {
  if ((format !== 'csv' && format !== 'parquet') || output === undefined || lines === undefined) return;
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

function dollarsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text.replace(/^\$/, ''));
  if (text.trim() === '' || !(value >= 0)) throw new LmdeckError('usage', `--max-cost takes dollars, such as 2.50, not "${text}".`);
  return value;
}
