import { LmdeckError, type StoredCall } from '../core/index.ts';
import type { WriteContext } from '../interop/index.ts';
import type { Tape } from '../tape/index.ts';
import { promptGroup } from './prompt-group.ts';
import { PutAside } from './put-aside.ts';
import { scoreOf } from './training-sample.ts';

/** Which answers become lines. */
export interface AnswerSelection {
  /** The tape that the calls are of. */
  readonly tape: Pick<Tape, 'call'>;
  /** A line for each answer, for each conversation as it stood at its end, or for each prompt with its best answer. Default: `call`. */
  readonly per?: 'call' | 'conversation' | 'prompt' | undefined;
  /** The tag or metadata that is the score, see `scoreOf`. Default: `reward`. */
  readonly scoreKey?: string | undefined;
  /** Only answers with at least this score; those without one are left aside. */
  readonly minScore?: number | undefined;
  /** Takes answers that were cut off at the token limit. Default: false, but for training text. */
  readonly cutOff?: boolean | undefined;
  /** Writes equal lines once. Default: false. */
  readonly dedupe?: boolean | undefined;
}

/** One answer of a call. */
export interface Answer {
  readonly call: StoredCall;
  readonly sample: number;
}

export interface SelectedAnswers extends Disposable {
  readonly answers: AsyncIterable<Answer>;
  /** True the first time that it is asked for a text. */
  isFirst(text: string): boolean;
}

/** Chooses among the answers of calls; those that are none are counted by what they are. */
export function selectAnswers(calls: AsyncIterable<StoredCall>, context: WriteContext, selection: AnswerSelection): SelectedAnswers {
  let aside: PutAside | undefined;
  const open = (): PutAside => (aside ??= new PutAside());
  const answers = usable(calls, context, selection);
  return {
    answers: selection.per === undefined || selection.per === 'call' ? answers : best(answers, open, selection, context),
    isFirst: (text) => open().isFirst(digest(text)),
    [Symbol.dispose]: () => aside?.[Symbol.dispose](),
  };
}

/** The answers of calls that have some to learn from. */
export async function* usable(
  calls: AsyncIterable<StoredCall>,
  context: WriteContext,
  selection: AnswerSelection,
): AsyncGenerator<Answer, undefined> {
  const { scoreKey = 'reward', minScore, cutOff = false } = selection;
  for await (const call of calls) {
    if (call.request.continuation !== undefined) {
      context.passOver('scored texts');
      continue;
    }
    if (call.samples.length === 0) context.passOver('calls without an answer');
    for (const [sample, { message, finish }] of call.samples.entries()) {
      if (message.parts.length === 0) context.passOver('calls without an answer');
      else if (!cutOff && finish?.reason === 'length') context.passOver('answers that were cut off at the token limit');
      else if (finish?.reason === 'content-filter' || finish?.reason === 'error') context.passOver('answers that were filtered or failed');
      else if (minScore !== undefined && (scoreOf(call, scoreKey, sample) ?? -Infinity) < minScore)
        context.passOver(`answers without a ${scoreKey} of at least ${minScore}`);
      else yield { call, sample };
    }
  }
  return undefined;
}

async function* best(
  answers: AsyncIterable<Answer>,
  open: () => PutAside,
  { per, scoreKey = 'reward', tape }: AnswerSelection,
  context: WriteContext,
): AsyncGenerator<Answer, undefined> {
  const aside = open();
  for await (const { call, sample } of answers) {
    // The last answer of a conversation is the one to the longest history; a score decides between answers to one prompt.
    if (per === 'conversation') {
      // Of several samples the conversation went on with the first.
      if (sample === 0) aside.add(call.conversationId ?? call.id, { call: call.id, sample, score: 0 });
    } else aside.add(promptGroup(call.request), { call: call.id, sample, score: scoreOf(call, scoreKey, sample) ?? -Infinity });
  }
  for (const [first] of aside.groups()) {
    if (context.signal?.aborted === true) return undefined;
    if (first !== undefined) yield { call: stored(tape, first.call), sample: first.sample };
  }
  return undefined;
}

/** @throws LmdeckError `tape` when the call is gone meanwhile. */
export function stored(tape: Pick<Tape, 'call'>, id: string): StoredCall {
  const call = tape.call(id);
  if (call === undefined) throw new LmdeckError('tape', `The call ${id} was deleted while it was to be exported. Export again.`);
  return call;
}

function digest(text: string): string {
  return process.getBuiltinModule('node:crypto').hash('sha256', text, 'base64');
}
