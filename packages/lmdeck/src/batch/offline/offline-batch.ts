import { LmdeckError, ulid } from '../../core/index.ts';
import type { BatchRow, MalformedRow } from '../batch-row.ts';
import type { RowOutcome } from '../row-outcome.ts';
import { fetchPart } from './fetch-part.ts';
import type { OfflineModel, OfflineOptions, OfflineStatus, SubmitOptions } from './offline-options.ts';
import { prepareRun, type Prepared } from './prepare-run.ts';
import { rowOutcomes } from './row-outcomes.ts';
import { claimed, worked } from './claimed-run.ts';
import { batchesOf, type RunContext } from './run-context.ts';
import { noteGone } from './gone-job.ts';
import { lookAtJobs, lookForGoneJobs, noteState, statusOfJob, type EndedJob } from './look-at-jobs.ts';
import { findRun, removeAbandoned, RunFolder, runIds } from './run-folder.ts';
import { isFinal, isFinished, type PartState, type RunState } from './run-state.ts';
import { statusOf } from './run-status.ts';
import { settled } from './submit-part.ts';
import { submitPlanned, submitWhatIsKnown } from './submit-planned.ts';

const POLL_MS = [5_000, 60_000] as const;
/** How many looks one after the other may fail: with the tries that each takes, most of an hour. */
const MOST_FAILURES = 30;

/**
 * Hands rows in as jobs of a provider: they are worked off within a day, mostly at half the price. The rows are split into as many jobs as the
 * provider's limits demand; those that do not fit into its queue yet are handed in by {@link waitForBatch}. A row that no job can ask is an
 * outcome, never the end of the run.
 *
 * A run of the same rows goes on instead of being paid for again (`again: true` starts another one), also when it has finished. What was handed in is in a
 * journal before it is: after a crash the job is found again by the label that it carries.
 *
 * @throws LmdeckError `capability` for a model without jobs, `usage` when another process works on the run, when nobody can tell whether a
 * job was taken, or when the run that these rows are a later version of (`previous`) is still open; what the provider throws.
 *
 * @example
 * ```ts no-run
 * import { openai, openTape, createRequest, user } from 'lmdeck';
 * import { submitBatch, waitForBatch, batchOutcomes } from 'lmdeck/batch';
 *
 * async function* rows() {
 *   for (const [index, text] of ['Spaghetti', 'Sushi'].entries())
 *     yield { index, id: String(index), place: `row ${index}`, input: { text }, request: createRequest({ messages: [user(text)] }) };
 * }
 * await using tape = openTape('batch.db');
 * const model = openai({ model: 'gpt-5.6-luna' });
 * const { run } = await submitBatch(rows(), model, { tape, folder: 'batches' });
 * await waitForBatch(run, model, { tape, folder: 'batches' });
 * for await (const outcome of batchOutcomes(run, { tape, folder: 'batches' })) console.log(outcome.id, outcome.status);
 * ```
 */
export async function submitBatch(
  rows: AsyncIterable<BatchRow | MalformedRow>,
  model: OfflineModel,
  options: SubmitOptions,
): Promise<OfflineStatus> {
  const api = batchesOf(model);
  const folder = new RunFolder(options.folder, options.runId ?? ulid());
  checkRunId(folder.run);
  if (folder.exists && folder.state().prepared !== undefined) return continueBatch(folder.run, model, options);
  const claim = folder.claim();
  try {
    removeAbandoned(options.folder);
    folder.clear();
    const prepared = await planned(rows, model, folder, options).catch((error: unknown) => {
      // Nothing was handed in: there is no run.
      folder.remove();
      throw error;
    });
    const { digest } = prepared;
    const before = options.again === true || options.runId !== undefined ? undefined : sameRun(options.folder, folder.run, digest);
    if (before !== undefined) {
      folder.remove();
      options.onEvent?.({ type: 'continued', run: before });
      return await continueBatch(before, model, options);
    }
    const { previous } = options;
    if (previous !== undefined && prepared.rows === 0) {
      folder.remove();
      throw new LmdeckError(
        'usage',
        `There are no rows, and the batch run ${previous} has had some: give it its rows again. Nothing was changed.`,
      );
    }
    const earlier = previous === undefined ? undefined : stateOf(options.folder, previous);
    if (earlier !== undefined && hasOpenJobs(earlier)) {
      folder.remove();
      throw new LmdeckError(
        'usage',
        `The batch run ${previous} asked an earlier version of these rows and is still open: what both have would be paid for twice. ` +
          `Wait for it (lmdeck batch wait ${previous}) or cancel it, then run this again.`,
      );
    }
    const gone = earlier === undefined || options.resubmit === true ? undefined : goneJob(earlier);
    if (gone !== undefined) {
      folder.remove();
      throw new LmdeckError(
        'usage',
        `The batch run ${previous} asked an earlier version of these rows, and its job ${gone} is gone, which may have answered some of them. ` +
          `Look for it again: lmdeck batch wait ${previous}. To hand them in once more, and perhaps pay twice: add --resubmit.`,
      );
    }
    options.onEvent?.({ type: 'prepared', run: folder.run, ...prepared });
    return await worked(folder, model, options, async (context) => {
      await submitPlanned(context);
      return statusOf(context.state);
    });
  } finally {
    claim[Symbol.dispose]();
  }

  async function planned(source: typeof rows, of: OfflineModel, to: RunFolder, settings: SubmitOptions): Promise<Prepared> {
    using journal = to.openJournal();
    const { source: name } = settings;
    const at = Date.now();
    const limits = { ...api.limits, ...settings.limits };
    const { maxEnqueuedTokens } = limits;
    journal.add({
      type: 'run',
      version: 1,
      run: to.run,
      model: of.id,
      provider: api.provider,
      endpoint: api.endpoint,
      ...(name === undefined ? {} : { source: name }),
      ...(maxEnqueuedTokens === undefined ? {} : { maxEnqueuedTokens }),
      at,
    });
    return await prepareRun(source, of, api, to, journal, {
      limits,
      tape: settings.tape,
      signal: settings.signal,
      previous: settings.previous,
    });
  }
}

