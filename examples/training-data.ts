/**
 * From recorded answers to files to train on, offline: `node examples/training-data.ts`. A scripted model answers questions twice, a function
 * rewards the answers, and the tape becomes preferences and conversations.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { languageModel, messageText, mock } from 'lmdeck';
import { exportCalls } from 'lmdeck/interop';
import { record } from 'lmdeck/middleware';
import { openTape } from 'lmdeck/tape';
import { preferenceFormat, sftFormat } from 'lmdeck/training';

const questions = new Map([
  ['2 + 2?', '4'],
  ['3 + 4?', '7'],
]);

await using tape = openTape(':memory:');
const model = languageModel(mock({ outputs: ['4', '5', '8', '7'] }), record(tape, { runId: 'sums' }));
for (const question of questions.keys()) {
  for (let sample = 0; sample < 2; sample++) await model.prompt(question, { sample }).text();
}

// The reward comes when the answers are there: it is noted on the calls.
for (const call of tape.iterate({ runId: 'sums' })) {
  const [asked, answered] = [call.request.messages.at(-1), call.samples[0]?.message];
  if (asked === undefined || answered === undefined) continue;
  tape.tag(call.id, { reward: messageText(answered) === questions.get(messageText(asked)) ? 1 : 0 });
}

const folder = mkdtempSync(join(tmpdir(), 'training-data-'));
try {
  for (const format of [preferenceFormat({ tape }), sftFormat({ tape, minScore: 1 })]) {
    const file = join(folder, `${format.name}.jsonl`);
    const { lines } = await exportCalls(tape, file, { format, filter: { runId: 'sums' } });
    console.log(`${format.name}.jsonl: ${lines} lines`);
    process.stdout.write(readFileSync(file, 'utf8'));
  }
} finally {
  rmSync(folder, { recursive: true });
}
