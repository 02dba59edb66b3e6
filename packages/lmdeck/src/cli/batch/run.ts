import { existsSync } from 'node:fs';
import { LmdeckError, ulid } from '../../core/index.ts';
import type { Command, Invocation } from '../args/command.ts';
import type { ParsedOptions } from '../args/parsed-options.ts';
import { withDeck } from '../with-deck.ts';
import { differences, type BatchRecord, type BatchSettings } from './batch-record.ts';
import { BatchRuns } from './batch-runs.ts';
import { batchDeck, executeRun } from './execute-run.ts';
import { runOptions } from './run-options.ts';
import { runSettings } from './run-settings.ts';

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
    { command: 'lmdeck batch run requests.jsonl --dry-run', does: 'How many rows and tokens, and what they cost' },
  ],
  run,
};

async function run({ args, options, io }: Invocation): Promise<number> {
  const [source] = args;
  return withDeck(io, batchDeck(options), async (deck) => {
    const runs = new BatchRuns(deck.paths.home);
    const named = options.text('run');
    if (named !== undefined) {
      const record = runs.get(named);
      if (source !== undefined) refuseOther(record, { ...record.settings, ...(await runSettings(source, options, deck, io.env)) });
      return executeRun({ io, options, deck, runs, record, isNew: false });
    }
    if (source === undefined)
      throw new LmdeckError('usage', 'lmdeck batch run: name the file with the rows, or - for stdin. See lmdeck batch run --help.');
    const settings = await runSettings(source, options, deck, io.env);
    if (options.flag('dryRun')) {
      const { dryRun } = await import('./dry-run.ts');
      return dryRun(settings, options, deck, io);
    }
    if (settings.output === '-') {
      const { printRun } = await import('./print-run.ts');
      return printRun(ulid(), settings, options, deck, io);
    }
    const { record, isNew } = chosenRun(settings, options, runs);
    return executeRun({ io, options, deck, runs, record, isNew });
  });
}

/** The run that this command began before, or a new one. @throws LmdeckError `usage` */
function chosenRun(
  settings: BatchSettings,
  options: ParsedOptions,
  runs: BatchRuns,
): { readonly record: BatchRecord; readonly isNew: boolean } {
  const before = runs.before(settings);
  const { output } = settings;
  // An output that is gone was meant to be.
  if (before !== undefined && !options.flag('new') && !(options.flag('overwrite') && differences(before.settings, settings).length > 0)) {
    refuseOther(before, settings);
    return { record: before, isNew: false };
  }
  if (options.flag('new') && output !== undefined && existsSync(output) && !options.flag('overwrite'))
    throw new LmdeckError('usage', `${output} exists. A new run needs another output, or --overwrite.`);
  const startedAt = Date.now();
  return { record: { run: ulid(startedAt), settings, startedAt, status: 'running' }, isNew: true };
}

function refuseOther({ run, settings: before }: BatchRecord, settings: BatchSettings): void {
  const different = differences(before, settings);
  if (different.length === 0) return;
  throw new LmdeckError(
    'usage',
    `The run ${run} has written ${before.output ?? 'this'} with another setting of ${different.join(', ')}. Name another output, or start anew with --new --overwrite (what was answered stays on the tape).`,
  );
}
