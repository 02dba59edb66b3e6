/**
 * Self-instruct (Wang et al. 2023): from a few seed tasks the model writes new ones; those too like one another are dropped, the rest are answered.
 * `node examples/pipelines/self-instruct.ts [model]`
 */
import { openDeck } from 'lmdeck';
import { pipeline } from 'lmdeck/batch';
import { modelOrScript } from './offline.ts';

await using deck = await openDeck();
const model = await modelOrScript(deck, 'scripted', (prompt) =>
  prompt.includes('Write 3 new')
    ? '1. Name a city in Spain.\n2. Name a city in Spain!\n3. Add 2 and 2.'
    : prompt.includes('Spain')
      ? 'Madrid'
      : '4',
);

const seeds = ['Translate "good morning" into French.', 'Give a synonym of "quick".'];
const kept: ReadonlySet<string>[] = [];

const rows = pipeline([{ seeds }])
  .generate({
    name: 'instruct',
    model,
    options: { temperature: 1 },
    prompt: (row) => `Here are tasks:\n${row.seeds.map((seed) => `- ${seed}`).join('\n')}\nWrite 3 new, different tasks, numbered.`,
    output: (_row, { text }) => Array.from(text.matchAll(/^\d+\.\s*(.+)$/gm), ([, instruction = '']) => ({ instruction })),
  })
  .each((row) => (isNew(row.instruction) ? row : undefined), 'deduplicate')
  .generate({ name: 'answer', model, prompt: ({ instruction }) => instruction, output: (row, { text }) => ({ ...row, output: text }) });

for await (const row of rows) console.log(JSON.stringify(row));
for (const { name, rowsIn, rowsOut, failed, calls } of rows.report())
  console.error(`${name}: ${rowsIn} → ${rowsOut}, ${failed} failed, ${calls} calls`);

/** True when fewer than 70 % of the words are those of a task that was kept before. */
function isNew(instruction: string): boolean {
  const words = new Set(instruction.toLowerCase().match(/\p{L}+|\d+/gu));
  if (kept.some((other) => words.intersection(other).size / words.union(other).size >= 0.7)) return false;
  kept.push(words);
  return true;
}
