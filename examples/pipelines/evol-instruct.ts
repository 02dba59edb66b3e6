/**
 * Evol-instruct (Xu et al. 2023): every instruction is made harder, round by round, each time in another way; evolutions that failed (nothing
 * changed, or the model talks about the task) are left behind. The last ones are answered.
 * `node examples/pipelines/evol-instruct.ts [model]`
 */
import { openDeck } from 'lmdeck';
import { pipeline, type Pipeline } from 'lmdeck/batch';
import { modelOrScript } from './offline.ts';

interface Row {
  readonly instruction: string;
  readonly history: readonly string[];
}

const mutations = ['Add one more constraint.', 'Replace general terms by more specific ones.', 'Make it need several steps of reasoning.'];

await using deck = await openDeck();
const model = await modelOrScript(deck, 'scripted', (prompt) => {
  const [, given = ''] = /#Given#\n(.*)/.exec(prompt) ?? [];
  if (given === '') return `Answer to: ${prompt}`;
  return given.startsWith('Sort')
    ? given
    : `${given.replace(/\.$/, '')}, ${prompt.includes('constraint') ? 'in one line' : 'step by step'}.`;
});

const evolve = (rows: Pipeline<Row>, round: number): Pipeline<Row> =>
  rows
    .generate({
      name: `evolve ${round}`,
      model,
      prompt: ({ instruction }) =>
        `Rewrite the given instruction into a harder version. ${mutations[round % mutations.length]} Write the new instruction only.\n#Given#\n${instruction}`,
      output: ({ instruction, history }, { text }) => ({ instruction: text.trim(), history: [...history, instruction] }),
    })
    .each(
      (row) => (row.instruction === row.history.at(-1) || /given|rewrite|instruction/i.test(row.instruction) ? undefined : row),
      `keep ${round}`,
    );

const seeds = ['Explain how rain forms.', 'Sort three numbers.', 'Name two rivers.'];
let rows: Pipeline<Row> = pipeline(seeds.map((instruction) => ({ instruction, history: [] })));
for (let round = 0; round < 2; round++) rows = evolve(rows, round);

const answered = rows.generate({
  name: 'answer',
  model,
  prompt: ({ instruction }) => instruction,
  output: (row, { text }) => ({ ...row, output: text }),
});
for await (const row of answered) console.log(JSON.stringify(row));
