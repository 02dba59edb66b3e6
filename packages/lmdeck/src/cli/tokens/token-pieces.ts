import type { LocalTokenizer, TokenIds, Tokenizer } from '../../core/index.ts';

/** What each token stands for; what is only a part of a character is U+FFFD. */
export async function tokenPieces(tokenizer: Tokenizer, ids: TokenIds): Promise<readonly string[]> {
  if (isLocal(tokenizer)) {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    return ids.map((id) => decoder.decode(tokenizer.bytes(id)));
  }
  const pieces: string[] = [];
  for (const id of ids) pieces.push(await tokenizer.decode([id]));
  return pieces;
}

const ESC = '\u001B';
/** Backgrounds that can be told apart from each other and read on. */
const COLOURS = [194, 225, 195, 230, 224];

/** Pieces side by side, each on a background of its own; line breaks are shown and made. */
export function colouredPieces(pieces: readonly string[]): string {
  return pieces
    .map((piece, index) => {
      const shown = piece
        .replaceAll('\r', '␍')
        .replaceAll('\t', '␉')
        // eslint-disable-next-line no-control-regex -- control characters must not steer the terminal
        .replaceAll(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/g, '␀');
      const colour = `${ESC}[30;48;5;${COLOURS[index % COLOURS.length]}m`;
      // A background that is still on at a line break colours the rest of the line.
      return shown
        .split('\n')
        .map((line, at, lines) => {
          const text = at < lines.length - 1 ? `${line}␊` : line;
          return text === '' ? '' : `${colour}${text}${ESC}[0m`;
        })
        .join('\n');
    })
    .join('');
}

function isLocal(tokenizer: Tokenizer): tokenizer is LocalTokenizer {
  return 'bytes' in tokenizer;
}
