import { didYouMean, LmdeckError, ulid, type Tokenizer } from '../../core/index.ts';
import type { Deck } from '../../deck/index.ts';
import { evaluate, ResultsFolder, runFiles, type EvaluationTask } from '../../scoring/index.ts';
import type { Command, Invocation } from '../args/command.ts';
import type { ParsedOptions } from '../args/parsed-options.ts';
import type { CliIo } from '../io/cli-io.ts';
import { interruptible } from '../io/interruptible.ts';
import { namedFile } from '../io/named-file.ts';
import { EVALUATION_ROOM, keepHeapSmall } from '../io/small-heap.ts';
import { withDeck } from '../with-deck.ts';
import { checkChatType, chosenModel, openModel } from './eval-model.ts';
import { EvalProgress, wantedDocuments, type PlannedTask } from './eval-progress.ts';
import { EvalRuns } from './eval-runs.ts';
import { findTasks } from './find-tasks.ts';
import { finishRun } from './finish-run.ts';
import { modelArgs, type ModelArgs } from './model-args.ts';
import { openTasks } from './open-tasks.ts';
import { requestText } from './request-text.ts';
import { passedOver, refused, runOptions } from './run-options.ts';
import { differences, type EvalRecord, type EvalSettings } from './run-record.ts';
import { generationOf, givenSettings, type GivenSettings } from './run-settings.ts';
import type { Session } from './session.ts';
import { checkTask } from './validate-task.ts';

/** Failures that are told one by one. */
const SHOWN_FAILURES = 10;

export const runCommand: Command = {
  name: 'run',
  summary: 'Evaluate a model on tasks',
  description:
    'Asks a model what tasks want to know and prints what its answers are worth, as a Markdown table. Tasks are YAML files of lm-evaluation-harness.\n' +
    'Every call goes onto the tape: the same command, or --run ID, goes on with a run that was stopped and asks nothing twice. Documents that\n' +
    'fail are named and have no part in the numbers: then the exit code is 3. Options of lm-evaluation-harness work under its names (--num_fewshot).',
  arguments: ['[tasks...]'],
  completes: 'file',
  options: runOptions,
  examples: [
    { command: 'lmdeck eval run --tasks examples/tasks -m tiny' },
    { command: 'lmdeck eval run --tasks arc_easy,gsm8k --include_path tasks -m openai/gpt-5.6-luna --apply_chat_template --limit 100' },
    { command: 'lmdeck eval run --run 01kab', does: 'Go on with a run that was stopped; the same command as before does so too' },
    {
      command:
        'lmdeck eval run --model local-completions --model_args model=qwen3-8b,base_url=http://127.0.0.1:8000/v1/completions --tasks tasks',
      does: 'As lm-evaluation-harness is called',
    },
    { command: 'lmdeck eval run --tasks tasks -m tiny -o results --log_samples --html report.html' },
  ],
  run: runEvaluation,
};

