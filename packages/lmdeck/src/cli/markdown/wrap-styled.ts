import { STYLE } from './ansi.ts';
import { graphemes, graphemeWidth, visibleWidth } from './visible-width.ts';

/** Breaks a styled text into lines of at most `width` columns, at spaces where there are any. Line feeds in it stay breaks. */
export function wrapStyled(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => wrapLine(line, Math.max(1, width)));
}

function wrapLine(line: string, width: number): string[] {
  if (visibleWidth(line) <= width) return [line];
  const lines: string[] = [];
  let current = '';
  let used = 0;
  for (const word of line.split(' ')) {
    const wide = visibleWidth(word);
    if (current !== '' && used + 1 + wide <= width) {
      current += ` ${word}`;
      used += 1 + wide;
      continue;
    }
    if (current !== '') lines.push(current);
    const pieces = wide <= width ? [word] : chop(word, width);
    lines.push(...pieces.slice(0, -1));
    current = pieces.at(-1) ?? '';
    used = visibleWidth(current);
  }
  lines.push(current);
  return lines;
}

/** A word that is longer than a line, in pieces that are not. Styles take no room. */
function chop(word: string, width: number): string[] {
  const pieces: string[] = [];
  let piece = '';
  let used = 0;
  for (const unit of units(word)) {
    const wide = unit.startsWith('\u001B') ? 0 : graphemeWidth(unit);
    if (used + wide > width && piece !== '') {
      pieces.push(piece);
      piece = '';
      used = 0;
    }
    piece += unit;
    used += wide;
  }
  pieces.push(piece);
  return pieces;
}

function units(word: string): string[] {
  const result: string[] = [];
  let at = 0;
  for (const match of word.matchAll(STYLE)) {
    result.push(...graphemes(word.slice(at, match.index)), match[0]);
    at = match.index + match[0].length;
  }
  return [...result, ...graphemes(word.slice(at))];
}
