import { resolve } from 'node:path';
import { LmdeckError } from '../../core/index.ts';
import { pythonJson, pythonStr, storedTable, verdictOf, writeReport, type PythonValue, type StoredSample } from '../../scoring/index.ts';
import type { Command, Invocation } from '../args/command.ts';
import { durationText } from '../io/duration-text.ts';
import type { CliIo } from '../io/cli-io.ts';
import { counted } from '../io/progress.ts';
import { clip } from '../logs/log-short.ts';
import { localTime } from '../logs/local-time.ts';
import { printMarkdown } from '../markdown/print-markdown.ts';
import { withDeck } from '../with-deck.ts';
import { printable } from '../io/printable.ts';
import { printReport } from './print-report.ts';
import { sampleMarkdown } from './sample-markdown.ts';
import { standardJson } from './standard-json.ts';
import { chosenTasks, storedRun, type StoredRun } from './stored-run.ts';

export const showCommand: Command = {
  name: 'show',
  summary: 'Show a run: its numbers, its documents, the calls behind them',
  description:
    'Shows the numbers of a run; with --doc one document with prompts, answers, metrics and the ids of its calls (lmdeck logs show ID shows them);\n' +
    'with --wrong or --failed the documents that were answered wrongly or not at all. RUN is an id, its beginning, "latest", or the path of results\n' +
    '(those of lm-evaluation-harness too).',
  arguments: ['[run]'],
  options: [
    { flags: '--task <name>', description: 'Only this task' },
    { flags: '--doc <n>', description: 'The document of this number' },
    { flags: '--wrong', description: 'Documents that were answered wrongly' },
    { flags: '--failed', description: 'Documents that could not be answered' },
    { flags: '-n, --count <number>', description: 'How many documents of a task; 0 for all', default: '20' },
    { flags: '--html <file>', description: 'Write a report with charts; - for stdout', completes: 'file' },
    { flags: '--json', description: 'Print JSON' },
  ],
  examples: [
    { command: 'lmdeck eval show latest' },
    { command: 'lmdeck eval show 01kab --task tiny_completions --doc 17', does: 'Where a number comes from' },
    { command: 'lmdeck eval show latest --wrong --json' },
    { command: 'lmdeck eval show results/tiny --html report.html' },
  ],
  run: show,
};

async function show({ args, options, io }: Invocation): Promise<void> {
  return withDeck(io, { tape: false }, async ({ paths }) => {
    const run = storedRun(args[0] ?? 'latest', paths.home);
    const tasks = chosenTasks(run, options.text('task'));
    const html = options.text('html');
    if (html !== undefined) {
      if (run.results === undefined) throw new LmdeckError('usage', `The run ${run.label} has no results yet: it did not come to its end.`);
      if (html === '-') return printReport(run.results, io);
      await writeReport(run.results, resolve(html));
      return io.note(`Wrote ${resolve(html)}`);
    }
    const doc = options.integer('doc');
    const [wrong, failed] = [options.flag('wrong'), options.flag('failed')];
    if (doc === undefined && !wrong && !failed) return options.flag('json') ? printJson(run, io) : printRun(run, io);
    const wanted = (sample: StoredSample): boolean => {
      if (doc !== undefined && sample.docId !== doc) return false;
      const verdict = verdictOf(sample);
      return (!wrong && !failed) || (wrong && verdict === 'wrong') || (failed && verdict === 'failed');
    };
    const found = await select(run, tasks, wanted, options.integer('count') ?? 20);
    if (options.flag('json')) return io.print(`${standardJson(pythonJson(found.map(jsonOf), { indent: 2, ensureAscii: false }))}\n`);
    if (found.length === 0) {
      if (doc !== undefined)
        throw new LmdeckError(
          'usage',
          `The run ${run.label} has no document ${doc}${wrong || failed ? ' like that' : ''} in ${tasks.join(', ')}.`,
        );
      return io.note(`No document ${wrong ? 'was answered wrongly' : 'failed'}.`);
    }
    if (doc !== undefined)
      return printMarkdown(io, printable(found.map(({ task, sample }) => sampleMarkdown(task, sample)).join('\n'), io));
    for (const each of found) await io.print(`${printable(line(each), io)}\n`);
    return undefined;
  });
}

interface Found {
  readonly task: string;
  readonly sample: StoredSample;
}

