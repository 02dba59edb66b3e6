import {
  chainHashes,
  costMicros,
  LmdeckError,
  MessageAssembler,
  requestKey,
  type BatchJob,
  type BatchResult,
  type CallEnd,
  type CallStart,
  type ErrorInfo,
} from '../../core/index.ts';
import { mismatch } from '../run/mismatch.ts';
import { callIdOf } from './call-id.ts';
import { isCrowded } from './is-crowded.ts';
import type { FetchedRecord } from './journal.ts';
import { PartIndex } from './part-file.ts';
import { customIdOf, keyOf, type AskedRow } from './part-rows.ts';
import { planRetry } from './plan-retry.ts';
import type { RunContext } from './run-context.ts';
import type { PartState } from './run-state.ts';
import { takeOff } from './take-off.ts';

/** Rows that are looked up on the tape together. */
const CHUNK = 256;
const TRIES = 4;
const DEFAULT_ATTEMPTS = 3;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What became of the rows of a part. */
interface Tally {
  readonly ok: Set<string>;
  readonly failed: Set<string>;
  /** Rows with an outcome that may be another one when they are asked again. */
  readonly again: Set<string>;
  /** Rows whose turn did not come in time. */
  readonly expired: Set<string>;
  foreign: number;
}

/**
 * Takes in what a job that has ended brought: each row becomes a call on the tape. Rows that it did not bring are planned anew, as long as they may be
 * asked again.
 */
export async function fetchPart(context: RunContext, number: number, job: BatchJob): Promise<void> {
  const part = context.part(number);
  using index = await PartIndex.open(context.folder.part(number));
  const tally = await readResults(context, part, job, index);
  await context.options.tape.flush();
  const isOpen = (key: string): boolean => !tally.ok.has(key) && !tally.failed.has(key);
  const missing = [...index.keys()].filter((key) => isOpen(key) || tally.again.has(key));
  const [error] = job.errors ?? [];
  const mayAsk =
    (isCrowded(job) || part.attempt < (context.options.maxAttempts ?? DEFAULT_ATTEMPTS)) &&
    !context.state.cancelled &&
    isWorthwhile(job, index.size, missing.length);
  const retry = missing.length > 0 && mayAsk ? planRetry(context, part, index, missing, isCrowded(job)) : undefined;
  const failed = tally.failed.size - (retry === undefined ? 0 : tally.again.size);
  const record: Mutable<FetchedRecord> = {
    type: 'fetched',
    part: number,
    ok: tally.ok.size,
    failed,
    missing: index.size - tally.ok.size - failed,
  };
  if (error !== undefined) record.error = error;
  const expired = job.state === 'expired' ? missing.filter((key) => !tally.again.has(key)) : [...tally.expired].filter(isOpen);
  if (expired.length > 0) record.expired = expired.length;
  if (expired.length > 0 && job.state !== 'expired' && retry === undefined) record.expiredKeys = expired;
  if (retry !== undefined) record.retry = await retry;
  // The rows are here, and what the job brought is on the tape. Before the journal says that there is nothing left to do; of a file that is gone already nothing is said.
  if (context.options.keepFiles !== true && (job.state !== 'failed' || isCrowded(job)))
    await takeOff(context, number, () => context.api.discard?.(job, context.call));
  context.add(record);
  const expiry = record.expired === undefined ? {} : { expired: record.expired };
  const message = error === undefined ? {} : { message: error.message };
  context.tell({ type: 'fetched', run: context.run, part: number, ok: record.ok, failed, missing: record.missing, ...expiry, ...message });
  if (tally.foreign > 0) context.tell({ type: 'foreign', run: context.run, part: number, rows: tally.foreign });
}

/** A job that was cancelled was meant to be; one that the provider refused as a whole would be refused again. */
function isWorthwhile(job: BatchJob, rows: number, missing: number): boolean {
  const { state, errors = [] } = job;
  if (state === 'cancelled') return false;
  return state !== 'failed' || missing < rows || errors.length === 0 || isCrowded(job) || errors.some((error) => error.retryable);
}

