import type { Offset } from '../utf16-offsets.ts';
import type { AlignedText } from './aligned-text.ts';
import { byteOf, type Surface } from './token-surface.ts';

/** Where a part of a piece comes from; counted in bytes of a byte-level piece, else in code units. */
type Place = (start: number, end: number) => Offset;

/**
 * Finds the pieces that a pre-tokenizer has made in the text that it got. What lies between two pieces has been taken away (white
 * space, mostly); a space that one begins with may have been put there.
 * @returns `undefined` when a piece is not found.
 */
export function alignedPieces(
  part: AlignedText,
  pieces: readonly string[],
  surface: Surface,
): readonly (readonly [piece: string, place: Place])[] | undefined {
  const { byteLevel } = surface;
  const space = byteLevel ? undefined : surface.space;
  const found: [string, Place][] = [];
  let done = 0;
  for (const piece of pieces) {
    const text = byteLevel ? bytesText(piece) : piece;
    if (text === undefined) return undefined;
    let invented = 0;
    let start = placeIn(part.text, text, done, space);
    if ((text.startsWith(' ') || (space !== undefined && text.startsWith(space))) && start !== done) {
      // Only a space that is not in the text has been put there.
      const without = placeIn(part.text, text.slice(1), done, space);
      if (without >= 0 && (start < 0 || without < start)) [start, invented] = [without, 1];
    }
    if (start < 0) return undefined;
    done = start + text.length - invented;
    found.push([piece, placeOf(part.slice(start, done), text, invented, surface)]);
  }
  return found;
}

/** Where a piece stands at `from` or behind; the sign that stands for spaces may have been one, or itself. */
function placeIn(text: string, piece: string, from: number, space: string | undefined): number {
  if (space === undefined || !piece.includes(space)) return text.indexOf(piece, from);
  for (let at = from; at + piece.length <= text.length; at++) {
    let length = 0;
    while (length < piece.length && (piece[length] === text[at + length] || (piece[length] === space && text[at + length] === ' ')))
      length++;
    if (length === piece.length) return at;
  }
  return -1;
}

/** The text that a byte-level piece has been made of. */
function bytesText(piece: string): string | undefined {
  const bytes = Array.from(piece, byteOf);
  if (bytes.some((byte) => byte === undefined)) return undefined;
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes, (byte) => byte ?? 0));
}

function placeOf(slice: AlignedText, text: string, invented: number, { byteLevel }: Surface): Place {
  if (!byteLevel) return (start, end) => slice.origin(Math.max(0, start - invented), Math.max(0, end - invented));
  // For every byte the code units of its character.
  const starts: number[] = [];
  const ends: number[] = [];
  let unit = -invented;
  for (const char of text) {
    const bytes = Buffer.byteLength(char);
    for (let byte = 0; byte < bytes; byte++) {
      starts.push(Math.max(0, unit));
      ends.push(Math.max(0, unit + char.length));
    }
    unit += char.length;
  }
  return (start, end) => slice.origin(starts[start] ?? slice.text.length, end > start ? (ends[end - 1] ?? 0) : (starts[start] ?? 0));
}