async function runEvaluation({ args: words, options, io }: Invocation): Promise<number> {
  for (const [name, why] of Object.entries(refused)) if (options.flag(name)) throw new LmdeckError('usage', why);
  const [output, html] = [options.text('outputPath'), options.text('html')];
  if (output !== undefined) namedFile(output, '--output-path takes a folder or the name of a file. For the results on stdout: --json');
  if (html !== undefined) namedFile(html, 'the table goes to stdout. Write a file, or afterwards: lmdeck eval show latest --html -');
  const args = modelArgs(options.texts('modelArgs'));
  const given = givenSettings(words, options, io, args);
  // Read before a run is begun: a wrong one must leave none behind.
  const limits = {
    concurrency: options.flag('concurrency') ? options.integer('concurrency', 1) : args.concurrency,
    maxFailures: options.integer('maxFailures'),
    bootstrapIterations: options.integer('bootstrapIters') ?? 100_000,
  };
  if (options.flag('logSamples') && output === undefined)
    io.note('--log_samples: without --output_path the documents are where every run has them, see lmdeck eval show.');
  for (const note of [...args.notes, ...Object.entries(passedOver).flatMap(([name, why]) => (options.flag(name) ? [why] : []))])
    io.note(note);
  const tapePath = options.text('database');
  const retry = args.retries === undefined ? {} : { retry: { retries: args.retries } };
  const timeouts = args.timeoutSeconds === undefined ? {} : { timeouts: { totalMs: args.timeoutSeconds * 1000 } };
  // Without the record there would be nothing to take up again, and nothing to trace a number to.
  const deckOptions = { log: true, mappedTape: false, ...(tapePath === undefined ? {} : { tape: tapePath }), ...retry, ...timeouts };
  return withDeck(io, deckOptions, async (deck) => {
    const runs = new EvalRuns(deck.paths.home);
    const { record, isNew } = await chosenRun(given, options, args, deck, runs);
    const { settings } = record;
    const { members } = await findTasks(settings.tasks, settings.include ?? []);
    const opened = await openTasks(members, {
      folders: settings.data ?? {},
      numFewshot: settings.numFewshot,
      predictOnly: settings.predictOnly,
    });
    checkSampleNames(settings, opened.tasks);
    const planned = await plan(opened.tasks, settings, options, io);
    const release = runs.claim(record.run);
    try {
      const tape = await deck.tape();
      const started: EvalRecord = { ...record, status: 'running', tasks: opened.tasks.map((task) => task.name) };
      runs.write(started);
      if (!isNew)
        io.note(
          `Going on with run ${record.run}${options.text('run') === undefined ? ', which was not finished (--new starts another)' : ''}.`,
        );
      const session: Session = { io, options, args, limits, deck, tape, runs, record: started, opened, planned };
      return await interruptible(io, (signal) => evaluated(session, signal));
    } finally {
      release();
    }
  });
}

/** The run that is to go on: the named one, or the newest unfinished one with these settings; else a new one. @throws LmdeckError `usage` */
async function chosenRun(
  given: GivenSettings,
  options: ParsedOptions,
  args: ModelArgs,
  deck: Deck,
  runs: EvalRuns,
): Promise<{ readonly record: EvalRecord; readonly isNew: boolean }> {
  const named = options.text('run');
  if (named !== undefined) {
    const before = runs.get(named);
    const model = options.flag('model') || args.model !== undefined ? await chosenModel(options.text('model'), args, deck) : {};
    const different = differences(before.settings, { ...before.settings, ...given, ...model });
    if (different.length > 0)
      throw new LmdeckError(
        'usage',
        `The run ${before.run} was made with another setting of ${different.join(', ')}. Leave it out, or start a new run.`,
      );
    return { record: before, isNew: false };
  }
  const { tasks, ...rest } = given;
  if (tasks === undefined)
    throw new LmdeckError('usage', 'lmdeck eval run: name the tasks: --tasks FILE, FOLDER or NAMES. See lmdeck eval run --help.');
  const settings: EvalSettings = { ...(await chosenModel(options.text('model'), args, deck)), tasks, ...rest };
  checkChatType(options.text('model'), settings);
  const before = options.flag('new') ? undefined : runs.unfinished(settings);
  if (before !== undefined) return { record: before, isNew: false };
  const startedAt = Date.now();
  return { record: { run: ulid(startedAt), settings, startedAt, status: 'running', tasks: [] }, isNew: true };
}

function checkSampleNames({ samples = {} }: EvalSettings, tasks: readonly EvaluationTask[]): void {
  const names = tasks.map((task) => task.name);
  const unknown = Object.keys(samples).find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new LmdeckError(
      'usage',
      `--samples: there is no task "${unknown}" in this run.${didYouMean(unknown, names)} Tasks: ${names.join(', ')}.`,
    );
}

