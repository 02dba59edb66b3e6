import type { ClosestOptions } from '../core/index.ts';
import { Similarity } from './similarity.ts';
import { TextProfiler, type TextProfile } from './text-profile.ts';

/** Below this similarity two prompts have nothing to say about each other. */
const CUTOFF = 0.5;
/** Steps of the kernel that a search may take: some seconds. */
const MOST_WORK = 1_200_000_000;
/** How many of the most promising are taken for very alike before they are compared. */
const LIKELY = 8;

/** A text that may be the closest one. */
export interface TextCandidate<T> {
  readonly item: T;
  /** Its units. Only looked at before the next candidate is asked for. */
  readonly profile: TextProfile;
}

/** What a search found. */
export interface ClosestTexts<T> {
  /** Best first; of equally good ones the one that came first. */
  readonly found: readonly { readonly item: T; readonly score: number }[];
  /** How many candidates there were. */
  readonly compared: number;
  /** False when the search was cut short: then a better one may have been passed over. */
  readonly complete: boolean;
}

interface Ranked<T> {
  readonly item: T;
  readonly order: number;
  /** No less than the similarity can be. */
  readonly bound: number;
}

/**
 * Those of many texts that are most like `text`. Exact: bounds decide in which order they are compared and which need not be, nothing
 * else. The memory is that of the candidates' names; of their texts only one is held at a time.
 *
 * @param textOf the text of a candidate; asked for when it is compared.
 * @param mostWork what the search may cost, in steps of the kernel; the most promising come first.
 */
export function closestTexts<T>(
  text: string,
  candidates: Iterable<TextCandidate<T>>,
  textOf: (item: T) => string,
  { similarity: kind = 'levenshtein', cutoff = CUTOFF, limit = 1 }: ClosestOptions = {},
  mostWork = MOST_WORK,
): ClosestTexts<T> {
  const similarity = new Similarity(text, kind);
  const profiler = new TextProfiler();
  const { ranked, compared } = rank(profiler.units(text), candidates, similarity, cutoff);
  const pairs = profiler.pairs(text);
  const otherPairs = profiler.pairs('');
  const best: { readonly item: T; readonly order: number; readonly score: number }[] = [];
  let least = cutoff;
  let measured = 0;
  for (const { item, order, bound } of ranked) {
    if (bound < least || limit <= 0) break;
    if (similarity.work > mostWork) return { found: best, compared, complete: false };
    const other = textOf(item);
    if (similarity.pairBound(pairs, profiler.pairs(other, otherPairs)) < least) continue;
    const score = similarity.score(other, least, measured++ < LIKELY);
    if (score === undefined) continue;
    const place = best.findIndex((each) => each.score < score || (each.score === score && each.order > order));
    best.splice(place === -1 ? best.length : place, 0, { item, order, score });
    if (best.length > limit) best.pop();
    if (best.length === limit) least = best.at(-1)?.score ?? least;
    // What is equal and comes later has no better place.
    if (least === 1 && best.length === limit) break;
  }
  return { found: best.map(({ item, score }) => ({ item, score })), compared, complete: true };
}

/** Those that can reach the cutoff, the most promising first, of equal ones the first. */
function rank<T>(units: TextProfile, candidates: Iterable<TextCandidate<T>>, similarity: Similarity, cutoff: number) {
  const ranked: Ranked<T>[] = [];
  let compared = 0;
  for (const { item, profile } of candidates) {
    const order = compared++;
    const { length } = profile;
    if (similarity.bound(length, Math.min(units.length, length)) < cutoff) continue;
    const bound = similarity.bound(length, units.common(profile));
    if (bound >= cutoff) ranked.push({ item, order, bound });
  }
  return { ranked: ranked.sort((a, b) => b.bound - a.bound || a.order - b.order), compared };
}
