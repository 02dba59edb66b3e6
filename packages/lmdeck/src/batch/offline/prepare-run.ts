import {
  createRequest,
  LmdeckError,
  requestKey,
  sha256,
  type BatchApi,
  type BatchLimits,
  type ErrorInfo,
  type ModelRequest,
} from '../../core/index.ts';
import type { Tape } from '../../tape/index.ts';
import type { BatchRow, MalformedRow } from '../batch-row.ts';
import { mismatch } from '../run/mismatch.ts';
import { asAsked } from '../rows/as-asked.ts';
import { estimateTokens } from './estimate-tokens.ts';
import type { Journal } from './journal.ts';
import type { OfflineModel } from './offline-options.ts';
import { PartWriter } from './part-file.ts';
import { customIdOf, type PartRow } from './part-rows.ts';
import { PartSplitter, type RowSize } from './part-splitter.ts';
import type { RunFolder } from './run-folder.ts';

/** More rows in one part would take too much memory when they are looked up. */
const MAX_PART_ROWS = 100_000;

export interface PrepareOptions {
  readonly limits: BatchLimits;
  readonly tape: Tape;
  readonly signal?: AbortSignal | undefined;
  /** See `SubmitOptions.previous`. */
  readonly previous?: string | undefined;
}

/** What came of preparing. */
export interface Prepared {
  readonly rows: number;
  readonly refused: number;
  readonly parts: number;
  /** Equal for the same rows asked of the same model. */
  readonly digest: string;
}

/** A request of a row. */
interface Asked {
  readonly key: string;
  readonly request: ModelRequest;
  readonly requestKey: string;
}

/** Puts the rows of a source into parts, on disk. Nothing is handed in. */
export async function prepareRun(
  rows: AsyncIterable<BatchRow | MalformedRow>,
  model: OfflineModel,
  api: BatchApi,
  folder: RunFolder,
  journal: Journal,
  options: PrepareOptions,
): Promise<Prepared> {
  const { maxRows = Infinity } = options.limits;
  const limits = { ...options.limits, maxRows: Math.min(maxRows, MAX_PART_ROWS) };
  const answered = answeredKeys(options.tape, [folder.run, options.previous]);
  const parts = new Parts(folder, journal, limits);
  let [count, refused, digest] = [0, 0, sha256(`${model.id}\n${model.endpoint ?? ''}\n${model.revision ?? ''}`)];
  try {
    for await (const row of rows) {
      if (options.signal?.aborted === true) throw LmdeckError.from(options.signal.reason, 'aborted');
      count++;
      const place = { index: row.index, id: row.id, place: row.place };
      const input = 'input' in row ? { input: row.input } : {};
      try {
        if ('error' in row) throw LmdeckError.fromInfo(row.error);
        const all = requestsOf(row, model, limits);
        digest = sha256(`${digest}\n${all.map((each) => each.requestKey).join('\n')}`);
        const known = all.map((each) => answered.get(each.requestKey)?.shift());
        const open = all.filter((_, i) => known[i] === undefined);
        const lines = all.map((each, i): PartRow => {
          const callId = known[i];
          const first = { ...place, ...(i === 0 ? input : {}) };
          return callId === undefined ? { key: each.key, ...first, request: each.request } : { ...first, callId };
        });
        const measure = (label: string): Promise<RowSize> => measured(open, api, label, limits, row.place);
        await parts.add(lines, await measure(parts.label), measure);
      } catch (error) {
        const known = LmdeckError.from(error);
        if (known.code === 'aborted' || known.code === 'config' || known.code === 'tape' || known.code === 'internal') throw known;
        refused++;
        digest = sha256(`${digest}\n-`);
        parts.refuse({ ...place, ...input, error: known.toInfo() });
      }
    }
  } catch (error) {
    parts.discard();
    throw error;
  }
  parts.close();
  journal.add({ type: 'prepared', rows: count, refused, digest });
  return { rows: count, refused, parts: parts.count, digest };
}

