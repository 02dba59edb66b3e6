/** A language model small enough to know every score beforehand: probabilities are drawn from the hash of all that comes before. */
export interface FakeToken {
  readonly bytes: Buffer;
  readonly id: number;
  /** Nats. */
  readonly logprob: number;
  /** That of the likeliest token in this place. */
  readonly best: number;
  /** Place among all tokens, from 1. */
  readonly rank: number;
}

/** Words with the space before them, punctuation, and one token per byte of everything that is not ASCII. */
export function fakeTokens(text: string, before: readonly FakeToken[] = []): readonly FakeToken[] {
  const pieces = (text.match(/ ?[A-Za-z]+| ?[0-9]|\p{ASCII}|\P{ASCII}/gu) ?? []).flatMap((piece) => {
    const bytes = Buffer.from(piece);
    return (bytes[0] ?? 0) < 0x80 ? [bytes] : [...bytes].map((byte) => Buffer.from([byte]));
  });
  return scored(pieces, before);
}

/** Pieces as tokens of this model, after others. */
export function scored(pieces: readonly Buffer[], before: readonly FakeToken[] = []): readonly FakeToken[] {
  const tokens: FakeToken[] = [];
  let state = before.reduce((hash, token) => mixed(hash, token.bytes), 17);
  for (const bytes of pieces) {
    const place = state;
    state = mixed(state, bytes);
    const rank = 1 + (state % 3);
    const best = -0.01 - (place % 400) / 1000;
    tokens.push({ bytes, id: idOf(bytes), logprob: rank === 1 ? best : best - rank - (state % 1000) / 500, best, rank });
  }
  return tokens;
}

/** Bytes have ids below 256, so that every piece can be found again. */
function idOf(bytes: Buffer): number {
  return bytes.length === 1 ? (bytes[0] ?? 0) : 1000 + (mixed(5, bytes) % 1_000_000);
}

/** What the scores must say: the tokens of the whole text that end in the continuation. */
export function expectedScore(
  context: string,
  continuation: string,
): { readonly logprob: number; readonly isGreedy: boolean; readonly count: number } {
  const seam = Buffer.byteLength(context);
  let end = 0;
  const own = fakeTokens(context + continuation).filter((token) => (end += token.bytes.length) > seam);
  return {
    logprob: own.reduce((sum, token) => sum + token.logprob, 0),
    isGreedy: own.every((token) => token.rank === 1),
    count: own.length,
  };
}

function mixed(hash: number, bytes: Buffer): number {
  let mix = hash;
  for (const byte of bytes) mix = (Math.imul(mix ^ byte, 0x01000193) >>> 0) % 0x7fffffff;
  return (mix + bytes.length) % 0x7fffffff;
}
