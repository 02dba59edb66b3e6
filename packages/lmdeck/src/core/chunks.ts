/**
 * One piece in which an answer came. `length` counts UTF-16 code units of text or arguments (for `logprobs`: tokens);
 * `waitMs` is the time since the piece before, or since the call started.
 */
export interface Chunk {
  readonly kind: 'text' | 'reasoning' | 'refusal' | 'tool-call-start' | 'tool-call-delta' | 'tool-call-end' | 'logprobs';
  /** Index of the sample. */
  readonly sample: number;
  /** Index of the tool call, for the kinds that have one; 0 for the others. */
  readonly index: number;
  readonly length: number;
  /** Whole milliseconds. */
  readonly waitMs: number;
}

const LETTERS: Readonly<Record<Chunk['kind'], string>> = {
  text: 't',
  reasoning: 'r',
  refusal: 'f',
  'tool-call-start': 'c',
  'tool-call-delta': 'a',
  'tool-call-end': 'e',
  logprobs: 'l',
};

const KINDS: Readonly<Record<string, Chunk['kind']>> = {
  t: 'text',
  r: 'reasoning',
  f: 'refusal',
  c: 'tool-call-start',
  a: 'tool-call-delta',
  e: 'tool-call-end',
  l: 'logprobs',
};

/**
 * Writes pieces down as they come. The text: a letter for the kind and the length, `+` and the milliseconds waited
 * unless 0; `s` and a number before the first piece of another sample, `i` and a number before another tool call.
 */
export class ChunkEncoder {
  #text = '';
  #sample = 0;
  #index = 0;

  push(kind: Chunk['kind'], sample: number, index: number, length: number, waitMs: number): void {
    if (sample !== this.#sample) this.#text += `s${(this.#sample = sample)}`;
    if (index !== this.#index) this.#text += `i${(this.#index = index)}`;
    this.#text += LETTERS[kind] + length;
    if (waitMs > 0) this.#text += `+${waitMs}`;
  }

  toString(): string {
    return this.#text;
  }
}

/** The text of a list of pieces, see {@link ChunkEncoder}. */
export function encodeChunks(chunks: readonly Chunk[]): string {
  const encoder = new ChunkEncoder();
  for (const { kind, sample, index, length, waitMs } of chunks) encoder.push(kind, sample, index, length, waitMs);
  return encoder.toString();
}

/** The inverse of {@link encodeChunks}; `undefined` for a text that is not of its making. */
export function decodeChunks(text: string): Chunk[] | undefined {
  const chunks: Chunk[] = [];
  const token = /([a-z])(\d+)(?:\+(\d+))?/y;
  let sample = 0;
  let index = 0;
  while (token.lastIndex < text.length) {
    const [, letter = '', digits, wait] = token.exec(text) ?? [];
    if (digits === undefined) return undefined;
    const number = Number(digits);
    const kind = KINDS[letter];
    if (kind !== undefined) chunks.push({ kind, sample, index, length: number, waitMs: Number(wait ?? 0) });
    else if (letter === 's') sample = number;
    else if (letter === 'i') index = number;
    else return undefined;
  }
  return chunks;
}
