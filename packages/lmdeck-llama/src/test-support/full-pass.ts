import { LmdeckError, type Message, type ScoreInput } from 'lmdeck/core';
import type { LoadedModel } from '../loaded-model.ts';

/**
 * The log-probability of a continuation the long way: all its places in one fresh pass, the whole vocabulary of each put through a
 * softmax of our own. `tokens` is how many tokens the continuation has.
 */
export async function fullPassLogprob(loaded: LoadedModel, { context, continuation }: ScoreInput, tokens: number): Promise<number> {
  if (typeof continuation !== 'string') throw new LmdeckError('usage', 'Only text here.');
  const { model } = loaded;
  const whole =
    typeof context === 'string'
      ? model.tokenize(context + continuation, true)
      : [...loaded.chat.render(messagesOf(context)), ...model.tokenize(continuation, true)];
  const lease = await loaded.pool.acquire([], new AbortController().signal);
  await lease.sequence.clearHistory();
  const outputs = await lease.sequence.controlledEvaluate(
    whole.slice(0, -1).map((token) => [token, { generateNext: { probabilities: true } }]),
    { evaluationPriority: lease.lane },
  );
  let sum = 0;
  for (const [i, output] of outputs.entries()) {
    const next = whole[i + 1];
    const probabilities = output?.next.probabilities;
    if (next === undefined || probabilities === undefined || i + 1 < whole.length - tokens) continue;
    const total = probabilities.values().reduce((a, b) => a + b, 0);
    sum += Math.log((probabilities.get(next) ?? 0) / total);
  }
  lease.release();
  return sum;
}

function messagesOf(context: Exclude<ScoreInput['context'], string>): readonly Message[] {
  return context.filter((each) => typeof each === 'object');
}
