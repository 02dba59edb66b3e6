import { lexer, type Token, type Tokens } from 'marked';

import { LiveRegion } from './live-region.ts';
import { codeHead, codeLine, renderBlocks } from './render-blocks.ts';

/** The terminal that is written to. */
export interface MarkdownScreen {
  write(text: string): void;
  readonly columns: number;
  readonly rows: number;
}

/** A running block is drawn again at most this often. */
const FRAME_MS = 33;

/**
 * Renders Markdown while it arrives. What is finished is written once; the block that still grows is shown live and drawn
 * again as it changes. Lines of an open code block are final as soon as they are complete, so code of any length flows by.
 */
export class MarkdownStream {
  readonly #screen: MarkdownScreen;
  readonly #frameMs: number;
  readonly #live = new LiveRegion();
  /** The source of the running block. */
  #source = '';
  /** The fence that the running code block was opened with. */
  #fence: string | undefined;
  #anything = false;
  #drawnAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(screen: MarkdownScreen, options: { readonly frameMs?: number } = {}) {
    this.#screen = screen;
    this.#frameMs = options.frameMs ?? FRAME_MS;
  }

  push(text: string): void {
    this.#source += text;
    const wait = this.#drawnAt + this.#frameMs - performance.now();
    if (wait <= 0) this.#draw();
    else this.#timer ??= setTimeout(() => this.#draw(), wait);
  }

  /** Nothing more comes. The output ends with a line feed. */
  end(): void {
    this.#stopTimer();
    if (this.#fence !== undefined) this.#code(true);
    this.#commit(lexer(this.#source));
    this.#source = '';
  }

  #draw(): void {
    this.#stopTimer();
    this.#drawnAt = performance.now();
    if (this.#fence !== undefined && !this.#code(false)) return;
    // An incomplete line can still turn out to be anything: only complete lines settle where a block ends.
    const complete = this.#source.lastIndexOf('\n') + 1;
    const tokens = lexer(this.#source.slice(0, complete));
    const running = Math.max(
      0,
      tokens.findLastIndex((token) => token.type !== 'space'),
    );
    this.#commit(tokens.slice(0, running));
    const rest = tokens.slice(running);
    this.#source = rest.map((token) => token.raw).join('') + this.#source.slice(complete);
    const opening = rest[0] === undefined ? undefined : openFence(rest[0]);
    if (opening !== undefined) return this.#openCode(opening);
    this.#show(lexer(this.#source));
  }

  #openCode({ fence, language, head }: OpenFence): void {
    this.#fence = fence;
    this.#source = this.#source.slice(head);
    this.#write([...this.#gap(), ...codeHead(language)]);
    this.#code(false);
  }

  /** Writes the complete lines of the open code block. True when it is closed and other blocks follow. */
  #code(all: boolean): boolean {
    const fence = this.#fence ?? '';
    const lines = this.#source.split('\n');
    const partial = lines.pop() ?? '';
    const closing = lines.findIndex((line) => isClosing(line, fence));
    const done = closing === -1 ? lines : lines.slice(0, closing);
    this.#write(done.map(codeLine));
    if (closing !== -1) {
      this.#fence = undefined;
      this.#source = [...lines.slice(closing + 1), partial].join('\n');
      return true;
    }
    this.#source = partial;
    if (all) {
      this.#fence = undefined;
      if (partial !== '' && !isClosing(partial, fence)) this.#write([codeLine(partial)]);
      this.#source = '';
      return true;
    }
    // The beginning of a closing fence is not shown: it may never become code.
    const shown = partial !== '' && !fence.startsWith(partial.trim()) && !isClosing(partial, fence) ? [codeLine(partial)] : [];
    this.#screen.write(this.#live.update(shown, this.#screen.columns, this.#screen.rows));
    return false;
  }

  #show(tokens: readonly Token[]): void {
    const lines = renderBlocks(tokens, this.#width);
    if (lines.length > 0) this.#screen.write(this.#live.update([...this.#gap(), ...lines], this.#screen.columns, this.#screen.rows));
  }

  #commit(tokens: readonly Token[]): void {
    const lines = renderBlocks(tokens, this.#width);
    if (lines.length > 0) this.#write([...this.#gap(), ...lines]);
  }

  #write(lines: readonly string[]): void {
    if (lines.length === 0) return;
    this.#screen.write(this.#live.commit(lines, this.#screen.columns));
    this.#anything = true;
  }

  /** The empty line before every block but the first. */
  #gap(): readonly string[] {
    return this.#anything ? [''] : [];
  }

  /** The last column stays free: terminals differ in what they do after a character there. */
  get #width(): number {
    return Math.max(10, this.#screen.columns - 1);
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

interface OpenFence {
  readonly fence: string;
  readonly language: string | undefined;
  /** Length of the opening line. */
  readonly head: number;
}

/** The fence of a code block that has no end yet. */
function openFence(token: Token): OpenFence | undefined {
  if (token.type !== 'code') return undefined;
  const code: Pick<Tokens.Code, 'raw'> = token;
  const opening = /^ {0,3}(`{3,}|~{3,})([^\n]*)\n/.exec(code.raw);
  const fence = opening?.[1];
  if (opening === null || fence === undefined) return undefined;
  const closed = code.raw
    .slice(opening[0].length)
    .split('\n')
    .some((line) => isClosing(line, fence));
  return closed ? undefined : { fence, language: opening[2]?.trim().split(/\s/)[0], head: opening[0].length };
}

function isClosing(line: string, fence: string): boolean {
  const text = line.trim();
  return text.length >= fence.length && text === fence.charAt(0).repeat(text.length);
}