/** Hands in what of a run can be handed in now: parts that had no room, and those of which a crash left open whether they were. */
export function continueBatch(run: string, model: OfflineModel, options: OfflineOptions): Promise<OfflineStatus> {
  return claimed(run, model, options, async (context) => {
    await submitPlanned(context);
    return statusOf(context.state);
  });
}

/**
 * How a run stands: asks the provider about its open jobs when a model is given, else says what is known.
 * @throws LmdeckError `usage` when there is no such run; what the provider throws.
 */
export async function batchStatus(run: string, options: OfflineOptions, model?: OfflineModel): Promise<OfflineStatus> {
  const folder = findRun(options.folder, run);
  // Whoever works on it looks at its jobs.
  if (model === undefined || folder.owner !== undefined) return statusOf(folder.state());
  return claimed(run, model, options, async (context) => {
    await lookForGoneJobs(context);
    await lookAtJobs(context);
    return statusOf(context.state);
  });
}

/**
 * All runs of a folder, newest first, as far as they are known here.
 * @param onDamaged told of a run whose journal cannot be read, which is left out.
 * @throws LmdeckError `config` for such a journal when nobody is to be told.
 */
export function batchRuns(folder: string, onDamaged?: (error: LmdeckError) => void): readonly OfflineStatus[] {
  return runIds(folder).flatMap((run) => {
    try {
      return [statusOf(new RunFolder(folder, run).state())];
    } catch (error) {
      if (onDamaged === undefined) throw error;
      onDamaged(LmdeckError.from(error));
      return [];
    }
  });
}

/**
 * Waits until every row of a run has its outcome: hands in what has room, looks at the jobs, takes in what they bring, and asks anew what an
 * expired job left (see `maxAttempts`). A job that the provider does not know any more is an outcome of its own; it is looked for again by the next call. Leaving (`signal`) loses nothing: it goes on when it is called again, here or in another process.
 */
export function waitForBatch(run: string, model: OfflineModel, options: OfflineOptions): Promise<OfflineStatus> {
  return claimed(run, model, options, async (context) => {
    await lookForGoneJobs(context, 'with results');
    const [first, most] = options.pollMs ?? POLL_MS;
    let [wasThere, failures] = [false, 0];
    for (let wait = first; ; wait = Math.min(most, wait * 1.5)) {
      let changed = false;
      try {
        await submitWhatIsKnown(context);
        const ended = await lookAtJobs(context);
        wasThere = true;
        changed = await takeIn(context, ended);
        failures = 0;
      } catch (thrown) {
        // Jobs take a day: a network that is down for a while is no reason to leave.
        const error = LmdeckError.from(thrown);
        if (!wasThere || !error.retryable || ++failures === MOST_FAILURES) throw error;
        context.tell({ type: 'unreachable', run: context.run, message: error.message });
      }
      if (isFinished(context.state)) return statusOf(context.state);
      const status = statusOf(context.state);
      context.tell({ type: 'waiting', run: context.run, status });
      if (changed) wait = first;
      await context.pause(wait);
    }
  });
}

/** Takes in what the jobs of a run that have ended brought, and waits for nothing. */
export function fetchBatch(run: string, model: OfflineModel, options: OfflineOptions): Promise<OfflineStatus> {
  return claimed(run, model, options, async (context) => {
    await lookForGoneJobs(context, 'with results');
    await takeIn(context, await lookAtJobs(context));
    return statusOf(context.state);
  });
}

