import { STYLE } from './ansi.ts';

const ASCII = /^[ -~]*$/;
const ZERO = /^[\p{Mark}\p{Default_Ignorable_Code_Point}\p{Control}]/u;
const EMOJI = /^\p{Emoji_Presentation}|\uFE0F/u;

let segmenter: Intl.Segmenter | undefined;

/** How many columns a text takes on a terminal, styles aside. */
export function visibleWidth(styled: string): number {
  const text = styled.includes('\u001B') ? styled.replaceAll(STYLE, '') : styled;
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const grapheme of graphemes(text)) width += graphemeWidth(grapheme);
  return width;
}

/** A text in pieces that a terminal shows as one character each. */
export function graphemes(text: string): string[] {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), (each) => each.segment);
}

/** 0, 1 or 2 columns. */
export function graphemeWidth(grapheme: string): number {
  if (ZERO.test(grapheme)) return 0;
  return EMOJI.test(grapheme) || isWide(grapheme.codePointAt(0) ?? 0) ? 2 : 1;
}

/** East Asian wide and full-width characters (Unicode Standard Annex 11), by block. */
function isWide(code: number): boolean {
  return (
    code >= 0x1100 &&
    (code <= 0x115f ||
      (code >= 0x2e80 && code <= 0x303e) ||
      (code >= 0x3041 && code <= 0xa4cf) ||
      (code >= 0xac00 && code <= 0xd7a3) ||
      (code >= 0xf900 && code <= 0xfaff) ||
      (code >= 0xfe30 && code <= 0xfe6f) ||
      (code >= 0xff00 && code <= 0xff60) ||
      (code >= 0xffe0 && code <= 0xffe6) ||
      (code >= 0x20000 && code <= 0x3fffd))
  );
}
