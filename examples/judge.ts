/**
 * Answers judged by another model: `node examples/judge.ts`. Offline, so the judge here is a mock that follows a rule; in earnest it is
 * `await deck.model('openai/gpt-5.6-luna')` or any other model.
 */
import { languageModel, messageText, mock, openDeck, ulid } from 'lmdeck';
import { record } from 'lmdeck/middleware';
import { defineTask, evaluate, resultsTable } from 'lmdeck/scoring';

await using deck = await openDeck();
const tape = await deck.tape();
const model = await deck.model('tiny');

const rule = mock({
  id: 'strict-judge',
  outputs: [
    ({ messages }) => {
      const [, answer = '', right = ''] = /Answer: (.*)\nRight: (.*)/.exec(messages.map((message) => messageText(message)).join('')) ?? [];
      return answer.includes(right) ? 'It names the city. Verdict: good' : 'The city is missing. Verdict: poor';
    },
  ],
});
const judge = languageModel(rule, record(tape));

const task = await defineTask({
  name: 'capitals',
  outputType: 'generate_until',
  docs: [
    { country: 'France', capital: 'Paris' },
    { country: 'Italy', capital: 'Rome' },
    { country: 'Atlantis', capital: 'Poseidonis' },
  ],
  prompt: (doc) => `What is the capital of ${doc.country}?`,
  target: (doc) => doc.capital,
  generation: { until: ['\n'], max_gen_toks: 16 },
  metrics: [
    {
      name: 'judged',
      judge,
      prompt: ({ doc, answer }) =>
        `Answer: ${answer}\nRight: ${doc.capital}\nEnd with "Verdict: good", "Verdict: fair" or "Verdict: poor".`,
      verdicts: { good: 1, fair: 0.5, poor: 0 },
    },
  ],
});

const runId = ulid();
const result = await evaluate(model, [task], { runId, tape, prompt: { asChat: true } });
process.stdout.write(resultsTable(result));
await tape.flush();
console.log(`${tape.count({ runId, model: 'strict-judge' })} judgements on the tape of the run`);
