import type { Message, Part, Sample } from '../core/index.ts';
import { asText, type Database } from './database.ts';

/**
 * What one checkpoint adds: `[sample, part, text]` adds text to a part; `[sample, part, text, head]` begins it, or
 * replaces what is known of it besides its text.
 */
type Addition = readonly [sample: number, part: number, text: string, head?: Part];

interface Progress {
  readonly head: string;
  length: number;
}

/** Turns answers so far into pieces, each only what came since the piece before: the cost is linear in the answer. */
export class PartialEncoder {
  readonly #done: (Progress | undefined)[][] = [];
  #next: (() => void)[] = [];

  /** The next piece; `undefined` when nothing came since. It counts as written only when `accept` is called. */
  next(samples: readonly Sample[]): string | undefined {
    const additions: Addition[] = [];
    this.#next = [];
    for (const [index, { message }] of samples.entries()) {
      const done = (this.#done[index] ??= []);
      for (let position = Math.max(0, done.length - 1); position < message.parts.length; position++) {
        const part = message.parts[position];
        if (part === undefined) continue;
        const { text, head } = split(part);
        const headText = JSON.stringify(head);
        const before = done[position];
        if (before?.head === headText && before.length === text.length) continue;
        const added = text.slice(before?.length ?? 0);
        additions.push(before?.head === headText ? [index, position, added] : [index, position, added, head]);
        this.#next.push(() => void (done[position] = { head: headText, length: text.length }));
      }
    }
    return additions.length === 0 ? undefined : JSON.stringify(additions);
  }

  /** The last piece is on disk. */
  accept(): void {
    for (const step of this.#next) step();
    this.#next = [];
  }
}

/** The answer so far of a call that has none: put together from its pieces. */
export function readPartial(database: Database, call: number): Sample[] {
  const samples: (Part[] | undefined)[] = [];
  for (const row of database.all('SELECT piece FROM partials WHERE call = ? ORDER BY id', call)) {
    const additions: readonly Addition[] = JSON.parse(asText(row.piece) ?? '[]');
    for (const [index, position, text, head] of additions) {
      const parts = (samples[index] ??= []);
      const before = parts[position];
      const base = head ?? before;
      if (base !== undefined) parts[position] = join(base, (before === undefined ? '' : split(before).text) + text);
    }
  }
  return Array.from(samples, (parts) => {
    const message: Message = { role: 'assistant', parts: parts ?? [] };
    return { message };
  });
}

/** A part as the text that grows while it streams and the rest. */
function split(part: Part): { readonly text: string; readonly head: Part } {
  switch (part.type) {
    case 'text':
    case 'reasoning':
    case 'refusal':
      return { text: settled(part.text), head: { ...part, text: '' } };
    case 'tool-call':
      return { text: settled(part.arguments), head: { ...part, arguments: '' } };
    default:
      return { text: '', head: part };
  }
}

function join(head: Part, text: string): Part {
  switch (head.type) {
    case 'text':
    case 'reasoning':
    case 'refusal':
      return { ...head, text };
    case 'tool-call':
      return { ...head, arguments: text };
    default:
      return head;
  }
}

/** Without a last character that may be half of one: its other half can still come. */
function settled(text: string): string {
  return text.endsWith('\uFFFD') ? text.slice(0, -1) : text;
}
