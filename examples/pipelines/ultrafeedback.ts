/**
 * UltraFeedback-style judging (Cui et al. 2023): several answers per instruction, each rated by a judge under a schema; the best and the worst become a
 * preference pair for training. `node examples/pipelines/ultrafeedback.ts [model]`
 */
import { openDeck } from 'lmdeck';
import { pipeline } from 'lmdeck/batch';
import { modelOrScript } from './offline.ts';

await using deck = await openDeck();
const drafts = ['Paris.', 'I think it is Lyon.', 'The capital of France is Paris, on the Seine.'];
const writer = await modelOrScript(deck, 'writer', (_prompt, sample) => drafts[sample % drafts.length] ?? '');
const judge = await modelOrScript(deck, 'judge', (prompt) =>
  JSON.stringify(
    prompt.includes('Lyon') ? { rating: 1, rationale: 'wrong' } : { rating: prompt.includes('Seine') ? 5 : 4, rationale: 'right' },
  ),
);

const verdict = {
  type: 'object',
  properties: { rationale: { type: 'string' }, rating: { type: 'integer', minimum: 1, maximum: 5 } },
  required: ['rationale', 'rating'],
  additionalProperties: false,
};

const pairs = pipeline([{ instruction: 'What is the capital of France?' }])
  .generate({
    name: 'draft',
    model: writer,
    samples: 3,
    options: { temperature: 1 },
    prompt: ({ instruction }) => instruction,
    output: ({ instruction }, { texts }) => texts.map((answer) => ({ instruction, answer })),
  })
  .generate({
    name: 'judge',
    model: judge,
    schema: verdict,
    system: 'Rate how true and helpful the answer is, 1 to 5, with a short rationale.',
    prompt: ({ instruction, answer }) => `Instruction: ${instruction}\nAnswer: ${answer}`,
    output: (row, answer) => {
      const rated = answer.json();
      if (typeof rated !== 'object' || rated === null || !('rating' in rated) || typeof rated.rating !== 'number')
        throw new Error('no rating');
      return { ...row, rating: rated.rating };
    },
  })
  .group(
    ({ instruction }) => instruction,
    (rated) => {
      const [best, ...others] = rated.toSorted((a, b) => b.rating - a.rating);
      const worst = others.at(-1);
      if (best === undefined || worst === undefined || best.rating === worst.rating) return undefined;
      return { prompt: best.instruction, chosen: best.answer, rejected: worst.answer, ratings: rated.map(({ rating }) => rating) };
    },
    'pair',
  );

for await (const pair of pairs) console.log(JSON.stringify(pair));
