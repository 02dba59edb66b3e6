import { tokenPattern, type TokenPattern } from './token-pattern.ts';

/** Where a token stands in a text, in UTF-8 bytes. A token before the text (BOS) has -1 everywhere. */
export interface Span {
  readonly start: number;
  /** Where it ends at the latest. */
  readonly end: number;
  /** Where it ends at the earliest: before `end` when it is a piece of a character and nothing tells how many bytes of it. */
  readonly earliestEnd: number;
}

/** What a server says of its tokens. */
export interface TokenTexts {
  /** What each says; `undefined` for a first one that the server keeps to itself. */
  readonly texts: readonly (string | undefined)[];
  /** Where each token begins, in the server's own unit; absent or wrong ones are done without. */
  readonly offsets?: readonly number[] | undefined;
}

/** More special tokens than that no tokenizer puts before a text. */
const MOST_BEFORE = 2;
/** So many places are tried; text that repeats itself while its tokens say nothing can have more, and is given up. */
const MOST_STEPS = 2_000_000;
const NOWHERE: Span = { start: -1, end: -1, earliestEnd: -1 };

/** The places where each token can begin, and at last the end of the text. */
type Layers = readonly (readonly number[])[];
/** True when token `index` may begin at byte `at`. */
type Constraint = (index: number, at: number) => boolean;

/**
 * Finds the place of every token in the text that they came from, and proves it: each byte of the text belongs to a token that says the
 * same.
 *
 * Servers put down tokens in many ways, all of which are known here: offsets in UTF-16 code units, code points or bytes, counted from the
 * text or from a BOS before it; no offsets or useless ones; a token without the space it begins with (SentencePiece); pieces of characters
 * as `bytes:\xe2\x80`, `<0xE2>`, U+FFFD or nothing at all.
 *
 * @param bosAllowed false when the tokens have to begin with the text.
 * @returns `undefined` when the tokens are not that text.
 */
export function alignTokens(text: string, { texts, offsets }: TokenTexts, bosAllowed = true): readonly Span[] | undefined {
  const plain = joined(text, texts, bosAllowed);
  if (plain !== undefined) return plain;
  const bytes = Buffer.from(text);
  const patterns = texts.map((each, i) => (each === undefined && i === 0 ? undefined : tokenPattern(each ?? '')));
  const most = bosAllowed ? MOST_BEFORE : 0;
  const found = offsetConstraints(text, bytes, offsets, texts.length).flatMap(
    (constraint) => aligned(bytes, patterns, most, constraint) ?? [],
  );
  const [spans = aligned(bytes, patterns, most, undefined)?.[0], ...others] = found;
  return spans?.map((span, i) => others.reduce((all, each) => together(all, each[i] ?? span), span));
}

/** The frequent case, a hundred times quicker: the tokens, with a BOS or an unknown one before them, say the text letter by letter. */
function joined(text: string, texts: readonly (string | undefined)[], bosAllowed: boolean): readonly Span[] | undefined {
  const [first] = texts;
  const rest = texts.slice(1);
  const isText = first !== undefined && (!bosAllowed || text.startsWith(first));
  let at = isText ? 0 : first === undefined ? text.length - rest.reduce((sum, each = '') => sum + each.length, 0) : 0;
  if (at < 0 || (at === 0 && !isText && !bosAllowed)) return undefined;
  const isAscii = Buffer.byteLength(text) === text.length;
  let start = Buffer.byteLength(text.slice(0, at));
  const spans: Span[] = isText ? [] : [at === 0 ? NOWHERE : { start: 0, end: start, earliestEnd: start }];
  for (const token of isText ? texts : rest) {
    if (token === undefined || token === '' || !text.startsWith(token, at) || token.includes('\uFFFD')) return undefined;
    at += token.length;
    const end = start + (isAscii ? token.length : Buffer.byteLength(token));
    spans.push({ start, end, earliestEnd: end });
    start = end;
  }
  return at === text.length && texts.length > 0 ? spans : undefined;
}

