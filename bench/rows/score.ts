import type { Goal } from '../comparison.ts';
import type { Row } from '../row.ts';
import { rotate } from '../rotation.ts';

const goal: Goal = {
  what: 'lmdeck ÷ the engine’s prefill of the texts, texts per second',
  measure: 'rate',
  of: 'lmdeck model.score(…)',
  to: 'engine, each text whole',
  atLeast: 0.77,
};

/**
 * llama.cpp computes its output layer, a third of the work in so small a model, only where somebody asks what comes next, and a score asks
 * that everywhere. The engine has no way to compute it and say nothing; the least that it says is the likeliest token.
 */
const everyPlace = 'engine, likeliest token of every place';

const everyPlaceGoal: Goal = {
  ...goal,
  what: 'lmdeck ÷ the engine’s prefill with the likeliest token of every place, texts per second',
  to: everyPlace,
};

export const scoreRow: Row = {
  name: 'score',
  summary: 'scoring given text with the tiny model in this process, against the engine by hand, which only reads it',
  run: async (bench) => [
    await rotate(bench, {
      title: 'Scores of ten choices on one context',
      unit: 'text',
      measure: 'rate',
      reference: 'engine, each text whole',
      cases: [
        { name: 'engine, each text whole', client: 'llama prefill', task: 'choices', unitsPerRun: 10 },
        { name: 'engine, context once', client: 'llama prefill', task: 'choices, context once', unitsPerRun: 10 },
        { name: 'lmdeck model.score(…)', client: 'lmdeck llama', task: 'choices', unitsPerRun: 10 },
      ],
      goals: [goal],
      ...slices(bench.quick),
    }),
    await rotate(bench, {
      title: 'Score of one short answer after 250 tokens',
      unit: 'text',
      measure: 'rate',
      reference: 'engine, each text whole',
      cases: [
        { name: 'engine, each text whole', client: 'llama prefill', task: 'answer' },
        { name: 'lmdeck model.score(…)', client: 'lmdeck llama', task: 'answer' },
      ],
      goals: [goal],
      ...slices(bench.quick),
    }),
    await rotate(bench, {
      title: 'Score of every token of a text of 250 tokens',
      unit: 'text',
      measure: 'rate',
      reference: 'engine, each text whole',
      cases: [
        { name: 'engine, each text whole', client: 'llama prefill', task: 'text' },
        { name: everyPlace, client: 'llama prefill', task: 'text, logits at every place' },
        { name: 'lmdeck model.score(…)', client: 'lmdeck llama', task: 'text' },
      ],
      goals: [{ ...goal, what: 'lmdeck ÷ the engine’s prefill without logits, texts per second' }, everyPlaceGoal],
      ...slices(bench.quick),
    }),
  ],
};

function slices(quick: boolean) {
  return { concurrency: 1, rounds: quick ? 5 : 11, sliceMs: quick ? 150 : 400, trialRuns: 5 };
}