/** The requests of a row: one, or one for each sample where the model draws them singly; as if they were asked online. */
function requestsOf(row: BatchRow, model: OfflineModel, { maxSamples = 1 }: BatchLimits): readonly Asked[] {
  if (row.model !== undefined && row.model !== model.id)
    throw new LmdeckError(
      'usage',
      `${row.place}: the row asks ${row.model}, but a job has one model: hand in its rows as a run of their own.`,
    );
  const whole = asAsked(row.request, model);
  const { samples = 1 } = whole;
  if (model.capabilities.samples === true) {
    if (samples > maxSamples && samples > 1)
      throw new LmdeckError(
        'usage',
        `${row.place}: the row asks for ${samples} samples, and a request in a job draws at most ${maxSamples}.`,
      );
    return [{ key: String(row.index), request: whole, requestKey: requestKey(model, whole) }];
  }
  const { samples: _samples, sample = 0, ...rest } = whole;
  return Array.from({ length: samples }, (_, i) => {
    const request = createRequest({ ...rest, sample: sample + i });
    return { key: samples === 1 ? String(row.index) : `${row.index}-${i}`, request, requestKey: requestKey(model, request) };
  });
}

/** @throws LmdeckError `usage` for a row that no job takes. */
async function measured(open: readonly Asked[], api: BatchApi, label: string, limits: BatchLimits, place: string): Promise<RowSize> {
  let [bytes, tokens] = [0, 0];
  for (const { key, request } of open) {
    const { line } = await api.encode(customIdOf(label, key), request);
    bytes += Buffer.byteLength(line) + 1;
    tokens += estimateTokens(request);
  }
  const size = { rows: open.length, bytes, tokens };
  const excess = new PartSplitter(limits).excess(size);
  if (excess !== undefined) throw new LmdeckError('usage', `${place}: the row fits into no job: ${excess}.`);
  return size;
}

/** Calls of the runs that ended well, by request key. */
function answeredKeys(tape: Tape, runs: readonly (string | undefined)[]): Map<string, string[]> {
  const keys = new Map<string, string[]>();
  for (const runId of runs) if (runId !== undefined) addAnswered(tape, runId, keys);
  return keys;
}

function addAnswered(tape: Tape, runId: string, keys: Map<string, string[]>): void {
  for (const call of tape.iterate({ runId, status: 'ok', order: 'oldest' })) {
    if (mismatch(call.request, call.samples) !== undefined) continue;
    const ids = keys.get(call.requestKey);
    if (ids === undefined) keys.set(call.requestKey, [call.id]);
    else ids.push(call.id);
  }
}

/** The parts of a run as they are filled. */
class Parts {
  readonly #folder: RunFolder;
  readonly #journal: Journal;
  readonly #splitter: PartSplitter;
  #writer: PartWriter | undefined;
  /** Number of the part that is being filled. */
  #number = 1;
  #asking = 0;

  constructor(folder: RunFolder, journal: Journal, limits: BatchLimits) {
    this.#folder = folder;
    this.#journal = journal;
    this.#splitter = new PartSplitter(limits);
  }

  /** Of those that ask something: one of refused rows alone is no job. */
  get count(): number {
    return this.#asking;
  }

  get label(): string {
    return this.#folder.label(this.#number);
  }

  /** @param measure the row's size in a part of this label. */
  async add(rows: readonly PartRow[], size: RowSize, measure: (label: string) => Promise<RowSize>): Promise<void> {
    let fitting = size;
    if (!this.#splitter.fits(size)) {
      this.close();
      fitting = await measure(this.label);
    }
    this.#splitter.add(fitting);
    for (const row of rows) this.#open().add(row);
  }

  refuse(row: PartRow & { readonly error: ErrorInfo }): void {
    this.#open().add(row);
  }

  /** The part is complete. */
  close(): void {
    if (this.#writer === undefined) return;
    this.#writer.close();
    this.#writer = undefined;
    this.#journal.add({ type: 'part', part: this.#number, ...this.#splitter.size, attempt: 1 });
    if (this.#splitter.size.rows > 0) this.#asking++;
    this.#number++;
    this.#splitter.next();
  }

  discard(): void {
    this.#writer?.discard();
    this.#writer = undefined;
  }

  #open(): PartWriter {
    return (this.#writer ??= new PartWriter(this.#folder.part(this.#number)));
  }
}