/** Opens the data of all tasks before the first call: what is wrong there costs nothing then. */
async function plan(
  tasks: readonly EvaluationTask[],
  settings: EvalSettings,
  options: ParsedOptions,
  io: CliIo,
): Promise<readonly PlannedTask[]> {
  const planned: PlannedTask[] = [];
  for (const task of tasks) {
    if (options.flag('checkIntegrity')) await checkTask(task);
    const all = await task.size();
    const missing = settings.samples?.[task.name]?.find((docId) => docId >= all);
    if (missing !== undefined)
      throw new LmdeckError('usage', `--samples: task ${task.name} has no document ${missing}: it has ${all}, from 0.`);
    planned.push({ task, documents: wantedDocuments(task.name, all, settings) });
    if (options.flag('writeOut')) await writeOut(task, settings, io);
  }
  return planned;
}

async function writeOut(task: EvaluationTask, settings: EvalSettings, io: CliIo): Promise<void> {
  for await (const item of task.items(promptSettings(settings))) {
    for (const request of item.requests) io.note(`--- ${task.name}, document ${item.docId}\n${requestText(request)}`);
    return;
  }
}

function promptSettings({ systemInstruction, chat, fewshotAsTurns, generation, fewshotSeed }: EvalSettings) {
  return {
    systemInstruction,
    asChat: chat,
    fewshotAsTurns,
    generation: generation === undefined ? undefined : generationOf(generation),
    fewshotSeed,
  };
}

async function evaluated(session: Session, signal: AbortSignal): Promise<number> {
  const { io, args, limits, deck, tape, runs, record, opened, planned } = session;
  const { settings } = record;
  keepHeapSmall(EVALUATION_ROOM);
  const model = await openModel(settings, args, deck);
  const files = new ResultsFolder(runFiles(runs.folderOf(record.run)), { samples: true });
  const progress = new EvalProgress(io, planned);
  const before = tape.count({ runId: record.run, status: 'ok' });
  let failures = 0;
  try {
    const result = await evaluate(model, opened.members, {
      runId: record.run,
      tape,
      signal,
      prompt: promptSettings(settings),
      limit: settings.limit,
      samples: settings.samples,
      ...limits,
      maxLength: settings.maxLength,
      prefixToken: settings.prefixToken,
      addBos: settings.addBos,
      maxGenerationTokens: settings.maxGenerationTokens,
      seed: settings.seed,
      thinkEnd: settings.thinkEnd,
      truncate: settings.truncate,
      chatLabels: settings.chatLabels,
      tokenizer: await namedTokenizer(settings, deck),
      onSample: (sample) => {
        files.add(sample);
        if (sample.error === undefined) return;
        failures++;
        if (failures <= SHOWN_FAILURES) progress.line.note(`${sample.task.name}, document ${sample.docId}: ${sample.error.message}`);
        else if (failures === SHOWN_FAILURES + 1) progress.line.note('… further documents that fail are only counted.');
      },
      onProgress: (state) => progress.update(state),
    });
    progress.line.end();
    await tape.flush();
    return await finishRun(session, result, files, { failures, before, bootstrapIterations: limits.bootstrapIterations });
  } catch (error) {
    progress.line.end();
    files.close();
    const stopped = LmdeckError.from(error);
    const isStopped = stopped.code === 'aborted';
    runs.write({
      ...record,
      status: isStopped ? 'stopped' : 'failed',
      endedAt: Date.now(),
      ...(isStopped ? {} : { error: stopped.message }),
    });
    io.note(`${isStopped ? 'Stopped' : 'The run stopped'}. What was answered is kept. Go on with: lmdeck eval run --run ${record.run}`);
    throw error;
  }
}

async function namedTokenizer({ tokenizer }: EvalSettings, deck: Deck): Promise<Tokenizer | undefined> {
  if (tokenizer === undefined) return undefined;
  const { tokenizerOf } = await import('../tape/tokenizer-of.ts');
  return tokenizerOf(tokenizer, deck);
}
