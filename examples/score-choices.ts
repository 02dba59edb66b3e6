/** Multiple choice by log-probability, offline: `node examples/score-choices.ts`. Any vLLM, llama-server or GGUF file does it too. */
import { openDeck } from 'lmdeck';

const questions = [
  { context: '<|endoftext|>The capital of France is', choices: [' Rome', ' Paris', ' Madrid'] },
  { context: '<|endoftext|>The opposite of hot is', choices: [' cold', ' small', ' green'] },
];

await using deck = await openDeck();
const model = await deck.model('tiny');

// Asked for at once, all of them share the work that they can share.
const scores = await Promise.all(
  questions.map(({ context, choices }) => model.score(choices.map((continuation) => ({ context, continuation })))),
);
for (const [i, { context, choices }] of questions.entries()) {
  const logprobs = scores[i]?.map((score) => score.logprob) ?? [];
  const best = logprobs.indexOf(Math.max(...logprobs));
  console.log(`${context.replace('<|endoftext|>', '')}${choices[best] ?? ''}`);
}
