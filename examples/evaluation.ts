/** A task in code, evaluated offline with its own metric: `node examples/evaluation.ts`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDeck, ulid } from 'lmdeck';
import { defineTask, evaluate, readResults, ResultsFolder, resultsTable, runFiles, writeReport } from 'lmdeck/scoring';

await using deck = await openDeck();
const model = await deck.model('tiny');

const capitals = await defineTask({
  name: 'capitals',
  version: 1,
  outputType: 'multiple_choice',
  docs: [
    { country: 'France', cities: ['Rome', 'Paris', 'Madrid'], right: 1 },
    { country: 'Italy', cities: ['Rome', 'Paris', 'Madrid'], right: 0 },
    { country: 'Spain', cities: ['Rome', 'Paris', 'Madrid'], right: 2 },
  ],
  prompt: (doc) => `The capital of ${doc.country} is`,
  choices: (doc) => doc.cities,
  target: (doc) => doc.right,
});

const extraction = await defineTask({
  name: 'extraction',
  outputType: 'generate_until',
  docs: [
    { text: 'Maria is 34 years old.', age: 34 },
    { text: 'Peter is 51 years old.', age: 51 },
  ],
  prompt: (doc) => `Extract the name and age as JSON: ${doc.text}`,
  target: (doc) => String(doc.age),
  generation: { until: ['\n'], max_gen_toks: 40 },
  // A metric is any function; it may ask another model what it thinks of the answer.
  metrics: [{ name: 'has_age', score: ({ doc, answer }) => (answer.includes(String(doc.age)) ? 1 : 0) }],
});

const folder = mkdtempSync(join(tmpdir(), 'lmdeck-evaluation-'));
const files = new ResultsFolder(runFiles(folder), { samples: true });
const result = await evaluate(model, [capitals, extraction], {
  // The same id again goes on where an earlier run stopped.
  runId: ulid(),
  tape: await deck.tape(),
  // The embedded model answers questions; its bare text continues anything.
  prompt: { asChat: false },
  onSample: (sample) => files.add(sample),
});
files.finish(result, {});
await writeReport(readResults(folder), join(folder, 'report.html'));
process.stdout.write(resultsTable(result));
rmSync(folder, { recursive: true });
