import {
  costMicros,
  createRequest,
  knownSum,
  LmdeckError,
  requestKey,
  totalUsage,
  type ErrorInfo,
  type JsonObject,
  type LanguageModel,
  type ModelRequest,
  type Response,
  type Sample,
  type Slots,
  type StoredCall,
  type Usage,
} from '../../core/index.ts';
import type { BatchRow } from '../batch-row.ts';
import type { RowOutcome } from '../row-outcome.ts';
import { mismatch } from './mismatch.ts';

/** How rows are asked. */
export interface AskContext {
  readonly runId: string | undefined;
  /** Aborted: nothing is asked any more. */
  readonly signal: AbortSignal | undefined;
  /** Calls that are under way, for whoever wants to end them: a listener on a signal for each would cost more. */
  readonly running: Slots<Response>;
  readonly apiKey?: string | undefined;
  /** What the run has on the tape for a request; absent when nothing can be there. */
  readonly recorded?: ((requestKey: string) => StoredCall | undefined) | undefined;
}

/** One call of a row. */
interface Answer {
  readonly callId?: string | undefined;
  readonly attempts: number;
  readonly samples: readonly Sample[];
  readonly usage?: Usage | undefined;
  readonly costMicros?: number | undefined;
  readonly error?: ErrorInfo;
  /** It was on the tape. */
  readonly recorded?: boolean;
}

/** How many calls a row takes: one where the model draws all samples together. */
export function callsOf(request: ModelRequest, model: Pick<LanguageModel, 'capabilities'>): number {
  return model.capabilities.samples === true ? 1 : (request.samples ?? 1);
}

/** Asks a row, with as many calls as it takes; what the run has on the tape is not asked again. Never rejects. */
export async function askRow(row: BatchRow, model: LanguageModel, context: AskContext): Promise<RowOutcome> {
  const { request } = row;
  const calls = callsOf(request, model);
  if (calls === 1) return outcomeOf(row, model, [await answer(row, request, model, context)]);
  const { samples: _samples, sample = 0, ...rest } = request;
  const requests = Array.from({ length: calls }, (_, i) => createRequest({ ...rest, sample: sample + i }));
  return outcomeOf(row, model, await Promise.all(requests.map((each) => answer(row, each, model, context))));
}

async function answer(row: BatchRow, request: ModelRequest, model: LanguageModel, context: AskContext): Promise<Answer> {
  const { runId, signal, running, apiKey, recorded } = context;
  try {
    const before = recorded?.(requestKey(model, request));
    if (before !== undefined && mismatch(request, before.samples) === undefined) return fromTape(before);
  } catch (error) {
    return { attempts: 0, samples: [], error: LmdeckError.from(error).toInfo() };
  }
  let response: Response | undefined;
  let place: number | undefined;
  try {
    if (signal?.aborted === true) throw new LmdeckError('aborted', 'The batch was aborted.');
    const { messages, ...asked } = request;
    const metadata: JsonObject = row.id === String(row.index) ? { row: row.index } : { row: row.index, id: row.id };
    response = model.prompt(messages, { ...asked, runId, apiKey, metadata, stream: false });
    place = running.add(response);
    const samples = await response.samples();
    const usage = await response.usage();
    const error = mismatch(request, samples);
    return {
      callId: response.callId,
      attempts: response.attempts ?? 1,
      samples,
      usage,
      costMicros: response.cachedFrom === undefined ? (model.price === undefined ? undefined : costMicros(usage, model.price)) : 0,
      ...(error === undefined ? {} : { error }),
    };
  } catch (error) {
    const { parts } = response?.partial ?? { parts: [] };
    return {
      callId: response?.callId,
      attempts: response?.attempts ?? 0,
      samples: parts.length === 0 ? [] : [{ message: { role: 'assistant', parts } }],
      error: LmdeckError.from(error).toInfo(),
    };
  } finally {
    if (place !== undefined) running.remove(place);
  }
}

function fromTape(call: StoredCall): Answer {
  return {
    callId: call.id,
    attempts: call.attempts ?? 1,
    samples: call.samples,
    usage: call.usage,
    costMicros: call.costMicros,
    recorded: true,
  };
}

function outcomeOf(row: BatchRow, model: LanguageModel, answers: readonly Answer[]): RowOutcome {
  const { index, id, place, input } = row;
  const usage = totalUsage(answers.map((each) => each.usage));
  const cost = knownSum(answers.map((each) => each.costMicros));
  const samples = answers.length === 1 ? (answers[0]?.samples ?? []) : answers.flatMap((each) => each.samples);
  const error = answers.find((each) => each.error !== undefined)?.error;
  const common = {
    index,
    id,
    place,
    input,
    model: model.id,
    callIds: answers.flatMap(({ callId }) => callId ?? []),
    attempts: answers.reduce((total, each) => total + (each.recorded === true ? 0 : each.attempts), 0),
    ...(usage === undefined || Object.keys(usage).length === 0 ? {} : { usage }),
    ...(cost === undefined ? {} : { costMicros: cost }),
    ...(answers.every((each) => each.recorded === true) ? { recorded: true } : {}),
  };
  if (error === undefined) return { ...common, status: 'ok', samples };
  if (error.code === 'aborted') return { ...common, status: 'cancelled' };
  return { ...common, status: 'error', error, ...(samples.length === 0 ? {} : { samples }) };
}