/** At most `count` documents of each task; 0 for all. */
async function select(
  run: StoredRun,
  tasks: readonly string[],
  wanted: (sample: StoredSample) => boolean,
  count: number,
): Promise<readonly Found[]> {
  const found: Found[] = [];
  let files = 0;
  for (const task of tasks) {
    const samples = run.samples(task);
    if (samples === undefined) continue;
    files++;
    let ofTask = 0;
    for await (const sample of samples) {
      if (!wanted(sample)) continue;
      found.push({ task, sample });
      if (++ofTask === count) break;
    }
  }
  if (files === 0)
    throw new LmdeckError(
      'usage',
      `The documents of ${run.label} were not kept: there is no samples_….jsonl beside the results (--log_samples).`,
    );
  return found;
}

async function printRun(run: StoredRun, io: CliIo): Promise<void> {
  const { record, results } = run;
  const facts = [
    `Run ${run.label}`,
    `Model ${results?.model ?? record?.settings.model ?? '?'}`,
    ...(record === undefined ? [] : [`Status ${record.status}${record.error === undefined ? '' : `: ${record.error}`}`]),
    ...startText(record?.startedAt ?? results?.startedAt, results?.seconds),
    ...(record === undefined ? [] : [`Settings ${JSON.stringify({ ...record.settings, model: undefined })}`]),
    ...(record?.files ?? []).map((path) => `File ${path}`),
  ];
  await io.print(`${printable(facts.join('\n'), io)}\n\n`);
  if (results === undefined) {
    io.note(`There are no numbers: the run did not come to its end. Go on with: lmdeck eval run --run ${run.label}`);
    return;
  }
  await printMarkdown(io, storedTable(results));
  for (const { name, failed, notes } of results.tasks) {
    if (failed > 0) io.note(`${name}: ${counted(failed)} documents failed. See them: lmdeck eval show ${run.label} --failed`);
    for (const [note, count] of Object.entries(notes)) io.note(`${name}: ${note} (${counted(count)}×)`);
  }
}

function startText(startedAt: number | undefined, seconds: number | undefined): readonly string[] {
  if (startedAt === undefined) return [];
  return [`Started ${localTime(startedAt)}${seconds === undefined ? '' : `, took ${durationText(seconds)}`}`];
}

async function printJson({ record, results }: StoredRun, io: CliIo): Promise<void> {
  const { readFileSync } = await import('node:fs');
  const text = results === undefined ? 'null' : standardJson(readFileSync(results.path, 'utf8').trimEnd());
  await io.print(`{"run": ${JSON.stringify(record ?? null)},\n"results": ${text}}\n`);
}

function line({ task, sample: each }: Found): string {
  const { docId, filter, target, metrics, calls, error } = each;
  const [call] = calls.flat();
  const scores = Object.entries(metrics).map(([name, value]) => `${name}=${clip(pythonStr(value), 40)}`);
  const said = error === undefined ? `answer ${clip(saidOf(each), 80)}` : `${error.code}: ${clip(error.message)}`;
  return [
    `${task} ${docId}`,
    ...(filter === undefined || filter === 'none' ? [] : [filter]),
    ...scores,
    `target ${clip(target, 60)}`,
    said,
    ...(call === undefined ? [] : [`call ${call}`]),
  ].join('  ');
}

/** The answer; of several continuations the likeliest one. */
function saidOf({ requests, filtered }: StoredSample): string {
  const logprobs = filtered.map((value) => (Array.isArray(value) ? Number(value[0]) : Number.NaN));
  if (logprobs.length > 1 && !logprobs.some((logprob) => Number.isNaN(logprob))) {
    const [context, continuation] = requests[logprobs.indexOf(Math.max(...logprobs))] ?? [];
    // Where the contexts differ, the choice is the context.
    const differ = new Set(requests.map(([first]) => pythonStr(first))).size > 1;
    return pythonStr(differ ? context : continuation).trim();
  }
  return filtered.map((value) => (typeof value === 'string' ? value : pythonJson(value, { ensureAscii: false }))).join(' | ');
}

function jsonOf({ task, sample }: Found): PythonValue {
  const { docId, doc, target, filter, requests, answers, filtered, metrics, calls, error } = sample;
  return {
    task,
    doc_id: docId,
    doc,
    target,
    filter: filter ?? null,
    verdict: verdictOf(sample),
    requests,
    answers,
    filtered,
    metrics,
    calls,
    ...(error === undefined ? {} : { error: { ...error } }),
  };
}
