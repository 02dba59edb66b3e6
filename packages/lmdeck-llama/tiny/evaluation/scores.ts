import type { ControlledEvaluateInputItem, LlamaContextSequence, LlamaModel } from 'node-llama-cpp';
import type { LoadedModel } from '../../src/loaded-model.ts';
import type { ChatItem, ScoreItem } from './items.ts';
import { Tallies, rounded } from './tally.ts';

const MOST_CHOICES = 7;
const MOST_ITEMS = 40;
/** Plain text was always trained with this before it. */
const BEGIN = '<|endoftext|>';
const CHAT_FAMILIES = ['capital', 'opposite', 'colour', 'translate', 'category'];

/** Choices by log-probability: the right continuation must be likelier than every wrong one. */
export async function evaluateScores(
  loaded: LoadedModel,
  score: readonly ScoreItem[],
  chat: readonly ChatItem[],
): Promise<{ tallies: Tallies; examples: Record<string, number> }> {
  const tallies = new Tallies();
  const lease = await loaded.pool.acquire([], new AbortController().signal);
  const logprob = (prompt: string, continuation: string): Promise<number> =>
    continuationLogprob(loaded.model, lease.sequence, prompt, continuation);
  const choose = async (family: string, prompt: string, right: string, wrong: readonly string[]): Promise<void> => {
    const good = await logprob(prompt, right);
    let best = Number.NEGATIVE_INFINITY;
    for (const each of wrong) best = Math.max(best, await logprob(prompt, each));
    tallies.add(family, good > best);
  };
  for (const { family, prompt, expected, wrong } of score) await choose(family, BEGIN + prompt, expected, wrong);
  for (const family of CHAT_FAMILIES) {
    const items = chat.filter((item) => item.family === family);
    const answers = [...new Set(items.map((item) => item.expected))].sort();
    for (const { messages, expected } of items.slice(0, MOST_ITEMS)) {
      const prompt = loaded.model.detokenize(loaded.chat.render(messages), true);
      const at = answers.indexOf(expected);
      const wrong = Array.from(
        { length: Math.min(MOST_CHOICES, answers.length - 1) },
        (_, i) => answers[(at + 1 + i) % answers.length] ?? '',
      );
      await choose(
        `chat_${family}`,
        prompt,
        `${expected}<|im_end|>`,
        wrong.map((each) => `${each}<|im_end|>`),
      );
    }
  }
  const examples: Record<string, number> = {};
  for (const city of [' Paris', ' Rome', ' Berlin', ' Madrid']) {
    const text = 'The capital of France is';
    examples[text + city] = rounded(await logprob(BEGIN + text, city));
  }
  lease.release(true);
  return { tallies, examples };
}

/** Log-probability (nats) of a continuation, all its places in one pass. */
async function continuationLogprob(
  model: LlamaModel,
  sequence: LlamaContextSequence,
  prompt: string,
  continuation: string,
): Promise<number> {
  const before = model.tokenize(prompt, true);
  const whole = model.tokenize(prompt + continuation, true);
  let common = 0;
  while (common < before.length && common < whole.length - 1 && before[common] === whole[common]) common++;
  await sequence.clearHistory();
  const input = whole
    .slice(0, -1)
    .map((token, i): ControlledEvaluateInputItem => (i < common - 1 ? token : [token, { generateNext: { probabilities: true } }]));
  const outputs = await sequence.controlledEvaluate(input);
  let sum = 0;
  for (let i = common - 1; i < whole.length - 1; i++) {
    const next = whole[i + 1];
    if (next !== undefined) sum += Math.log(outputs[i]?.next.probabilities?.get(next) ?? 0);
  }
  return sum;
}
