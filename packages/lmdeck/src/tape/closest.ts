import { type ModelRequest, promptText } from '../core/index.ts';
import { asNumber, type Database } from './database.ts';
import { Levenshtein } from './levenshtein.ts';
import type { MessageStore } from './message-store.ts';

/** Below this similarity two prompts have nothing to say about each other. */
const LEAST_SCORE = 0.5;
/** How many different prompts are compared, the newest first: what keeps the memory bounded on a tape of millions. */
const MOST_PROMPTS = 20_000;

const UNIT_BUCKETS = 128;
const PAIR_BUCKETS = 1024;

interface Candidate {
  readonly seq: number;
  readonly text: string;
  /** No less than the similarity can be. */
  bound: number;
}

/**
 * The recorded prompt most like another one. Similarity is 1 − Levenshtein distance ÷ length of the longer text, over
 * {@link promptText} of both, in UTF-16 code units. Exact: bounds only decide which pairs need not be measured.
 */
export class ClosestPrompt {
  readonly #database: Database;
  readonly #messages: MessageStore;

  constructor(database: Database, messages: MessageStore) {
    this.#database = database;
    this.#messages = messages;
  }

  find(request: ModelRequest): { readonly seq: number; readonly score: number } | undefined {
    const text = promptText(request.messages);
    const units = new Int32Array(UNIT_BUCKETS);
    const pairs = new Int32Array(PAIR_BUCKETS);
    const candidates = this.#candidates(text, countUnits(text, units));
    countPairs(text, pairs);
    const levenshtein = new Levenshtein(text);
    let best: Candidate | undefined;
    let score = LEAST_SCORE;
    for (const candidate of candidates) {
      if (candidate.bound < score || (best !== undefined && candidate.bound === score)) break;
      const length = Math.max(text.length, candidate.text.length);
      if (1 - pairDistance(pairs, candidate.text) / length < score) continue;
      const distance = levenshtein.distance(candidate.text, Math.floor((1 - score) * length + 1e-9));
      const similarity = length === 0 ? 1 : 1 - distance / length;
      if (similarity < score || (best !== undefined && similarity === score)) continue;
      best = candidate;
      score = similarity;
      if (score === 1) break;
    }
    return best === undefined ? undefined : { seq: best.seq, score };
  }

  /** The recorded prompts that can reach the least score, the most promising first, of equal ones the newest. */
  #candidates(text: string, units: Int32Array): Candidate[] {
    const rows = this.#database
      .arrays(`SELECT max(seq), prompt FROM calls WHERE prompt IS NOT NULL GROUP BY prompt ORDER BY max(seq) DESC LIMIT ${MOST_PROMPTS}`)
      .all();
    const candidates: Candidate[] = [];
    const counts = new Int32Array(UNIT_BUCKETS);
    for (const row of rows) {
      const other = promptText(this.#messages.history(asNumber(row[1])));
      const length = Math.max(text.length, other.length);
      if (Math.min(text.length, other.length) < LEAST_SCORE * length) continue;
      const bound = length === 0 ? 1 : 1 - imbalance(units, countUnits(other, counts)) / length;
      if (bound >= LEAST_SCORE) candidates.push({ seq: asNumber(row[0]) ?? 0, text: other, bound });
    }
    return candidates.sort((a, b) => b.bound - a.bound || b.seq - a.seq);
  }
}

/** How often each code unit (folded into buckets) occurs. */
function countUnits(text: string, counts: Int32Array): Int32Array {
  counts.fill(0);
  for (let i = 0; i < text.length; i++) {
    const bucket = text.charCodeAt(i) & (UNIT_BUCKETS - 1);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return counts;
}

function countPairs(text: string, counts: Int32Array): Int32Array {
  counts.fill(0);
  for (let i = 1, before = text.charCodeAt(0); i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const bucket = (Math.imul(before, 31) ^ Math.imul(unit, 7)) & (PAIR_BUCKETS - 1);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
    before = unit;
  }
  return counts;
}

const otherPairs = new Int32Array(PAIR_BUCKETS);

/** A lower bound of the distance: one edit changes at most two neighbouring pairs. */
function pairDistance(pairs: Int32Array, text: string): number {
  return Math.ceil(imbalance(pairs, countPairs(text, otherPairs)) / 2);
}

/** A lower bound of the distance: every edit adds, takes or exchanges one. */
function imbalance(a: Int32Array, b: Int32Array): number {
  let more = 0;
  let less = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference > 0) more += difference;
    else less -= difference;
  }
  return Math.max(more, less);
}
