import { resolve } from 'node:path';
import { didYouMean, LmdeckError } from '../../core/index.ts';
import type { CallFormat, ExportReport, ImportFailure } from '../../interop/index.ts';
import type { Deck } from '../../deck/index.ts';
import type { Tape } from '../../tape/index.ts';
import type { Command, Invocation } from '../args/command.ts';
import { interruptible } from '../io/interruptible.ts';
import { EXIT } from '../io/report-error.ts';
import { databaseOption, withTape } from '../logs/with-tape.ts';
import { exportFilter, filterOptions } from './export-options.ts';
import { plural, progressLine, type Progress } from '../io/progress.ts';
import { trainingFormat, trainingFormatNames, trainingOptions } from './training-format.ts';

const SHOWN_FAILURES = 20;

export const exportCommand: Command = {
  name: 'export',
  summary: 'Write recorded calls: to keep, for other programs, or to train on',
  description:
    'Writes calls, oldest first, to stdout (also -o -) or into a file (-o), which appears when it is complete. Calls that a format cannot hold are named and\n' +
    'left out: then the exit code is 3. See lmdeck tape formats.',
  options: [
    {
      flags: '-f, --format <format>',
      description: 'lmdeck, tapeagents, sft, prompt-completion, dpo, openai-ft, training',
      default: 'lmdeck',
    },
    { flags: '-o, --output <file>', description: 'File to write; compressed when its name ends in .gz', completes: 'file' },
    { flags: '--overwrite', description: 'Replace the file when it is there' },
    ...filterOptions,
    ...trainingOptions,
    { flags: '--json', description: 'Print what was done as JSON (with -o)' },
    databaseOption,
  ],
  examples: [
    { command: 'lmdeck tape export -o calls.jsonl.gz', does: 'Everything, as it is' },
    { command: 'lmdeck tape export --format tapeagents -o tapedata.sqlite --run nightly' },
    { command: 'lmdeck tape export --format sft --per conversation --tag split=train -o train.jsonl' },
    { command: 'lmdeck tape export --format dpo --score-key rating -o pairs.jsonl' },
    { command: 'lmdeck tape export --format training --tokenizer llama-3/tokenizer.json --tokens > samples.jsonl' },
  ],
  run: (call) => withTape(call, (tape, deck) => interruptible(call.io, (signal) => exportAll(call, tape, deck, signal))),
};

async function exportAll({ options, io }: Invocation, tape: Tape, deck: Deck, signal: AbortSignal): Promise<number> {
  const { callFormats, exportCalls } = await import('../../interop/index.ts');
  const name = options.text('format') ?? 'lmdeck';
  const named = options.text('output');
  const output = named === '-' ? undefined : named;
  const progress = progressLine(io);
  let failed = 0;
  const format = (await trainingFormat(name, options, tape, deck)) ?? callFormat(name, callFormats);
  try {
    const report = await exportCalls(tape, output === undefined ? (text) => io.print(text) : resolve(output), {
      format,
      filter: await exportFilter(options, tape, deck),
      overwrite: options.flag('overwrite'),
      signal,
      onFailure: (failure) => tellFailure(failure, ++failed, progress),
      ...(output === undefined ? {} : { onProgress: (calls) => progress.show(`${output}: ${plural(calls, 'call')}`) }),
    });
    if (options.flag('json') && output !== undefined) await io.print(`${JSON.stringify(report, undefined, 2)}\n`);
    else tellReport(report, output, progress);
  } finally {
    progress.end();
  }
  return failed === 0 ? EXIT.ok : EXIT.incomplete;
}

/** @throws LmdeckError `usage` when there is no such format to write. */
function callFormat(name: string, formats: readonly CallFormat[]): CallFormat {
  const able = formats.filter((each) => each.writeText !== undefined || each.writeFile !== undefined);
  const found = able.find((each) => each.name === name);
  if (found !== undefined) return found;
  const names = [...able, ...trainingFormatNames].map((each) => each.name);
  throw new LmdeckError('usage', `There is no format "${name}" to export.${didYouMean(name, names)} Formats: ${names.join(', ')}.`);
}

function tellFailure({ where, reason }: ImportFailure, count: number, progress: Progress): void {
  if (count <= SHOWN_FAILURES) progress.note(`${where}: ${reason}`);
  else if (count === SHOWN_FAILURES + 1) progress.note('… further calls that cannot be written are only counted.');
}

function tellReport(report: ExportReport, output: string | undefined, progress: Progress): void {
  const { calls, lines, failedCount, passedOver } = report;
  for (const { what, count } of passedOver) progress.note(`Left aside: ${what} (${count}).`);
  const left = failedCount === 0 ? '' : `; ${plural(failedCount, 'call')} left out`;
  // On stdout are the lines themselves: more is said only when there is something to say.
  if (output === undefined && failedCount === 0 && (lines ?? 0) > 0) return;
  const made = lines === undefined || lines === calls ? '' : ` as ${plural(lines, 'line')}`;
  progress.note(
    calls === 0 ? 'No calls match.' : `Exported ${plural(calls, 'call')}${made}${output === undefined ? '' : ` to ${output}`}${left}.`,
  );
}