/** The spans, in a list of one; `undefined` when there is no way to lay the tokens over the text. */
function aligned(
  bytes: Buffer,
  patterns: readonly (TokenPattern | undefined)[],
  mostBefore: number,
  constraint: ((before: number) => Constraint) | undefined,
): readonly (readonly Span[])[] | undefined {
  for (let before = 0; before <= mostBefore && before < patterns.length; before++) {
    const layers = layersOf(bytes, patterns.slice(before), constraint?.(before));
    if (layers === undefined) continue;
    const spans = layers.slice(0, -1).map((starts, i): Span => {
      const ends = layers[i + 1] ?? [];
      return { start: Math.min(...starts), end: Math.max(...ends), earliestEnd: Math.min(...ends) };
    });
    // An unknown first token that has nothing of the text is a BOS.
    const [first, ...rest] = spans;
    const isBos = patterns[before] === undefined && first?.end === 0;
    return [[...Array.from({ length: before }, () => NOWHERE), ...(first === undefined ? [] : [isBos ? NOWHERE : first]), ...rest]];
  }
  return undefined;
}

/** Where the tokens can stand one after the other so that they make up the whole text: forward to all places, backward to those that lead to the end. */
function layersOf(bytes: Buffer, patterns: readonly (TokenPattern | undefined)[], constraint: Constraint | undefined): Layers | undefined {
  const reached: (readonly number[])[] = [[0]];
  let steps = 0;
  for (const [i, pattern] of patterns.entries()) {
    const ends = new Set<number>();
    for (const at of reached[i] ?? []) {
      for (const end of pattern === undefined ? boundaries(bytes) : pattern.ends(bytes, at)) {
        if (++steps > MOST_STEPS) return undefined;
        if (i + 1 === patterns.length ? end === bytes.length : (constraint?.(i + 1, end) ?? true)) ends.add(end);
      }
    }
    if (ends.size === 0) return undefined;
    reached.push([...ends]);
  }
  for (let i = patterns.length - 1; i >= 0; i--) {
    const pattern = patterns[i];
    const alive = new Set(reached[i + 1]);
    if (pattern !== undefined) reached[i] = (reached[i] ?? []).filter((at) => pattern.ends(bytes, at).some((end) => alive.has(end)));
  }
  return patterns.length === 0 ? undefined : reached;
}

function boundaries(bytes: Buffer): readonly number[] {
  const places: number[] = [];
  for (let at = 0; at <= bytes.length; at++) if (characterStart(bytes, at) === at) places.push(at);
  return places;
}

/** What the server's offsets can mean, in each unit that they can be in. */
function offsetConstraints(
  text: string,
  bytes: Buffer,
  offsets: readonly number[] | undefined,
  count: number,
): readonly ((before: number) => Constraint)[] {
  if (offsets === undefined || offsets.length !== count || !offsets.every((each, i) => each >= (offsets[i - 1] ?? 0))) return [];
  const relative = (before: number, index: number): number => (offsets[before + index] ?? 0) - (offsets[before] ?? 0);
  const bytewise =
    (before: number): Constraint =>
    (index, at) =>
      at === relative(before, index);
  // ASCII text: all units are one.
  if (bytes.length === text.length) return [bytewise];
  const utf16: number[] = [];
  const codePoints: number[] = [];
  let place = 0;
  for (const character of text) {
    codePoints.push(place);
    for (let i = 0; i < character.length; i++) utf16.push(place);
    place += Buffer.byteLength(character);
  }
  // An offset in characters is that of the character which the token begins in.
  const within =
    (places: readonly number[]) =>
    (before: number): Constraint =>
    (index, at) =>
      characterStart(bytes, at) === (places[relative(before, index)] ?? bytes.length);
  return [within(codePoints), within(utf16), bytewise];
}

/** Where lost characters fit offsets in more than one unit, all that they can mean. */
function together(one: Span, other: Span): Span {
  return {
    start: Math.min(one.start, other.start),
    end: Math.max(one.end, other.end),
    earliestEnd: Math.min(one.earliestEnd, other.earliestEnd),
  };
}

/** The first byte of the character that has this byte. */
export function characterStart(bytes: Buffer, at: number): number {
  let start = at;
  while (start > 0 && start < bytes.length && ((bytes[start] ?? 0) & 0xc0) === 0x80) start--;
  return start;
}
