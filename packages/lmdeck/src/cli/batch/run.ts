import { rmSync } from 'node:fs';
import { batchStatus, behindLinks, readCheckpoint, waitForBatch, type BatchWork } from '../../batch/index.ts';
import { LmdeckError, ulid } from '../../core/index.ts';
import type { Deck } from '../../deck/index.ts';
import type { Command, Invocation } from '../args/command.ts';
import { longFlag, type ParsedOptions } from '../args/parsed-options.ts';
import { withDeck } from '../with-deck.ts';
import type { BatchRecord } from './batch-record.ts';
import { BatchRuns } from './batch-runs.ts';
import { chosenRun, refuseForeign, refuseOther } from './chosen-run.ts';
import { executeRun } from './execute-run.ts';
import { runsFolder } from './offline-options.ts';
import { runOptions } from './run-options.ts';
import { refuseOfflineOnly } from './one-way-options.ts';
import { configured, runSettings } from './run-settings.ts';
import { batchDeck, workOf } from './run-work-options.ts';

export const runCommand: Command = {
  name: 'run',
  summary: 'Ask a model about every row of a file',
  description:
    'Rows are lines of text, JSON lines ({"prompt"}, {"text"}, {"messages"}, columns for a template, lines of OpenAI\'s batch API), CSV, Parquet, Arrow,\n' +
    'a query of a SQLite file, or stdin (-). Every row gets an outcome, in the order of the input; rows that fail say why, and then the exit code is 3.\n' +
    'Every call goes onto the tape: the same command goes on where the last one stopped, however it ended, asks nothing twice, and asks failed rows again.\n' +
    'Ctrl-C lets the rows under way come to their end; a second one stops at once.',
  arguments: ['[source]'],
  completes: 'file',
  options: runOptions,
  examples: [
    { command: 'lmdeck batch run examples/rows.jsonl -m tiny', does: 'Offline, with the embedded model' },
    { command: 'lmdeck batch run prompts.jsonl -m openai/gpt-5.6-luna -o out.jsonl' },
    { command: "lmdeck batch run reviews.csv -t 'Sentiment of: {{ review }}' --schema 'sentiment, score float' -o out.parquet" },
    { command: "lmdeck batch run docs.db --sql 'SELECT id, body AS text FROM docs' -m qwen3-8b --max-cost 5 -o out.jsonl" },
    { command: 'lmdeck batch run prompts.jsonl -m openai/gpt-5.6-luna -o out.jsonl --offline', does: 'Within a day, at half the price' },
    { command: 'lmdeck batch run --config run.yaml -n 4 -o more.jsonl', does: 'As a file says, and otherwise' },
    { command: 'lmdeck batch run requests.jsonl --dry-run', does: 'How many rows and tokens, and what they cost' },
  ],
  run,
};

async function run(call: Invocation): Promise<number> {
  const { args, options, io } = call;
  const [source] = args;
  const plan = await configured(options, io);
  const work = workOf(options, plan);
  return withDeck(io, batchDeck(options, work), async (deck) => {
    const runs = new BatchRuns(deck.paths.home);
    const named = options.text('run');
    if (named !== undefined) return namedRun(call, deck, runs, work, runs.get(named));
    const settings = await runSettings('run', source, options, deck, io.env, plan);
    if (options.flag('dryRun')) {
      const { dryRun } = await import('./dry-run.ts');
      return dryRun(settings, options, deck, io);
    }
    if (settings.offline === true) {
      const { offlineRun } = await import('./offline-run.ts');
      return offlineRun(call, deck, runs, settings, work);
    }
    refuseOfflineOnly(options);
    if (settings.output === '-') {
      const { printRun } = await import('./print-run.ts');
      return printRun(ulid(), settings, work, options, deck, io);
    }
    const { record, isNew } = chosenRun(settings, options, runs);
    return executeRun({ io, options, deck, runs, record, isNew, work });
  });
}

/** What would start another run. */
const NEW_RUN = ['new', 'dryRun'] as const;
/** What a run is known by; without a source nothing of it is looked at. */
const ROWS = ['model', 'from', 'sql', 'template', 'system', 'option', 'schema', 'samples', 'rowSettings', 'limit'] as const;
/** The outcomes of jobs can be written anywhere. */
const LINES = ['output', 'format', 'join', 'keep', 'asCompleted', 'offline'] as const;

/** @throws LmdeckError `usage` for an option that --run would pass over. */
function refuseOtherSettings(options: ParsedOptions, source: string | undefined, isOffline: boolean): void {
  const passedOver = [...NEW_RUN, ...(source === undefined ? ROWS : []), ...(source === undefined && !isOffline ? LINES : [])];
  const name = passedOver.find((each) => options.flag(each));
  if (name !== undefined)
    throw new LmdeckError('usage', `--run goes on with a run as it began: leave ${longFlag(name)} out, or leave --run out.`);
}

/** Goes on with a run that is named. One of jobs is waited for; with a source, what the jobs did not answer is asked at once. */
async function namedRun(call: Invocation, deck: Deck, runs: BatchRuns, work: BatchWork, record: BatchRecord): Promise<number> {
  const { args, options, io } = call;
  const [source] = args;
  const isOffline = record.settings.offline === true;
  refuseOtherSettings(options, source, isOffline);
  if (isOffline && (source === undefined || options.flag('offline'))) {
    const { workOnJobs } = await import('./run-work.ts');
    return workOnJobs(call, deck, record.run, waitForBatch);
  }
  if (source === undefined) return executeRun({ io, options, deck, runs, record, isNew: false, work });
  const { offline: _offline, output, ...before } = record.settings;
  const settings = await runSettings('run', source, options, deck, io.env, isOffline ? before : record.settings);
  if (!isOffline) {
    refuseOther(record, settings);
    return executeRun({ io, options, deck, runs, record, isNew: false, work });
  }
  const { state } = await batchStatus(record.run, { folder: runsFolder(deck), tape: await deck.tape() });
  if (state !== 'finished' && state !== 'cancelled')
    throw new LmdeckError(
      'usage',
      `Jobs of the run ${record.run} are open: what they answer would be paid for twice. Wait for them first: lmdeck batch wait ${record.run}`,
    );
  const written = { ...settings, output: settings.output ?? output };
  if (written.output !== output) refuseForeign(written.output, options);
  const folder = runs.folderOf(record.run);
  // The first time nothing is noted of the output, which the jobs' outcomes may stand in: it is written anew out of the tape.
  if (readCheckpoint(folder) === undefined && written.output === output && output !== undefined)
    rmSync(behindLinks(output), { force: true });
  return executeRun({ io, options, deck, runs, record: { ...record, settings: written }, isNew: false, work });
}
