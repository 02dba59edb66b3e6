import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { seeded, wordsOf } from './workload.ts';

/** A question with four choices. */
export interface ChoiceDocument {
  readonly question: string;
  readonly choices: readonly string[];
  readonly answer: number;
}

export const choicesPerDocument = 4;

const corpus = wordsOf(200_000, seeded(11));

/** The same document for the same number, in every process: some 300 characters, as in the usual benchmarks. */
export function documentAt(index: number): ChoiceDocument {
  const random = seeded(index);
  const cut = (length: number): string => {
    const start = Math.floor(random() * (corpus.length - length));
    return corpus.slice(start, start + length).trim();
  };
  return {
    question: `Question ${index}: ${cut(180 + Math.floor(random() * 140))}?\nAnswer:`,
    choices: Array.from({ length: choicesPerDocument }, () => cut(12 + Math.floor(random() * 30))),
    answer: Math.floor(random() * choicesPerDocument),
  };
}

/** Writes a task of so many documents; returns the path of its file. */
export function writeTask(folder: string, documents: number): string {
  mkdirSync(folder, { recursive: true });
  // Line by line: whoever is measured writes it, and must not be charged for memory that this took.
  const file = openSync(join(folder, 'choices.jsonl'), 'w');
  for (let index = 0; index < documents; index++) writeSync(file, `${JSON.stringify(documentAt(index))}\n`);
  closeSync(file);
  const path = join(folder, 'choices.yaml');
  writeFileSync(
    path,
    `task: choices
dataset_path: json
dataset_kwargs: {data_files: {test: choices.jsonl}}
test_split: test
output_type: multiple_choice
doc_to_text: question
doc_to_choice: choices
doc_to_target: answer
metadata: {version: 1}
`,
  );
  return path;
}

/** A prompt whose echoed answer has about 35 KB. */
export function longPrompt(index: number): { readonly context: string; readonly continuation: string } {
  const start = (index * 7919) % (corpus.length - 3000);
  return { context: `Text ${index}: ${corpus.slice(start, start + 2300).trim()}`, continuation: ' and so it ends.' };
}
