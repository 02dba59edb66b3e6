import type { Offset } from '../utf16-offsets.ts';
import type { HubModel } from './hub-library.ts';
import { fallbackByte, surfaceText, type Surface } from './token-surface.ts';

/**
 * Which part of a piece each of its tokens covers, counted in bytes of a byte-level piece, else in code units.
 * @returns `undefined` when they do not cover it exactly.
 */
export function tokenRanges(piece: string, tokens: readonly string[], surface: Surface, model: HubModel): readonly Offset[] | undefined {
  const ranges: Offset[] = [];
  let at = 0;
  for (let index = 0; index < tokens.length;) {
    const token = tokens[index] ?? '';
    const char = charAt(piece, at);
    const bytes = Buffer.byteLength(char);
    const isInBytes = surface.byteFallback && !surface.byteLevel && fallbackByte(token) !== undefined;
    const end = at + (isInBytes ? char.length : lengthOf(piece, at, tokens, index, surface, model));
    // Each of the bytes that stand for a character has all of its place.
    for (let part = 0; part < (isInBytes ? bytes : 1); part++) ranges.push([at, end]);
    index += isInBytes ? bytes : 1;
    at = end;
  }
  return at === piece.length && ranges.length === tokens.length ? ranges : undefined;
}

function lengthOf(piece: string, at: number, tokens: readonly string[], index: number, surface: Surface, model: HubModel): number {
  const token = tokens[index] ?? '';
  if (!isUnknown(token, model)) return plain(token, surface).length;
  // Unknown text reaches to what the next token stands for, or to the end; it is one character at least.
  const next = tokens[index + 1];
  if (next === undefined) return piece.length - at;
  const first = charAt(piece, at).length;
  if (isUnknown(next, model)) return first;
  const end = piece.indexOf(plain(next, surface), at + first);
  return end < 0 ? first : end - at;
}

/** A token as it stands in a piece, where a space is still what stands for it. */
function plain(token: string, surface: Surface): string {
  return surfaceText(token, { ...surface, space: undefined });
}

function isUnknown(token: string, model: HubModel): boolean {
  return token === model.unk_token || !model.tokens_to_ids.has(token);
}

function charAt(text: string, at: number): string {
  const code = text.codePointAt(at);
  return code === undefined ? '' : String.fromCodePoint(code);
}
