import { LmdeckError, type BatchJob, type BatchLine, type BatchLines } from '../../core/index.ts';
import { retryDelay } from '../../transport/index.ts';
import { askedRows } from './part-file.ts';
import { customIdOf } from './part-rows.ts';
import type { RunContext } from './run-context.ts';
import { takeOff } from './take-off.ts';

/** How often a job that was certainly refused is handed in again, when the reason may pass. */
const TRIES = 5;
/** When to look for a job whose answer was lost: a provider may list it a little later than it takes it. */
const LOOKS_MS = [0, 2_000, 8_000, 20_000] as const;

/**
 * Hands a part in. Before it does, the journal says so: whatever happens then, the next process knows that there may be a job.
 * @returns false when it cannot be handed in now, but later.
 * @throws LmdeckError when the provider refuses it, or nobody can tell whether there is a job.
 */
export async function submitPart(context: RunContext, number: number): Promise<boolean> {
  if (context.part(number).stage === 'uncertain' && ((await settled(context, number)) || context.state.cancelled)) return true;
  const label = context.folder.label(number);
  const lines = await linesOf(context, number, label);
  for (let attempt = 1; ; attempt++) {
    const account = await context.api.account?.(context.call);
    context.add({ type: 'submitting', part: number, at: Date.now(), ...(account === undefined ? {} : { account }) });
    let error: LmdeckError;
    try {
      const onUpload = (file: string): void => context.add({ type: 'uploaded', part: number, file });
      taken(context, number, await context.api.submit(lines, { ...context.call, label, onUpload }), false);
      return true;
    } catch (thrown) {
      error = LmdeckError.from(thrown);
    }
    if (error.data?.['uncertain'] === true) {
      if (await settled(context, number, error)) return true;
    } else context.add({ type: 'refused', part: number, error: error.toInfo() });
    context.tell({ type: 'refused', run: context.run, part: number, message: error.message });
    // Its other jobs may fill the queue: when they are done there is room.
    if (error.code === 'rate-limit' && error.retryable && context.state.parts.some((part) => part.stage === 'open')) return false;
    const wait = retryDelay({ attempt, error, baseMs: 2_000, maxMs: 60_000, maxRetryAfterMs: 600_000 });
    if (error.status === 413) throw tooLarge(context, lines, error);
    if (attempt >= TRIES || wait === undefined) throw error;
    await context.pause(wait);
  }
}

/**
 * Finds out whether a part that was handed in has a job, and adopts it.
 * @throws LmdeckError when nobody can tell, see {@link submitPart}.
 * @returns false when there certainly is none; the journal says so then.
 */
export async function settled(context: RunContext, number: number, lost?: LmdeckError): Promise<boolean> {
  if (lost?.code === 'aborted') throw lost;
  const part = context.part(number);
  const label = context.folder.label(number);
  const { resubmit = false } = context.options;
  try {
    const jobs = await find(context, number, label);
    if (jobs.length > 0) {
      const [first] = jobs.toSorted((a, b) => (a.createdAt ?? 0) - (b.createdAt ?? 0));
      if (first !== undefined) taken(context, number, first, true);
      return true;
    }
    // No job was made of it, and nobody else knows of it.
    const { file } = part;
    if (file !== undefined) await takeOff(context, number, () => context.api.discardFile?.(file, context.call));
  } catch (thrown) {
    const error = LmdeckError.from(thrown);
    if (error.code === 'aborted' || !resubmit) throw unknown(context, number, error);
  }
  const at = part.submittedAt === undefined ? '' : ` at ${new Date(part.submittedAt).toISOString()}`;
  const error = lost ?? new LmdeckError('network', `The job handed in${at} did not reach ${context.api.provider}.`);
  context.add({ type: 'refused', part: number, error: error.toInfo() });
  return false;
}

async function find(context: RunContext, number: number, label: string): Promise<readonly BatchJob[]> {
  const { api } = context;
  if (api.find === undefined) throw new LmdeckError('capability', `${api.provider} has no way to look for a job.`);
  const part = context.part(number);
  let customId: string | undefined;
  for await (const { key } of askedRows(context.folder.part(number))) {
    customId = customIdOf(label, key);
    break;
  }
  for (const wait of LOOKS_MS) {
    if (wait > 0) await context.pause(wait);
    const jobs = await context.patiently(
      async () => (await api.find?.(label, { ...context.call, since: part.submittedAt, rows: part.rows, customId })) ?? [],
    );
    if (jobs.length > 0) return jobs;
  }
  return [];
}

function tooLarge({ run }: RunContext, { bytes }: BatchLines, cause: LmdeckError): LmdeckError {
  return new LmdeckError(
    cause.code,
    `${cause.message} The job has ${bytes} bytes, and the server takes fewer: cancel the run (lmdeck batch cancel ${run}) and submit its rows again with a smaller --max-bytes.`,
    { retryable: false, status: 413, cause },
  );
}

function unknown(context: RunContext, number: number, cause: LmdeckError): LmdeckError {
  if (cause.code === 'aborted' || cause.code === 'authentication' || cause.code === 'missing-key' || cause.code === 'permission')
    return cause;
  return new LmdeckError(
    cause.code === 'conflict' ? 'conflict' : 'usage',
    `Job ${number} of the batch run ${context.run} was handed in, but its answer was lost, and whether ${context.api.provider} has it is not known: ` +
      `${cause.message} Try again later: lmdeck batch wait ${context.run}. To hand it in once more, and perhaps pay twice: add --resubmit.`,
    { retryable: false, cause, data: { run: context.run, part: number } },
  );
}

function taken(context: RunContext, number: number, job: BatchJob, adopted: boolean): void {
  const { run } = context;
  const createdAt = job.createdAt ?? Date.now();
  context.add({ type: 'submitted', part: number, job: job.id, createdAt, ...(adopted ? { adopted: true } : {}) });
  context.tell({ type: 'submitted', run, part: number, job: job.id, rows: context.part(number).rows, adopted });
}

/** Encodes the part once for its size (this lmdeck may write requests otherwise than the one that planned it), and again when it is sent. */
async function linesOf(context: RunContext, number: number, label: string): Promise<BatchLines> {
  async function* read(): AsyncGenerator<BatchLine, undefined> {
    for await (const { key, request } of askedRows(context.folder.part(number)))
      yield await context.api.encode(customIdOf(label, key), request);
    return undefined;
  }
  let [rows, bytes] = [0, 0];
  for await (const { line } of read()) {
    rows++;
    bytes += Buffer.byteLength(line) + 1;
  }
  return { rows, bytes, read };
}
