import { LmdeckError, type LanguageModel, type PromptInput, type PromptOptions } from '../../core/index.ts';
import type { MetricCall, ScoredMetric } from './define-task.ts';

/**
 * A metric that asks a model what an answer is worth. The last verdict in what the judge says counts, so it may give reasons first. Its calls
 * belong to the run: a run that is taken up does not make them again, and the rows of the samples file name them (`metric_calls`).
 *
 * A judgement without a verdict, or a judge that fails, fails the document.
 *
 * @example
 * ```ts
 * import { languageModel, mock } from 'lmdeck';
 * import { defineTask, evaluate } from 'lmdeck/scoring';
 *
 * const judge = languageModel(mock({ id: 'judge', outputs: ['It names the city, and only that. Verdict: yes'] }));
 * const task = await defineTask({
 *   name: 'capitals',
 *   outputType: 'generate_until',
 *   docs: [{ country: 'France', capital: 'Paris' }],
 *   prompt: (doc) => `What is the capital of ${doc.country}?`,
 *   target: (doc) => doc.capital,
 *   metrics: [
 *     {
 *       name: 'correct',
 *       judge,
 *       prompt: ({ doc, answer }) =>
 *         `Is "${answer}" right? The capital of ${doc.country} is ${doc.capital}. End with "Verdict: yes" or "Verdict: no".`,
 *       verdicts: { yes: 1, no: 0 },
 *     },
 *   ],
 * });
 * const result = await evaluate(languageModel(mock({ outputs: ['Paris.'] })), [task]);
 * console.log(result.tasks[0]?.metrics[0]?.value); // 1
 * ```
 */
export interface JudgedMetric<D> {
  /** Of the metric. */
  readonly name: string;
  /** Who judges. Make it with a deck, or with `record`, so that its calls are on the tape too. */
  readonly judge: LanguageModel;
  /** What the judge is asked. */
  prompt(call: MetricCall<D>): PromptInput;
  /** The words that a judgement can end in, and what each is worth: `{ yes: 1, no: 0 }`. Capitals do not matter. */
  readonly verdicts: Readonly<Record<string, number>>;
  /** System prompt and options of the judge. */
  readonly ask?: Pick<PromptOptions, 'system' | 'options' | 'schema'>;
  readonly higherIsBetter?: boolean;
}

/** @throws LmdeckError `usage` for no verdicts. */
export function judgeMetric<D>(metric: JudgedMetric<D>): ScoredMetric<D> {
  const { name, judge, verdicts, ask, higherIsBetter } = metric;
  const words = Object.keys(verdicts);
  if (words.length === 0) throw new LmdeckError('usage', `metric ${name}: name the verdicts of its judge, such as { yes: 1, no: 0 }.`);
  return {
    name,
    ...(higherIsBetter === undefined ? {} : { higherIsBetter }),
    score: async (call) => {
      const judgement = await call.ask(judge, metric.prompt(call), ask).text();
      const verdict = lastOf(words, judgement);
      const value = verdict === undefined ? undefined : verdicts[verdict];
      if (value !== undefined) return value;
      const shown = judgement.length > 200 ? `…${judgement.slice(-200)}` : judgement;
      throw new LmdeckError('invalid-response', `${name}: ${judge.id} gave no verdict (${words.join(', ')}) in ${JSON.stringify(shown)}.`, {
        data: { judge: judge.id },
      });
    },
  };
}

/** The word that ends last in a text, as a word of its own; of those that end together the longest. */
function lastOf(words: readonly string[], text: string): string | undefined {
  const lower = text.toLowerCase();
  let best: { readonly word: string; readonly end: number } | undefined;
  for (const word of words) {
    const end = lastEnd(word.toLowerCase(), lower);
    if (end > (best?.end ?? -1) || (end === best?.end && word.length > best.word.length)) best = { word, end };
  }
  return best?.word;
}

/** Where a word that stands alone ends for the last time; -1 when it does not occur. */
function lastEnd(word: string, text: string): number {
  for (let at = text.lastIndexOf(word); at !== -1; at = at === 0 ? -1 : text.lastIndexOf(word, at - 1)) {
    const end = at + word.length;
    if (!isLetter(text[at - 1]) && !isLetter(text[end])) return end;
  }
  return -1;
}

function isLetter(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}]/u.test(character);
}