/**
 * Cancels the open jobs of a run and hands in nothing more. What they have done by then is paid for, and is fetched like that of others. A run
 * that has finished stays as it is.
 * @throws what the provider throws, after every job was tried.
 */
export function cancelBatch(run: string, model: OfflineModel, options: OfflineOptions): Promise<OfflineStatus> {
  return claimed(run, model, options, async (context) => {
    if (isFinished(context.state)) return statusOf(context.state);
    if (!context.state.cancelled) context.add({ type: 'cancelled', at: Date.now() });
    const errors: LmdeckError[] = [];
    const each = async (part: number, work: () => Promise<unknown>): Promise<void> => {
      try {
        await work();
      } catch (thrown) {
        const error = LmdeckError.from(thrown);
        if (error.code === 'aborted') throw error;
        context.tell({ type: 'refused', run: context.run, part, message: error.message });
        errors.push(error);
      }
    };
    for (const { part, stage } of context.state.parts) if (stage === 'uncertain') await each(part, () => settled(context, part));
    for (const part of context.state.parts)
      if (part.stage === 'open' && !isFinal(part.state)) await each(part.part, () => cancelJob(context, part));
    if (errors[0] !== undefined) throw errors[0];
    return statusOf(context.state);
  });
}

/** One that ended before anybody looked cannot be cancelled any more: it is noted as it is. */
async function cancelJob(context: RunContext, part: PartState): Promise<void> {
  const { job } = part;
  if (job === undefined) return;
  try {
    noteState(context, part.part, await context.patiently(() => context.api.cancel(job, context.call)));
  } catch (thrown) {
    const error = LmdeckError.from(thrown);
    if (error.code === 'aborted') throw error;
    const now = await statusOfJob(context, part, job);
    if (now === undefined) return await noteGone(context, part.part, 'job');
    if (!isFinal(now.state)) throw error;
    noteState(context, part.part, now);
  }
}

/** The outcomes of a run's rows in the order of its source; rows that are still open are not among them. Reads the disk alone. */
export async function* batchOutcomes(run: string, options: Pick<OfflineOptions, 'folder' | 'tape'>): AsyncGenerator<RowOutcome, undefined> {
  const folder = findRun(options.folder, run);
  yield* rowOutcomes(folder, folder.state(), options.tape);
  return undefined;
}

/** Hands rows in, waits for them, and gives their outcomes in order: what `lmdeck batch run --offline` does. */
export async function* runOffline(
  rows: AsyncIterable<BatchRow | MalformedRow>,
  model: OfflineModel,
  options: SubmitOptions,
): AsyncGenerator<RowOutcome, undefined> {
  const { run } = await submitBatch(rows, model, options);
  await waitForBatch(run, model, options);
  yield* batchOutcomes(run, options);
  return undefined;
}

/** @returns whether any rows came. @throws what may pass, after every job was tried. */
async function takeIn(context: RunContext, ended: readonly EndedJob[]): Promise<boolean> {
  let came = false;
  let passing: LmdeckError | undefined;
  for (const [part, job] of ended) {
    try {
      await fetchPart(context, part, job);
      came ||= (context.part(part).fetched?.ok ?? 0) > 0;
    } catch (thrown) {
      const error = LmdeckError.from(thrown);
      if (error.code === 'not-found') await noteGone(context, part, 'results');
      else if (error.retryable) passing ??= error;
      else throw error;
    }
  }
  if (passing !== undefined) throw passing;
  return came;
}

/** A run of the same rows, asked of the same model, that was not cancelled. */
function sameRun(folder: string, own: string, digest: string): string | undefined {
  return runIds(folder).find((run) => {
    if (run === own) return false;
    const state = new RunFolder(folder, run).state();
    return state.prepared?.digest === digest && !state.cancelled;
  });
}

function stateOf(folder: string, run: string): RunState | undefined {
  const files = new RunFolder(folder, run);
  return files.exists ? files.state() : undefined;
}

function hasOpenJobs(state: RunState): boolean {
  return state.prepared !== undefined && !isFinished(state);
}

/** A job that is gone and whose rows nobody has asked for again. */
function goneJob({ parts }: RunState): string | undefined {
  return parts.find(({ fetched }) => fetched?.gone !== undefined && fetched.retry === undefined)?.job;
}

/** It names a folder and goes to the provider as part of a label. */
function checkRunId(run: string): void {
  if (/^[\w-]{1,40}$/.test(run)) return;
  throw new LmdeckError('usage', `${JSON.stringify(run)} cannot be the id of a run: letters, digits, "_" and "-", at most 40.`);
}
