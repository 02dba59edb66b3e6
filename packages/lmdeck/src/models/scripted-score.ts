import { LmdeckError, type ScoredText, type ScoreOutcome, type ScoreRequest, type TokenLogprob } from '../core/index.ts';

/** A score spelled out: of the whole continuation as one token (nats), of its tokens, or a failure. */
export type ScriptedScore = number | readonly TokenLogprob[] | LmdeckError;

/** What costs less than this is likelier than everything else together. */
const HALF = Math.log(0.5);
const NATS_PER_CHARACTER = 0.1;

/** A scripted score as a model gives it. */
export function scriptedScore(score: ScriptedScore, { continuation }: ScoreRequest): ScoreOutcome {
  if (LmdeckError.isInstance(score)) return score;
  if (typeof score !== 'number') return withUsage(score);
  return withUsage([{ token: textOf(continuation), logprob: score, isGreedy: score > HALF }]);
}

/** The score of a text by its length alone: a token for each word, 0.1 nats for each character. */
export function scoreByLength({ continuation }: ScoreRequest): ScoredText {
  const tokens = typeof continuation === 'string' ? (continuation.match(/\s*\S+\s*$|\s*\S+|\s+/gu) ?? []) : continuation.map(String);
  return withUsage(
    tokens.map((token, i) => {
      const logprob = -Array.from(token).length * NATS_PER_CHARACTER;
      const tokenId = typeof continuation === 'string' ? undefined : continuation[i];
      return { token, logprob, isGreedy: logprob > HALF, ...(tokenId === undefined ? {} : { tokenId }) };
    }),
  );
}

function withUsage(tokens: readonly TokenLogprob[]): ScoredText {
  return { tokens, usage: { outputTokens: tokens.length } };
}

function textOf(continuation: ScoreRequest['continuation']): string {
  return typeof continuation === 'string' ? continuation : continuation.join(' ');
}
