import type { Comparison } from '../comparison.ts';
import { rotate } from '../rotation.ts';
import type { Bench, Row } from '../row.ts';

const scan = 'fastest-levenshtein over all';
const search = 'lmdeck tape.closest';

interface Question {
  readonly title: string;
  /** Which prompts, which question, from which similarity on. */
  readonly argument: string;
  readonly atLeast: number;
}

const questions: readonly Question[] = [
  { title: 'Near match among 2000 prompts of 4.2 KB with one system prompt', argument: 'same near 0.5', atLeast: 200 },
  { title: 'Near match among 2000 prompts of 1 to 8 KB', argument: 'mixed near 0.5', atLeast: 200 },
  { title: 'Nothing near among 2000 prompts of 4.2 KB with one system prompt, cutoff 0.5', argument: 'same miss 0.5', atLeast: 4 },
  { title: 'Nothing near among 2000 prompts of 1 to 8 KB, cutoff 0.7', argument: 'mixed miss 0.7', atLeast: 15 },
];

export const closestRow: Row = {
  name: 'closest',
  summary: 'the recorded prompt that is most like another one, from a tape, against measuring the distance to each text in memory',
  run: async (bench) => {
    const comparisons: Comparison[] = [];
    for (const question of questions) comparisons.push(await compare(bench, question));
    return comparisons;
  },
};

function compare(bench: Bench, { title, argument, atLeast }: Question): Promise<Comparison> {
  return rotate(bench, {
    title,
    unit: 'search',
    measure: 'rate',
    reference: scan,
    cases: [
      { name: scan, client: 'fastest-levenshtein', task: 'closest', argument },
      { name: search, client: 'lmdeck closest', task: 'closest', argument },
    ],
    goals: [{ what: 'lmdeck ÷ a scan with fastest-levenshtein, searches per second', measure: 'rate', of: search, to: scan, atLeast }],
    concurrency: 1,
    rounds: bench.quick ? 1 : 3,
    sliceMs: 500,
    trialRuns: 1,
    maxRuns: 100,
  });
}
