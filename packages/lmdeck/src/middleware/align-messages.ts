import { canonicalJson, type Message } from '../core/index.ts';

/** Histories that differ in more messages are compared in their order. */
const MOST_PAIRS = 250_000;

/** A message and its number in its history, from 1. */
export interface MessagePlace {
  readonly message: Message;
  readonly number: number;
}

/** A message of one history and the one of another that answers to it; one of them is absent where only one history has it. */
export interface MessagePair {
  readonly before?: MessagePlace | undefined;
  readonly after?: MessagePlace | undefined;
}

/** Which message answers to which: the cheapest way to make one history into the other, where messages of the same role may change. */
export function alignMessages(before: readonly Message[], after: readonly Message[]): MessagePair[] {
  const keysBefore = before.map(keyOf);
  const keysAfter = after.map(keyOf);
  let start = 0;
  let endBefore = before.length;
  let endAfter = after.length;
  while (start < endBefore && start < endAfter && keysBefore[start] === keysAfter[start]) start++;
  while (endBefore > start && endAfter > start && keysBefore[endBefore - 1] === keysAfter[endAfter - 1]) {
    endBefore--;
    endAfter--;
  }
  const rows = endBefore - start;
  const columns = endAfter - start;
  const pairs: MessagePair[] = [];
  const push = (i: number | undefined, j: number | undefined): void => {
    pairs.push({ before: placeOf(before, i), after: placeOf(after, j) });
  };
  for (let i = 0; i < start; i++) push(i, i);
  const table = rows * columns <= MOST_PAIRS ? costs(keysBefore.slice(start, endBefore), keysAfter.slice(start, endAfter)) : undefined;
  for (let i = 0, j = 0; i < rows || j < columns;) {
    const step = table?.step(i, j) ?? (i < rows && j < columns ? 'both' : i < rows ? 'before' : 'after');
    push(step === 'after' ? undefined : start + i, step === 'before' ? undefined : start + j);
    if (step !== 'after') i++;
    if (step !== 'before') j++;
  }
  for (let i = endBefore, j = endAfter; i < before.length; i++, j++) push(i, j);
  return pairs;
}

function placeOf(messages: readonly Message[], index: number | undefined): MessagePlace | undefined {
  const message = index === undefined ? undefined : messages[index];
  return message === undefined ? undefined : { message, number: (index ?? 0) + 1 };
}

/** What it costs that a message came or went. To exchange two costs less than one of each, the less the more words they share. */
const ONE_SIDED = 10;
/** In tables of at most so many pairs it is looked at which messages are alike. */
const MOST_COMPARED = 2500;

/** What the rest costs from each pair of positions. */
function costs(before: readonly string[], after: readonly string[]): { step(i: number, j: number): 'both' | 'before' | 'after' } {
  const width = after.length + 1;
  const cost = new Uint32Array((before.length + 1) * width);
  const cell = (i: number, j: number): number => cost[i * width + j] ?? 0;
  const [wordsBefore, wordsAfter] = before.length * after.length <= MOST_COMPARED ? [before.map(wordsIn), after.map(wordsIn)] : [[], []];
  const exchange = (i: number, j: number): number => {
    const [a = '', b = ''] = [before[i], after[j]];
    if (a === b) return 0;
    return roleOf(a) === roleOf(b) ? 2 * ONE_SIDED - 1 - Math.round(shared(wordsBefore[i], wordsAfter[j]) * (ONE_SIDED - 2)) : Infinity;
  };
  for (let i = before.length; i >= 0; i--) {
    for (let j = after.length; j >= 0; j--) {
      if (i === before.length && j === after.length) continue;
      const gone = i < before.length ? cell(i + 1, j) + ONE_SIDED : Infinity;
      const come = j < after.length ? cell(i, j + 1) + ONE_SIDED : Infinity;
      const both = i < before.length && j < after.length ? cell(i + 1, j + 1) + exchange(i, j) : Infinity;
      cost[i * width + j] = Math.min(gone, come, both);
    }
  }
  return {
    step: (i, j) => {
      if (i === before.length) return 'after';
      if (j === after.length) return 'before';
      if (cell(i, j) === cell(i + 1, j + 1) + exchange(i, j)) return 'both';
      return cell(i, j) === cell(i + 1, j) + ONE_SIDED ? 'before' : 'after';
    },
  };
}

function wordsIn(key: string): ReadonlySet<string> {
  return new Set(key.slice(0, 4000).match(/[\p{L}\p{N}]+/gu));
}

/** The share of the words that two messages have in common, 0 to 1. */
function shared(a: ReadonlySet<string> = new Set(), b: ReadonlySet<string> = new Set()): number {
  return a.intersection(b).size / Math.max(1, a.size, b.size);
}

function keyOf(message: Message): string {
  return `${message.role} ${canonicalJson(message)}`;
}

function roleOf(key: string): string {
  return key.slice(0, key.indexOf(' '));
}
