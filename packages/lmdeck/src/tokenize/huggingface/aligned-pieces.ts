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
  const found: [string, Place][] = [];
  let done = 0;
  for (const piece of pieces) {
    const text = part.text.startsWith(piece, done) && !surface.byteLevel ? piece : pieceText(piece, surface);
    if (text === undefined) return undefined;
    let invented = 0;
    let start = part.text.indexOf(text, done);
    if (text.startsWith(' ') && start !== done) {
      // Only a space that is not in the text has been put there.
      const without = part.text.indexOf(text.slice(1), done);
      if (without >= 0 && (start < 0 || without < start)) [start, invented] = [without, 1];
    }
    if (start < 0) return undefined;
    done = start + text.length - invented;
    found.push([piece, placeOf(part.slice(start, done), text, invented, surface)]);
  }
  return found;
}

/** The text that a piece has been made of. */
function pieceText(piece: string, { byteLevel, space }: Surface): string | undefined {
  if (!byteLevel) return space === undefined ? piece : piece.replaceAll(space, ' ');
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
