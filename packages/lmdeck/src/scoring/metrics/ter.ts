import { pythonSplit } from '../../python/index.ts';
import { BeamEditDistance, DELETION, INSERTION, NOTHING } from './beam-edit-distance.ts';
import { corpusAggregation, corpusScore, type CorpusDocument, type CorpusMetric } from './corpus-aggregation.ts';

/** Tercom's limits: words per shift, places that a shift may go. */
const MAX_SHIFT_SIZE = 10;
const MAX_SHIFT_DISTANCE = 50;
/** How many shifts are tried for one pair of texts. */
const MAX_CANDIDATES = 1000;

/**
 * Corpus TER, 0 and up (100: as many edits as reference words), as sacrebleu 2.6 with its defaults: Tercom's shifts and beam, lower case, no
 * normalisation. `references` are those of one answer; the fewest edits count, and the mean of the lengths.
 */
export function ter(corpus: Iterable<CorpusDocument>): number {
  return corpusScore(terMetric, corpus);
}

/** Edits, and words of the reference. */
const terMetric: CorpusMetric = { name: 'ter', width: 2, statistics: terStatistics, score: terScore };

/** {@link ter} over the documents of a task. */
export const terAggregation = corpusAggregation(terMetric);

function terStatistics(answer: string, references: readonly string[]): readonly number[] {
  const words = pythonSplit(answer.toLowerCase());
  let fewest = Infinity;
  let length = 0;
  for (const reference of references) {
    const wanted = pythonSplit(reference.toLowerCase());
    fewest = Math.min(fewest, editsTo(words, wanted));
    length += wanted.length;
  }
  return [fewest, length / references.length];
}

function terScore([edits = 0, words = 0]: Float64Array): number {
  if (words > 0) return 100 * (edits / words);
  return edits > 0 ? 100 : 0;
}

/** Edits and shifts from the words to the reference: greedily the shift that saves the most edits, until none does. */
function editsTo(words: readonly string[], reference: readonly string[]): number {
  if (reference.length === 0) return words.length;
  const distances = new BeamEditDistance(reference);
  let current = words;
  let shifts = 0;
  let candidates = 0;
  for (;;) {
    const best = bestShift(current, reference, distances, candidates);
    candidates = best.candidates;
    if (candidates >= MAX_CANDIDATES || best.saved <= 0) break;
    shifts += 1;
    current = best.words;
  }
  return shifts + distances.distance(current).cost;
}

/** A shift that was tried. Of two the better one saves more edits, is longer, starts earlier, goes to an earlier place. */
interface Shift {
  readonly saved: number;
  readonly length: number;
  readonly start: number;
  readonly target: number;
  readonly words: readonly string[];
}

function bestShift(
  words: readonly string[],
  reference: readonly string[],
  distances: BeamEditDistance,
  tried: number,
): { readonly saved: number; readonly words: readonly string[]; readonly candidates: number } {
  const { cost, trace } = distances.distance(words);
  const { places, referenceErrors, wordErrors } = alignmentOf(trace);
  let best: Shift | undefined;
  let candidates = tried;
  for (const [start, referenceStart, length] of matchingRuns(words, reference)) {
    // Only what is wrong where it stands, and missing where it would go.
    if (!anyTrue(wordErrors, start, length) || !anyTrue(referenceErrors, referenceStart, length)) continue;
    const place = places[referenceStart] ?? 0;
    if (start <= place && place < start + length) continue;
    let before = -1;
    for (let offset = -1; offset < length; offset++) {
      const aligned = places[referenceStart + offset];
      if (referenceStart + offset !== -1 && aligned === undefined) break;
      const target = aligned === undefined ? 0 : aligned + 1;
      if (target === before) continue;
      before = target;
      const shifted = shift(words, start, length, target);
      const candidate = { saved: cost - distances.distance(shifted).cost, length, start, target, words: shifted };
      candidates += 1;
      if (best === undefined || isBetter(candidate, best)) best = candidate;
    }
    if (candidates >= MAX_CANDIDATES) break;
  }
  return { saved: best?.saved ?? 0, words: best?.words ?? words, candidates };
}

function isBetter(a: Shift, b: Shift): boolean {
  return (a.saved - b.saved || a.length - b.length || b.start - a.start || b.target - a.target) > 0;
}

/** The words with `length` of them from `start` moved to before `target`. */
function shift(words: readonly string[], start: number, length: number, target: number): string[] {
  const moved = words.slice(start, start + length);
  if (target < start) return [...words.slice(0, target), ...moved, ...words.slice(target, start), ...words.slice(start + length)];
  // A target within the moved words means as many places further on.
  const end = target > start + length ? target : length + target;
  return [...words.slice(0, start), ...words.slice(start + length, end), ...moved, ...words.slice(end)];
}

/** Runs of equal words in both texts, every length of each, at different places. */
function* matchingRuns(words: readonly string[], reference: readonly string[]): Generator<readonly [number, number, number]> {
  for (let start = 0; start < words.length; start++) {
    const from = Math.max(0, start - MAX_SHIFT_DISTANCE);
    const to = Math.min(reference.length, start + MAX_SHIFT_DISTANCE + 1);
    for (let referenceStart = from; referenceStart < to; referenceStart++) {
      for (let length = 0; length < MAX_SHIFT_SIZE && words[start + length] === reference[referenceStart + length];) {
        length += 1;
        yield [start, referenceStart, length];
        if (start + length === words.length || referenceStart + length === reference.length) break;
      }
    }
  }
}

/** For each word of the reference the place before or at which it stands among the words, and which words of both are wrong. */
function alignmentOf(trace: readonly number[]): {
  readonly places: readonly number[];
  readonly referenceErrors: readonly boolean[];
  readonly wordErrors: readonly boolean[];
} {
  const places: number[] = [];
  const referenceErrors: boolean[] = [];
  const wordErrors: boolean[] = [];
  for (const edit of trace) {
    const wrong = edit !== NOTHING;
    // A deletion takes a word away, an insertion adds one of the reference.
    if (edit !== INSERTION) wordErrors.push(wrong);
    if (edit === DELETION) continue;
    places.push(wordErrors.length - 1);
    referenceErrors.push(wrong);
  }
  return { places, referenceErrors, wordErrors };
}

function anyTrue(values: readonly boolean[], start: number, length: number): boolean {
  return values.slice(start, start + length).includes(true);
}
