/**
 * Holds the scores of every held-out continuation against sums from full passes over the vocabulary, and those that shared a context
 * against fresh ones:
 *
 *     node packages/lmdeck-llama/tiny/check-scores.ts
 */
import type { ScoreInput } from 'lmdeck/core';
import { llama, tinyModelPath } from '../src/index.ts';
import { loadModel } from '../src/loaded-model.ts';
import { fullPassLogprob } from '../src/test-support/full-pass.ts';
import { readItems } from './evaluation/items.ts';

/**
 * llama.cpp computes 64 tokens and more at once in another way than fewer, and where a conversation is that long the two differ by this
 * much. Plain texts are shorter.
 */
const TOLERANCES = { continuations: 1e-3, 'chat answers': 0.05 };
const BEGIN = '<|endoftext|>';

const { score, chat } = readItems(new URL('heldout.jsonl', import.meta.url));
const texts = score.flatMap(({ prompt, expected, wrong }): ScoreInput[] =>
  [expected, ...wrong].map((continuation) => ({ context: BEGIN + prompt, continuation })),
);
const answers = chat
  .filter((item) => item.tools.length === 0)
  .map(({ messages, expected }): ScoreInput => ({ context: messages, continuation: `${expected}<|im_end|>` }));

await using model = llama({ model: 'tiny' });
const loaded = await loadModel('reference', tinyModelPath, { sequences: 1 });
await model.load();

for (const [name, inputs] of [
  ['continuations', texts],
  ['chat answers', answers],
] as const) {
  const tolerance = TOLERANCES[name];
  const started = performance.now();
  const scores = await model.score(inputs);
  const seconds = (performance.now() - started) / 1000;
  let worst = 0;
  let worstFresh = 0;
  for (const [i, input] of inputs.entries()) {
    const { tokens, logprob } = scores[i] ?? { tokens: [], logprob: Number.NaN };
    worst = Math.max(worst, Math.abs(logprob - (await fullPassLogprob(loaded, input, tokens.length))));
    // One at a time: the sequence that it gets may hold anything.
    worstFresh = Math.max(worstFresh, Math.abs(logprob - (await model.score(input)).logprob));
  }
  const differences = `to a full pass ${worst.toExponential(1)}, to a score alone ${worstFresh.toExponential(1)}`;
  console.log(`${name}: ${inputs.length} in ${seconds.toFixed(2)} s; worst difference ${differences}`);
  if (!(worst <= tolerance && worstFresh <= tolerance)) process.exitCode = 1;
}
await loaded.close();
