import { canonicalJson, type JsonObject, type StoredCall } from '../core/index.ts';
import type { WriteContext } from '../interop/index.ts';
import type { ChatRecord } from './chat-record.ts';
import { promptGroup } from './prompt-group.ts';
import { PutAside, type Member } from './put-aside.ts';
import { stored, usable, type Answer, type AnswerSelection } from './select-answers.ts';
import { scoreOf } from './training-sample.ts';

interface PairOptions extends AnswerSelection {
  readonly pairs?: 'best-worst' | 'all' | undefined;
}

/** Pairs of answers to the same prompt, the better one chosen. */
export async function* preferenceLines(
  calls: AsyncIterable<StoredCall>,
  context: WriteContext,
  options: PairOptions,
  toChat: (answer: Answer) => ChatRecord,
): AsyncGenerator<string, undefined> {
  const { scoreKey = 'reward', tape, dedupe = false } = options;
  using aside = new PutAside();
  for await (const { call, sample } of usable(calls, context, { ...options, minScore: undefined })) {
    const score = scoreOf(call, scoreKey, sample);
    if (score === undefined) context.passOver(`answers without a ${scoreKey}`);
    else aside.add(promptGroup(call.request), { call: call.id, sample, score });
  }
  for (const group of aside.groups()) {
    if (context.signal?.aborted === true) return undefined;
    let found = false;
    for (const [better, worse] of pairsOf(group, options)) {
      const line = pairLine(better, worse, { context, tape, toChat });
      if (line === undefined) continue;
      found = true;
      if (!dedupe || aside.isFirst(line)) yield line;
      else context.passOver('lines that were there already');
    }
    if (!found) context.passOver('prompts without two answers of different score');
  }
  return undefined;
}

/** @param group the best first. */
function* pairsOf(
  group: readonly Member[],
  { pairs = 'best-worst', minScore = -Infinity }: PairOptions,
): Generator<readonly [Member, Member], undefined> {
  const best = group[0];
  const worst = group.at(-1);
  if (best === undefined || worst === undefined) return undefined;
  if (pairs === 'best-worst') {
    if (best.score > worst.score && best.score >= minScore) yield [best, worst];
    return undefined;
  }
  for (const [i, better] of group.entries()) {
    if (better.score < minScore) return undefined;
    for (const worse of group.slice(i + 1)) if (better.score > worse.score) yield [better, worse];
  }
  return undefined;
}

interface LineContext {
  readonly context: WriteContext;
  readonly tape: AnswerSelection['tape'];
  readonly toChat: (answer: Answer) => ChatRecord;
}

function pairLine(better: Member, worse: Member, { context, tape, toChat }: LineContext): string | undefined {
  const chat = (member: Member): ChatRecord | undefined => {
    try {
      return toChat({ call: stored(tape, member.call), sample: member.sample });
    } catch (error) {
      context.leaveOut(`call ${member.call}`, error instanceof Error ? error.message : String(error));
      return undefined;
    }
  };
  const chosen = chat(better);
  const rejected = chosen === undefined ? undefined : chat(worse);
  if (chosen === undefined || rejected === undefined || canonicalJson(chosen.answer) === canonicalJson(rejected.answer)) return undefined;
  const { prompt, answer, tools } = chosen;
  const line: JsonObject = { prompt, chosen: [answer], rejected: [rejected.answer], ...(tools === undefined ? {} : { tools }) };
  return `${JSON.stringify(line)}\n`;
}
