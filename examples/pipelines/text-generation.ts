/**
 * Text generation: an answer for every instruction, with the model and the token counts beside it.
 * `node examples/pipelines/text-generation.ts [model]`
 */
import { openDeck } from 'lmdeck';
import { pipeline } from 'lmdeck/batch';

await using deck = await openDeck();
const model = await deck.model(process.argv[2] ?? 'tiny');

const instructions = ['What is the capital of France?', 'What is 7 + 15?', 'What is the opposite of hot?'];
const rows = pipeline(instructions.map((instruction) => ({ instruction }))).generate({
  name: 'text-generation',
  model,
  prompt: ({ instruction }) => instruction,
  output: ({ instruction }, { text, model: modelName, usage, callIds }) => ({
    instruction,
    generation: text,
    model_name: modelName,
    statistics: { input_tokens: usage?.inputTokens, output_tokens: usage?.outputTokens },
    calls: callIds.length,
  }),
});
for await (const row of rows) console.log(JSON.stringify(row));