async function readResults(context: RunContext, part: PartState, ended: BatchJob, index: PartIndex): Promise<Tally> {
  let job = ended;
  const label = context.folder.label(part.part);
  const tally: Tally = { ok: new Set(), failed: new Set(), again: new Set(), expired: new Set(), foreign: 0 };
  for (let attempt = 1; ; attempt++) {
    try {
      let chunk: [AskedRow, BatchResult][] = [];
      tally.foreign = 0;
      for await (const result of context.api.results(job, context.call)) {
        const key = keyOf(label, result.customId);
        const row = key === undefined ? undefined : index.row(key);
        if (row === undefined) tally.foreign++;
        else if (!tally.ok.has(row.key) && !tally.failed.has(row.key)) chunk.push([row, result]);
        if (chunk.length < CHUNK) continue;
        await store(context, part, chunk, tally);
        chunk = [];
      }
      await store(context, part, chunk, tally);
      if (context.options.resubmit !== true) refuseIncomplete(job, tally);
      return tally;
    } catch (thrown) {
      // A file that broke off is read again from its beginning; what is on the tape stays there.
      const error = LmdeckError.from(thrown);
      // A file of results may be there a little later than the job tells of it.
      if (attempt === TRIES || !(error.retryable || error.code === 'not-found')) throw error;
      await context.pause(1_000 * 2 ** attempt);
      // Its results may have been named meanwhile.
      if (error.code === 'incomplete-response') job = await context.patiently(() => context.api.status(job.id, context.call));
    }
  }
}

/** What a job has answered is paid for: rows are not asked again because its results are not all there yet. */
function refuseIncomplete({ id, state, counts }: BatchJob, { ok, failed, foreign }: Tally): void {
  const told = counts?.succeeded ?? 0;
  const came = ok.size + failed.size + foreign;
  if (state !== 'completed' || came >= told) return;
  throw new LmdeckError(
    'incomplete-response',
    `The job ${id} has answered ${told} rows, and its results have ${came}. Try again later: lmdeck batch wait. ` +
      'To ask what is missing once more, and perhaps pay twice: add --resubmit.',
  );
}

async function store(
  context: RunContext,
  part: PartState,
  chunk: readonly (readonly [AskedRow, BatchResult])[],
  tally: Tally,
): Promise<void> {
  const { tape } = context.options;
  const label = context.folder.label(part.part);
  const idOf = (row: AskedRow): string => callIdOf(context.api.provider, part, customIdOf(label, row.key));
  const known = tape.known(chunk.map(([row]) => idOf(row)));
  for (const [row, result] of chunk) {
    if ('error' in result && result.unasked !== undefined) {
      if (result.unasked === 'expired') tally.expired.add(row.key);
      continue;
    }
    if (tally.ok.has(row.key) || tally.failed.has(row.key)) continue;
    const end = 'error' in result ? failed(result.error) : answered(context, result.events);
    // An answer that is not what was asked for is one all the same, and fails its row.
    const isFailed = end.status === 'error' || mismatch(row.request, end.samples) !== undefined;
    (isFailed ? tally.failed : tally.ok).add(row.key);
    if (end.error?.retryable === true) tally.again.add(row.key);
    const id = idOf(row);
    if (known.has(id)) continue;
    tape.start(started(context, part, row, id));
    tape.finish(id, end);
  }
  // Bounded memory, and nothing is lost that was counted.
  await tape.flush();
}

/** The call as if it had been asked online, when the job was made. */
function started({ model, run, folder }: RunContext, part: PartState, row: AskedRow, id: string): CallStart {
  const messageHashes = chainHashes(row.request.messages);
  return {
    id,
    startedAt: part.createdAt ?? 0,
    model: model.id,
    ...(model.endpoint === undefined ? {} : { endpoint: model.endpoint }),
    ...(model.revision === undefined ? {} : { revision: model.revision }),
    request: row.request,
    requestKey: requestKey(model, row.request, messageHashes.at(-1)),
    messageHashes,
    stream: false,
    conversationId: id,
    runId: run,
    metadata: {
      row: row.index,
      ...(row.id === String(row.index) ? {} : { id: row.id }),
      batchJob: part.job ?? '',
      customId: customIdOf(folder.label(part.part), row.key),
    },
  };
}

function failed(error: ErrorInfo): CallEnd {
  return { status: 'error', error, samples: [], attempts: 1 };
}

function answered({ model, api }: RunContext, events: Extract<BatchResult, { events: unknown }>['events']): CallEnd {
  const assembler = new MessageAssembler();
  for (const event of events) assembler.push(event);
  const { responseId, resolvedModel, usage } = assembler;
  const end: Mutable<CallEnd> = { status: 'ok', samples: assembler.samples(), attempts: 1 };
  if (usage !== undefined) end.usage = usage;
  if (responseId !== undefined) end.responseId = responseId;
  if (resolvedModel !== undefined) end.resolvedModel = resolvedModel;
  const cost = usage === undefined || model.price === undefined ? undefined : costMicros(usage, model.price, api.priceShare);
  if (cost !== undefined) end.costMicros = cost;
  return end;
}
