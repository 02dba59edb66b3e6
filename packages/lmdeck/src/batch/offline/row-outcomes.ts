import { knownSum, LmdeckError, totalUsage, type ErrorInfo, type StoredCall } from '../../core/index.ts';
import type { Tape } from '../../tape/index.ts';
import type { RowOutcome } from '../row-outcome.ts';
import { mismatch } from '../run/mismatch.ts';
import { callIdOf } from './call-id.ts';
import { partRows } from './part-file.ts';
import { customIdOf, type AskedRow, type PartRow } from './part-rows.ts';
import type { RunFolder } from './run-folder.ts';
import type { PartState, RunState } from './run-state.ts';

/** What came of one request of a row; `undefined` while it is open. */
type Answer =
  | { readonly call: StoredCall; readonly attempts: number; readonly callIds: readonly string[] }
  | {
      readonly error: ErrorInfo;
      /** An answer that is not what was asked for. */
      readonly call?: StoredCall;
      readonly attempts: number;
      readonly callIds: readonly string[];
    }
  | { readonly cancelled: true; readonly attempts: number; readonly callIds: readonly string[] };

/** The outcomes of the rows that have one, in the order of the source; rows that are still open are passed over. */
export async function* rowOutcomes(folder: RunFolder, state: RunState, tape: Tape): AsyncGenerator<RowOutcome, undefined> {
  for (const first of state.parts) {
    if (first.of !== undefined) continue;
    const chain = retriesOf(first, state.parts);
    let lines: PartRow[] = [];
    for await (const line of partRows(folder.part(first.part))) {
      if (lines[0] !== undefined && lines[0].index !== line.index) {
        const outcome = outcomeOf(lines, folder, state, chain, tape);
        lines = [];
        if (outcome !== undefined) yield outcome;
      }
      lines.push(line);
    }
    const last = lines.length === 0 ? undefined : outcomeOf(lines, folder, state, chain, tape);
    if (last !== undefined) yield last;
  }
  return undefined;
}

/** A part that asked a row. */
interface AskingPart extends PartState {
  /** Keys of rows that expired although the job did not. */
  readonly expired: ReadonlySet<string>;
}

/** The part and those that ask its missing rows again, oldest first. */
function retriesOf(first: PartState, parts: readonly PartState[]): readonly AskingPart[] {
  const chain = [first];
  for (const part of parts) if (part.of === chain.at(-1)?.part) chain.push(part);
  return chain.map((part) => ({ ...part, expired: new Set(part.fetched?.expiredKeys) }));
}

function outcomeOf(
  lines: readonly PartRow[],
  folder: RunFolder,
  state: RunState,
  chain: readonly AskingPart[],
  tape: Tape,
): RowOutcome | undefined {
  const [first] = lines;
  if (first === undefined) return undefined;
  const { index, id, place, input } = first;
  // One that could not be read was asked of no model.
  const row = { index, id, place, ...(input === undefined ? {} : { input, model: state.head.model }) };
  if ('error' in first) return { ...row, callIds: [], attempts: 0, status: 'error', error: first.error };
  const answers: Answer[] = [];
  for (const line of lines) {
    const answer = answerOf(line, folder, state, chain, tape);
    if (answer === undefined) return undefined;
    answers.push(answer);
  }
  const calls = answers.flatMap((answer) => ('call' in answer && answer.call !== undefined ? [answer.call] : []));
  const samples = calls.flatMap((call) => call.samples);
  const usage = totalUsage(calls.map((call) => call.usage));
  const cost = knownSum(calls.map((call) => call.costMicros));
  const outcome = {
    ...row,
    callIds: answers.flatMap((answer) => answer.callIds),
    attempts: answers.reduce((sum, { attempts }) => sum + attempts, 0),
    ...(usage === undefined ? {} : { usage }),
    ...(cost === undefined || calls.length === 0 ? {} : { costMicros: cost }),
  };
  const failed = answers.find((answer) => 'error' in answer);
  if (failed !== undefined && 'error' in failed)
    return { ...outcome, status: 'error', error: failed.error, ...(samples.length === 0 ? {} : { samples }) };
  if (answers.some((answer) => 'cancelled' in answer)) return { ...outcome, status: 'cancelled' };
  return { ...outcome, status: 'ok', samples };
}

function answerOf(line: PartRow, folder: RunFolder, state: RunState, chain: readonly AskingPart[], tape: Tape): Answer | undefined {
  if ('callId' in line) {
    const call = tape.call(line.callId);
    return call === undefined ? gone(line) : { call, attempts: 0, callIds: [call.id] };
  }
  if (!('key' in line)) return undefined;
  const tried: StoredCall[] = [];
  let asked = 0;
  let last: AskingPart | undefined;
  let wrong: ErrorInfo | undefined;
  for (const part of chain) {
    const call =
      part.job === undefined ? undefined : tape.call(callIdOf(state.head.provider, part, customIdOf(folder.label(part.part), line.key)));
    if (call !== undefined) tried.push(call);
    if (part.job !== undefined) asked++;
    wrong = call?.status === 'ok' ? mismatch(call.request, call.samples) : undefined;
    if (call?.status === 'ok' && wrong === undefined) return { call, attempts: asked, callIds: tried.map((each) => each.id) };
    // A later part has only those rows that had no outcome before.
    last = part;
    if (part.fetched?.retry === undefined) break;
    if (call !== undefined && call.error?.retryable !== true && part.fetched.retry.failedToo !== true) break;
  }
  if (last === undefined) return undefined;
  const callIds = tried.map((call) => call.id);
  const answer = tried.at(-1);
  const error = wrong ?? answer?.error;
  if (last.stage === 'planned' && state.cancelled) return { cancelled: true, attempts: asked, callIds };
  if (last.stage !== 'fetched') return undefined;
  if (error !== undefined)
    return { error, attempts: asked, callIds, ...(wrong === undefined || answer === undefined ? {} : { call: answer }) };
  if (last.state === 'cancelled' || state.cancelled) return { cancelled: true, attempts: asked, callIds };
  return { error: withoutAnswer(line, last), attempts: asked, callIds };
}

/** Why a row has no answer although its job has ended. */
function withoutAnswer({ place, key }: AskedRow, part: AskingPart): ErrorInfo {
  const job = `its job ${part.job ?? ''}`;
  if (part.fetched?.gone !== undefined && part.fetched.error !== undefined)
    return { ...part.fetched.error, message: `${place}: ${part.fetched.error.message}` };
  if (part.fetched?.error !== undefined)
    return { ...part.fetched.error, message: `${place}: ${job} failed: ${part.fetched.error.message}` };
  if (part.state === 'expired')
    return new LmdeckError('timeout', `${place}: ${job} expired before its turn came, the last of ${part.attempt}.`).toInfo();
  if (part.expired.has(key))
    return new LmdeckError('timeout', `${place}: the row expired in ${job} before its turn came, the last of ${part.attempt}.`).toInfo();
  if (part.state === 'failed') return new LmdeckError('server', `${place}: ${job} failed, and the provider does not say why.`).toInfo();
  return new LmdeckError('incomplete-response', `${place}: ${job} has ended, and there is nothing about this row in its results.`).toInfo();
}

function gone({ place }: PartRow): Answer {
  return {
    error: new LmdeckError('tape', `${place}: the call that answered it is not on the tape any more.`).toInfo(),
    attempts: 0,
    callIds: [],
  };
}
