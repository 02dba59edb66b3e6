import { LmdeckError, type BatchJob } from '../../core/index.ts';
import { noteGone } from './gone-job.ts';
import type { RunContext } from './run-context.ts';
import { isFinal, type PartState } from './run-state.ts';

/** A provider may tell of a job a little later than it makes it: as long as it is so young it is looked for again. */
const YOUNG_MS = 600_000;
const LOOKS_MS = [2_000, 8_000, 20_000] as const;

/** A job that goes on no more, and the part that it asked. */
export type EndedJob = readonly [part: number, job: BatchJob];

/** Asks about the open jobs; one that the provider does not know any more is noted as gone. @returns those that have ended. */
export async function lookAtJobs(context: RunContext): Promise<readonly EndedJob[]> {
  const ended: EndedJob[] = [];
  for (const part of context.state.parts) {
    if (part.stage !== 'open' || part.job === undefined) continue;
    const job = await statusOfJob(context, part, part.job);
    if (job === undefined) {
      await noteGone(context, part.part, 'job');
      continue;
    }
    noteState(context, part.part, job);
    if (isFinal(job.state)) ended.push([part.part, job]);
  }
  return ended;
}

/**
 * Looks again for jobs that were gone and that nobody has replaced: they may have been out of sight only. Of one whose results were gone that shows only
 * when they are read.
 */
export async function lookForGoneJobs(context: RunContext, which: 'jobs' | 'with results' = 'jobs'): Promise<void> {
  for (const part of context.state.parts) {
    const { fetched, job } = part;
    if (job === undefined || fetched?.gone === undefined || fetched.retry !== undefined) continue;
    if (fetched.gone === 'results' && which === 'jobs') continue;
    if ((await statusOfJob(context, part, job)) === undefined) continue;
    context.add({ type: 'found', part: part.part });
    if (fetched.gone === 'job') context.tell({ type: 'found', run: context.run, part: part.part, job });
  }
}

/** How a job stands; `undefined` when the provider does not know it. @throws LmdeckError also when another key is in use than that of the job. */
export async function statusOfJob(context: RunContext, part: PartState, job: string): Promise<BatchJob | undefined> {
  const isYoung = Date.now() - (part.createdAt ?? 0) < YOUNG_MS;
  const waits = isYoung && part.fetched === undefined ? [...LOOKS_MS] : [];
  for (;;) {
    try {
      return await context.patiently(() => context.api.status(job, context.call));
    } catch (thrown) {
      const error = await ofOtherKey(context, part, job, LmdeckError.from(thrown));
      if (error.code !== 'not-found' || error.data?.['submittedBy'] !== undefined) throw error;
    }
    const wait = waits.shift();
    if (wait === undefined) return undefined;
    await context.pause(wait);
  }
}

/** The error, or one that says that the job belongs to another key. */
async function ofOtherKey(context: RunContext, part: PartState, job: string, error: LmdeckError): Promise<LmdeckError> {
  if (!['not-found', 'permission', 'authentication'].includes(error.code)) return error;
  const account = await context.api.account?.(context.call);
  if (account === undefined || part.account === undefined || account === part.account) return error;
  return new LmdeckError(
    error.code,
    `The job ${job} was handed in with another API key (${part.account}) than the one in use (${account}), which cannot see it. ` +
      `Use that key: --key NAME. ${error.message}`,
    { cause: error, data: { run: context.run, job, account, submittedBy: part.account } },
  );
}

/** Only what is new goes into the journal: a look a minute makes 1,440 a day. */
export function noteState(context: RunContext, number: number, { state, rawState, counts }: BatchJob): void {
  const part = context.part(number);
  if (part.state === state && part.rawState === rawState && JSON.stringify(part.counts) === JSON.stringify(counts)) return;
  context.add({ type: 'state', part: number, state, rawState, ...(counts === undefined ? {} : { counts }) });
}
