import { LmdeckError, type ScoredText, type ScoreOutcome, type ScoreRequest, type TokenLogprob } from 'lmdeck/core';
import type { ControlledEvaluateInputItem, LlamaContextSequence, Token } from 'node-llama-cpp';
import type { Lane } from '../batching.ts';
import type { LoadedModel } from '../loaded-model.ts';
import { vocabularySize } from '../token-ids.ts';
import { planScore, type ScorePlan } from './score-plan.ts';
import { tokenScores, type TokenScore } from './token-scores.ts';

/** The engine holds the logits of the whole vocabulary for all places of a batch: 32-bit floats, so many at a time. */
const MOST_LOGITS = 2 ** 24;
/** An engine that has no single logits answers lists of the whole vocabulary. */
const MOST_ENTRIES = 2 ** 21;

/** Texts that have all tokens but the last one in common: one evaluation serves them all. */
interface Pass {
  readonly input: readonly Token[];
  /** Index in `input` of the first place that is needed. */
  readonly from: number;
  readonly plans: readonly ScorePlan[];
}

/**
 * Scores texts, each token of a continuation by the model's own probabilities in one pass over the text. Texts that share a beginning share
 * its evaluation; choices of a single token on one context are answered by one pass.
 */
export async function scoreBatch(
  loaded: LoadedModel,
  modelId: string,
  requests: readonly ScoreRequest[],
  signal: AbortSignal,
): Promise<readonly ScoreOutcome[]> {
  const outcomes = new Map<ScoreRequest, ScoreOutcome>();
  const plans = new Map<ScorePlan, ScoreRequest>();
  for (const request of requests) {
    try {
      plans.set(planScore(loaded, modelId, request), request);
    } catch (error) {
      outcomes.set(request, LmdeckError.from(error));
    }
  }
  for (const pass of passes([...plans.keys()])) {
    for (const [plan, scored] of await evaluate(loaded, pass, signal)) {
      const request = plans.get(plan);
      if (request !== undefined) outcomes.set(request, scored);
    }
  }
  return requests.map((request) => outcomes.get(request) ?? new LmdeckError('internal', `${modelId}: a text got no score.`));
}

/** Neighbours share as much of their beginning as can be, so that the state of one serves the next. */
function passes(plans: readonly ScorePlan[]): readonly Pass[] {
  const byInput = Map.groupBy(plans, (plan) => plan.tokens.slice(0, -1).join());
  return [...byInput.values()]
    .map((group) => ({ input: group[0]?.tokens.slice(0, -1) ?? [], from: Math.min(...group.map((plan) => plan.first)) - 1, plans: group }))
    .sort((a, b) => compareTokens(a.input, b.input));
}

function compareTokens(a: readonly Token[], b: readonly Token[]): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return (a[i] ?? 0) - (b[i] ?? 0);
  return a.length - b.length;
}

async function evaluate(loaded: LoadedModel, pass: Pass, signal: AbortSignal): Promise<readonly (readonly [ScorePlan, ScoredText])[]> {
  const { input, from, plans } = pass;
  const lease = await loaded.pool.acquire(input.slice(0, from + 1), signal);
  let intact = false;
  try {
    const places = await evaluatePlaces(loaded, lease.sequence, lease.lane, { input, from, start: lease.cachedTokens, plans, signal });
    intact = true;
    return plans.map((plan) => {
      const tokens = plan.tokens.slice(plan.first).map((token, i): TokenLogprob => ({
        token: plan.texts[i] ?? '',
        tokenId: token,
        ...(places[plan.first + i]?.get(token) ?? { logprob: Number.NaN }),
      }));
      const cached = lease.cachedTokens > 0 ? { cachedInputTokens: lease.cachedTokens } : {};
      return [plan, { tokens, usage: { inputTokens: plan.tokens.length, outputTokens: 0, ...cached } }];
    });
  } finally {
    lease.release(!intact && !signal.aborted);
  }
}

interface Places {
  readonly input: readonly Token[];
  readonly from: number;
  /** So many tokens are in the sequence already. */
  readonly start: number;
  readonly plans: readonly ScorePlan[];
  readonly signal: AbortSignal;
}

/** For each index of a token that is asked for: what the model says of it, and of the others that are asked for there. */
async function evaluatePlaces(
  { engine: { singleLogits }, model }: LoadedModel,
  sequence: LlamaContextSequence,
  lane: Lane,
  { input, from, start, plans, signal }: Places,
): Promise<readonly ReadonlyMap<Token, TokenScore>[]> {
  const most = Math.max(1, Math.floor((singleLogits ? MOST_LOGITS : MOST_ENTRIES) / vocabularySize(model)));
  const places: ReadonlyMap<Token, TokenScore>[] = [];
  for (let begin = start; begin < input.length;) {
    if (signal.aborted) throw LmdeckError.from(signal.reason, 'aborted');
    const end = Math.min(input.length, Math.max(begin, from) + most);
    const asked = input.slice(begin, end).map((_, i) => (begin + i < from ? [] : wanted(plans, begin + i + 1)));
    const items = input.slice(begin, end).map((token, i) => placeItem(token, asked[i] ?? [], singleLogits));
    for (const [i, output] of (await sequence.controlledEvaluate(items, { evaluationPriority: lane })).entries()) {
      if (output !== undefined) places[begin + i + 1] = tokenScores(output.next, asked[i] ?? []);
    }
    begin = end;
  }
  return places;
}

/** A token of the input, and what the engine is asked of the place after it. */
function placeItem(token: Token, asked: readonly Token[], singleLogits: boolean): ControlledEvaluateInputItem {
  if (asked.length === 0) return token;
  if (!singleLogits) return [token, { generateNext: { probabilities: true } }];
  return [token, { generateNext: { token: true, totalLogitWeight: true, logits: { filter: { tokens: asked, includeSelected: true } } } }];
}

/** The tokens that are asked for in a place, each once. */
function wanted(plans: readonly ScorePlan[], index: number): readonly Token[] {
  return [...new Set(plans.flatMap(({ tokens, first }) => (index < first ? [] : (tokens[index] ?? []))))];
}
