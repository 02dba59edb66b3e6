import { graphemes, graphemeWidth } from '../markdown/visible-width.ts';

// eslint-disable-next-line no-control-regex -- it reads escape sequences
const TOKEN = /\u001B\[(\d*)([A-Za-z])|\n|\r|[^\u001B\n\r]+/g;

/** A terminal with just what the renderer uses: line feed, carriage return, cursor up and right, erase below, styles. */
export class VirtualScreen {
  readonly columns: number;
  readonly rows: number;
  written = '';
  readonly #lines: string[][] = [[]];
  #row = 0;
  #column = 0;

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
  }

  write(text: string): void {
    this.written += text;
    for (const [token, count, command] of text.matchAll(TOKEN)) {
      if (token === '\n') this.#lineFeed();
      else if (token === '\r') this.#column = 0;
      else if (command === undefined) for (const grapheme of graphemes(token)) this.#put(grapheme);
      else this.#control(command, Number(count === '' ? '1' : count));
    }
  }

  /** Everything, the scroll-back included, without styles and trailing spaces. */
  text(): string[] {
    const lines = this.#lines.map((cells) => cells.join('').trimEnd());
    while (lines.at(-1) === '') lines.pop();
    return lines;
  }

  #lineFeed(): void {
    this.#row++;
    this.#column = 0;
    this.#lines[this.#row] ??= [];
  }

  #put(grapheme: string): void {
    const width = graphemeWidth(grapheme);
    if (this.#column + width > this.columns) this.#lineFeed();
    const line = this.#lines[this.#row] ?? [];
    while (line.length < this.#column) line.push(' ');
    line[this.#column] = grapheme;
    if (width === 2) line[this.#column + 1] = '';
    this.#column += width;
  }

  #control(command: string, count: number): void {
    // What has scrolled off the screen is out of the cursor's reach.
    if (command === 'A') this.#row = Math.max(this.#row - count, this.#lines.length - this.rows, 0);
    else if (command === 'C') this.#column = Math.min(this.#column + count, this.columns - 1);
    else if (command === 'J') {
      this.#lines.length = this.#row + 1;
      this.#lines[this.#row]?.splice(this.#column);
    } else if (command !== 'm') throw new Error(`unknown control sequence ${command}`);
  }
}
