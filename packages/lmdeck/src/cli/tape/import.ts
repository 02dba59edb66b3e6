import { existsSync } from 'node:fs';
import { LmdeckError } from '../../core/index.ts';
import type { ImportFailure, ImportReport } from '../../interop/index.ts';
import { openTape, type Tape } from '../../tape/index.ts';
import type { Command, Invocation } from '../args/command.ts';
import { interruptible } from '../io/interruptible.ts';
import { EXIT } from '../io/report-error.ts';
import { databaseOption } from '../logs/with-tape.ts';
import { withDeck } from '../with-deck.ts';
import { plural, progressLine, type Progress } from '../io/progress.ts';
import { spooled } from './spooled.ts';
import { writableTape } from './writable-tape.ts';

/** Rows that are told one by one before they are only counted. */
const SHOWN_FAILURES = 20;

export const importCommand: Command = {
  name: 'import',
  summary: 'Take over recorded calls: of TapeAgents, of another tape, of an export',
  description:
    'Puts the calls of files onto the tape, with their own times, models, tokens and costs. The format is told from the content;\n' +
    'gzipped files are unpacked. Importing a file again adds only what is new in it. Rows that are no calls are named and left out:\n' +
    'then the exit code is 3.',
  arguments: ['<files...>'],
  completes: 'file',
  options: [
    { flags: '--format <format>', description: 'Instead of telling it from the content; see lmdeck tape formats' },
    { flags: '--dry-run', description: 'Read and count, but write nothing' },
    { flags: '--time-zone <zone>', description: 'Zone of times that name none (Europe/Berlin, +02:00)', default: 'UTC' },
    { flags: '-m, --model <id>', description: 'Model of calls that do not say which one answered', default: 'unknown' },
    { flags: '--run <name>', description: 'Put the calls into one run' },
    { flags: '--json', description: 'Print what was done as JSON' },
    databaseOption,
  ],
  examples: [
    { command: 'lmdeck tape import tapedata.sqlite' },
    { command: 'lmdeck tape import runs/*/tapedata.sqlite.gz --time-zone America/Toronto --dry-run' },
    { command: 'ssh other lmdeck tape export | lmdeck tape import -', does: 'The calls of another machine' },
  ],
  run: (call) => {
    const { options, io } = call;
    const work = (tape: Tape): Promise<number> => interruptible(io, (signal) => importAll(call, tape, signal));
    if (!options.flag('dryRun')) return writableTape(call, work);
    const named = options.text('database');
    return withDeck(io, { readOnlyTape: true, ...(named === undefined ? {} : { tape: named }) }, async (deck) => {
      if (deck.paths.tape !== undefined && existsSync(deck.paths.tape)) return work(await deck.tape());
      await using none = openTape(':memory:');
      return await work(none);
    });
  },
};

async function importAll({ args, options, io }: Invocation, tape: Tape, signal: AbortSignal): Promise<number> {
  const { importCalls } = await import('../../interop/index.ts');
  const progress = progressLine(io);
  const reports: (ImportReport & { readonly file: string })[] = [];
  let failed = 0;
  try {
    for (const name of args) {
      await using file = await spooled(name, io, signal);
      const onFailure = (failure: ImportFailure): void => tellFailure(failure, name, ++failed, progress);
      const report = await importCalls(tape, file.path, {
        format: options.text('format'),
        dryRun: options.flag('dryRun'),
        timeZone: options.text('timeZone'),
        model: options.text('model'),
        runId: options.text('run'),
        signal,
        onFailure,
        onProgress: ({ rows, fraction }) =>
          progress.show(`${name}: ${plural(rows, 'row')}${fraction === undefined ? '' : ` (${Math.floor(fraction * 100)} %)`}`),
      });
      reports.push({ file: name, ...report });
      if (!options.flag('json')) tellReport(name, report, options.flag('dryRun'), progress);
    }
  } catch (error) {
    // What is on the tape already must be told also when the work was interrupted.
    if (LmdeckError.isInstance(error) && error.code === 'aborted') progress.note(error.message);
    throw error;
  } finally {
    progress.end();
  }
  if (options.flag('json')) await io.print(`${JSON.stringify(reports, undefined, 2)}\n`);
  return failed === 0 ? EXIT.ok : EXIT.incomplete;
}

function tellFailure({ where, reason }: ImportFailure, file: string, count: number, progress: Progress): void {
  if (count <= SHOWN_FAILURES) progress.note(`${file}, ${where}: ${reason}`);
  else if (count === SHOWN_FAILURES + 1) progress.note('… further rows that cannot be read are only counted.');
}

function tellReport(file: string, report: ImportReport, dryRun: boolean, progress: Progress): void {
  const { calls, skipped, failedCount, inputTokens, outputTokens, costUsd } = report;
  const tokens = inputTokens + outputTokens === 0 ? '' : `: ${plural(inputTokens, 'token')} in, ${plural(outputTokens, 'token')} out`;
  const cost = costUsd === undefined || costUsd === 0 ? '' : `, $${costUsd.toFixed(6).replace(/0{1,4}$/, '')}`;
  const rest = [
    ...(skipped === 0 ? [] : [`${plural(skipped, 'call')} ${skipped === 1 ? 'was' : 'were'} there already`]),
    ...(failedCount === 0 ? [] : [`${plural(failedCount, 'row')} left out`]),
  ];
  progress.note(
    `${file} (${report.format}): ${dryRun ? 'would import' : 'imported'} ${plural(calls, 'call')}${tokens}${cost}${rest.map((each) => `; ${each}`).join('')}.`,
  );
  for (const { what, count } of report.ignored) progress.note(`${file}: not taken over: ${what} (${count}).`);
}
