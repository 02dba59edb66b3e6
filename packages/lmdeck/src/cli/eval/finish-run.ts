import { copyFileSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { resolve } from 'node:path';
import { LmdeckError } from '../../core/index.ts';
import {
  harnessFiles,
  readResults,
  resultsTable,
  runFiles,
  writeReport,
  type EvaluationGroup,
  type EvaluationResult,
  type ResultsFolder,
  type RunSettings,
} from '../../scoring/index.ts';
import type { Tape } from '../../tape/index.ts';
import { durationText } from '../io/duration-text.ts';
import type { CliIo } from '../io/cli-io.ts';
import { packageVersion } from '../io/package-version.ts';
import { counted, plural } from '../io/progress.ts';
import { EXIT } from '../io/report-error.ts';
import type { EvalSettings } from './run-record.ts';
import { generationOf } from './run-settings.ts';
import type { Session } from './session.ts';
import { standardJson } from './standard-json.ts';

/** How a run went, besides its numbers. */
interface Outcome {
  readonly failures: number;
  /** Calls of the run that were on the tape at the start. */
  readonly before: number;
  readonly bootstrapIterations: number;
}

/** Writes and tells the results of a run; returns the exit code. */
export async function finishRun(session: Session, result: EvaluationResult, files: ResultsFolder, outcome: Outcome): Promise<number> {
  const { io, options, tape, runs, record } = session;
  const { settings } = record;
  const written = files.finish(result, {
    ...runSettings(settings),
    bootstrapIterations: outcome.bootstrapIterations,
    lmdeckVersion: await packageVersion(),
  });
  const [resultsPath = ''] = written;
  const output = options.text('outputPath');
  const exported = output === undefined ? [] : exportFiles(resolve(output), result, written, options.flag('logSamples'));
  const html = options.text('html');
  if (html !== undefined) {
    await writeReport(readResults(resultsPath), resolve(html));
    exported.push(resolve(html));
  }
  runs.write({
    ...record,
    status: outcome.failures === 0 ? 'finished' : 'incomplete',
    endedAt: Date.now(),
    failed: outcome.failures,
    ...(exported.length === 0 ? {} : { files: exported }),
  });
  tellNotes(result, io);
  for (const member of session.opened.members) if ('members' in member) tellMissing(member, result, io);
  const calls = tape.count({ runId: record.run, status: 'ok' });
  const seconds = (result.endedAt - result.startedAt) / 1000;
  const kept = outcome.before === 0 ? '' : `, ${counted(outcome.before)} taken from an earlier start`;
  const cost = costOf(tape, record.run);
  io.note(
    `${settings.model}: ${plural(calls - outcome.before, 'call')}${kept}, ${durationText(seconds)}${cost}. Run ${record.run}: lmdeck eval show ${record.run}`,
  );
  for (const path of exported) io.note(`Wrote ${path}`);
  if (options.flag('json')) {
    await io.print(standardJson(readFileSync(resultsPath, 'utf8')));
  } else {
    await io.print(resultsTable(result));
  }
  if (outcome.failures === 0) return EXIT.ok;
  io.note(
    `${plural(outcome.failures, 'document')} failed and ${outcome.failures === 1 ? 'has' : 'have'} no part in the numbers. Ask again for them: lmdeck eval run --run ${record.run}`,
  );
  return EXIT.incomplete;
}

function runSettings(settings: EvalSettings): RunSettings {
  return {
    modelArgs: settings.baseUrl === undefined ? undefined : `base_url=${settings.baseUrl}`,
    limit: settings.limit,
    generation: settings.generation === undefined ? undefined : generationOf(settings.generation),
    seed: settings.seed,
    fewshotSeed: settings.fewshotSeed,
    systemInstruction: settings.systemInstruction,
    fewshotAsTurns: settings.chat === true ? (settings.fewshotAsTurns ?? true) : settings.fewshotAsTurns,
    maxLength: settings.maxLength,
    chatLabels: settings.chatLabels,
  };
}

/** Copies under the harness' names; a file has its name when it is complete. */
function exportFiles(output: string, result: EvaluationResult, written: readonly string[], withSamples: boolean): string[] {
  const names = harnessFiles(output, result.model, result.endedAt);
  const own = runFiles(resolve(written[0] ?? '', '..'));
  const pairs: [string, string][] = [[own.results, names.results]];
  if (withSamples) for (const { task } of result.tasks) pairs.push([own.samples(task.name), names.samples(task.name)]);
  try {
    mkdirSync(names.folder, { recursive: true });
    for (const [from, to] of pairs) {
      copyFileSync(from, `${to}.part`);
      renameSync(`${to}.part`, to);
    }
  } catch (error) {
    throw new LmdeckError('config', `Cannot write the results to ${names.folder}: ${LmdeckError.from(error).message}`, { cause: error });
  }
  return pairs.map(([, to]) => to);
}

function tellNotes({ tasks }: EvaluationResult, io: CliIo): void {
  for (const { task, notes, warnings, truncatedTokens } of tasks) {
    for (const [note, count] of [...notes, ...warnings]) io.note(`${task.name}: ${note} (${counted(count)}×)`);
    if (truncatedTokens > 0) io.note(`${task.name}: ${plural(truncatedTokens, 'token')} of prompts did not fit and were cut off.`);
  }
}

/** A group's metric that no task of it has: its name or its filter is not that of the tasks. */
function tellMissing(group: EvaluationGroup, result: EvaluationResult, io: CliIo): void {
  const found = result.groups.find(({ name }) => name === group.name)?.metrics ?? [];
  for (const { metric, filters = [undefined] } of group.metrics)
    for (const filter of filters)
      if (!found.some((each) => each.metric === metric && (filter === undefined || each.filter === filter)))
        io.note(
          `group ${group.name}: no task of it has the metric ${metric}${filter === undefined ? '' : ` after the filter ${filter}`} (aggregate_metric_list${filter === undefined ? '' : ', filter_list'}).`,
        );
  for (const member of group.members) if ('members' in member) tellMissing(member, result, io);
}

/** What the calls of the run cost, where prices are known; `at least` when they are known of some calls only. */
function costOf(tape: Tape, runId: string): string {
  const { costMicros, priced, unpriced } = tape.cost({ runId });
  return priced === 0 ? '' : `, ${unpriced === 0 ? '' : 'at least '}$${(costMicros / 1e6).toFixed(4)}`;
}
