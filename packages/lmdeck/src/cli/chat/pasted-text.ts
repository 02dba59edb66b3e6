const START = '\u001B[200~';
const END = '\u001B[201~';

/** Stands for a line break in a line that is being edited: a visible sign, and one that nobody types. */
const BREAK = '⏎\u200B';

/** Asks the terminal to mark what is pasted (`on`), or not to any more. */
export const BRACKETED_PASTE = { on: '\u001B[?2004h', off: '\u001B[?2004l' } as const;

/** A text of several lines as a line that can be edited. */
export function toEditable(text: string): string {
  return text.replaceAll(/\r\n?|\n/g, BREAK);
}

/** What an edited line stands for. */
export function fromEditable(line: string): string {
  return line.replaceAll(BREAK, '\n');
}

/**
 * Takes the marks out of what a terminal sends, and makes pasted line breaks editable, so that a paste does not send its
 * first line. Input can be split anywhere.
 */
export class PasteFilter {
  #pasting = false;
  #held = '';

  push(input: string): string {
    let text = this.#held + input;
    let out = '';
    for (;;) {
      const mark = this.#pasting ? END : START;
      const at = text.indexOf(mark);
      if (at === -1) break;
      out += this.#shown(text.slice(0, at));
      text = text.slice(at + mark.length);
      this.#pasting = !this.#pasting;
    }
    const held = this.#heldLength(text);
    this.#held = text.slice(text.length - held);
    return out + this.#shown(text.slice(0, text.length - held));
  }

  #shown(text: string): string {
    return this.#pasting ? toEditable(text) : text;
  }

  /** How many characters at the end may be the beginning of a mark. An Escape that is typed must not wait for more. */
  #heldLength(text: string): number {
    const mark = this.#pasting ? END : START;
    for (let length = Math.min(mark.length - 1, text.length); length >= (this.#pasting ? 1 : 2); length--) {
      if (text.endsWith(mark.slice(0, length))) return length;
    }
    // A CR that ends a chunk may be half of a CRLF.
    return this.#pasting && text.endsWith('\r') ? 1 : 0;
  }
}
