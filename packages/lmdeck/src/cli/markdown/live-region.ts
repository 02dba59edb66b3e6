import { visibleWidth } from './visible-width.ts';

const ESC = '\u001B';
const JOINER = '\u200D';

/** A beginning that does not melt into the character before it, so that it can simply be appended on the screen. */
const STANDS_ALONE = /^[ -~\n\p{Script=Han}]/u;

/**
 * Lines at the bottom of a terminal that can still change. Only what differs is written again. Lines that no longer fit on
 * the screen are out of reach: they stay as they are.
 */
export class LiveRegion {
  /** The lines on the screen that can still be changed. */
  #lines: readonly string[] = [];
  /** How many lines of the current content have been given up to the scroll-back. */
  #gone = 0;

  /** What to write so that the region shows these lines. */
  update(content: readonly string[], columns: number, rows: number): string {
    const lines = content.slice(this.#gone);
    const text = this.#change(lines, columns);
    // One row is left for the cursor, so that the line on top does not scroll away while the last one grows.
    const room = Math.max(1, rows - 2);
    let first = lines.length;
    for (let height = 0; first > 0; first--) {
      height += rowsOf(lines[first - 1] ?? '', columns);
      if (height > room) break;
    }
    const keep = Math.min(first, Math.max(0, lines.length - 1));
    this.#gone += keep;
    this.#lines = lines.slice(keep);
    return text;
  }

  /** What to write so that these lines stand there for good, and the region begins below them. */
  commit(content: readonly string[], columns: number): string {
    const text = this.#change(content.slice(this.#gone), columns);
    this.#lines = [];
    this.#gone = 0;
    return content.length === 0 ? text : `${text}\n`;
  }

  #change(lines: readonly string[], columns: number): string {
    const before = this.#lines;
    let same = 0;
    while (same < before.length && same < lines.length && before[same] === lines[same]) same++;
    if (same === before.length && same === lines.length) return '';
    if (before.length === 0) return lines.join('\n');
    if (same === before.length) return `\n${lines.slice(same).join('\n')}`;
    if (same === before.length - 1) {
      const last = before.at(-1) ?? '';
      const added = lines[same]?.startsWith(last) === true ? lines.slice(same).join('\n').slice(last.length) : '';
      if (STANDS_ALONE.test(added) && !last.endsWith(JOINER)) return added;
    }
    const height = before.slice(same).reduce((sum, line) => sum + rowsOf(line, columns), 0);
    const up = height > 1 ? `${ESC}[${height - 1}A` : '';
    return `\r${up}${ESC}[J${lines.slice(same).join('\n')}${same === lines.length && same > 0 ? this.#toEndOf(lines[same - 1] ?? '', columns) : ''}`;
  }

  /** The content became shorter: the cursor goes back to the end of what is its last line now. */
  #toEndOf(line: string, columns: number): string {
    const column = visibleWidth(line) % columns;
    return `${ESC}[1A\r${column > 0 ? `${ESC}[${column}C` : ''}`;
  }
}

function rowsOf(line: string, columns: number): number {
  return Math.max(1, Math.ceil(visibleWidth(line) / columns));
}
