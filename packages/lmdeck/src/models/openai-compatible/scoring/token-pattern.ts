/** What a token says of itself, to be found in the bytes of a text. */
export interface TokenPattern {
  /** Where it can end when it begins at `at`; empty when it does not stand there. */
  ends(bytes: Buffer, at: number): readonly number[];
}

const REPLACEMENT = '\uFFFD';
const SPACE = 0x20;
/** Decoders put one U+FFFD for at most so many bytes: a character of four without its last. */
const MOST_LOST = 3;
/** A token that says nothing is a piece of one character, or counted to the token that ends it. */
const MOST_SILENT = 4;

/** Reads a token in the ways in which servers write them down. */
export function tokenPattern(token: string): TokenPattern {
  const exact = exactForms(token);
  const parts = token.split(/(\uFFFD+)/).map((part) => (part.startsWith(REPLACEMENT) ? part.length : Buffer.from(part)));
  const isLossy = token.includes(REPLACEMENT);
  return {
    ends: (bytes, at) => {
      for (const form of exact) {
        const end = endOf(bytes, at, form);
        if (end !== undefined && !isLossy) return [end];
        if (end !== undefined) return [...new Set([end, ...lossyEnds(bytes, at, parts)])];
      }
      if (token === '') return silentEnds(bytes, at);
      return isLossy ? lossyEnds(bytes, at, parts) : [];
    },
  };
}

function exactForms(token: string): readonly Buffer[] {
  if (token === '') return [];
  const forms: Buffer[] = [Buffer.from(token)];
  if (token.startsWith('bytes:') && token.includes('\\x')) forms.push(escapedBytes(token.slice('bytes:'.length)));
  const hex = /^<0x([0-9A-Fa-f]{2})>$/.exec(token)?.[1];
  if (hex !== undefined) forms.push(Buffer.from(hex, 'hex'));
  if (token.includes('▁')) forms.push(Buffer.from(token.replaceAll('▁', ' ')));
  return forms;
}

function escapedBytes(text: string): Buffer {
  return Buffer.concat(
    text.split(/(\\x[0-9A-Fa-f]{2})/).map((part, i) => (i % 2 === 1 ? Buffer.from(part.slice(2), 'hex') : Buffer.from(part))),
  );
}

function endOf(bytes: Buffer, at: number, form: Buffer): number | undefined {
  if (isAt(bytes, at, form)) return at + form.length;
  // SentencePiece decodes a token that begins a word without its space, and puts a space before the first word.
  if (bytes[at] === SPACE && isAt(bytes, at + 1, form)) return at + 1 + form.length;
  if (at === 0 && form[0] === SPACE && isAt(bytes, 0, form.subarray(1))) return form.length - 1;
  return undefined;
}

function isAt(bytes: Buffer, at: number, form: Buffer): boolean {
  return at + form.length <= bytes.length && bytes.compare(form, 0, form.length, at, at + form.length) === 0;
}

/** Bytes that were lost are parts of characters beyond ASCII; `parts` has how many U+FFFD there are for them. */
function lossyEnds(bytes: Buffer, at: number, parts: readonly (number | Buffer)[]): readonly number[] {
  let places = [at];
  for (const part of parts) {
    places =
      typeof part === 'number'
        ? [...new Set(places.flatMap((place) => beyondAscii(bytes, place, part, part * MOST_LOST)))]
        : places.filter((place) => isAt(bytes, place, part)).map((place) => place + part.length);
  }
  return places;
}

function silentEnds(bytes: Buffer, at: number): readonly number[] {
  return beyondAscii(bytes, at, 0, MOST_SILENT);
}

function beyondAscii(bytes: Buffer, at: number, least: number, most: number): number[] {
  const ends: number[] = least === 0 ? [at] : [];
  for (let length = 1; length <= most && (bytes[at + length - 1] ?? 0) >= 0x80; length++) if (length >= least) ends.push(at + length);
  return ends;
}
