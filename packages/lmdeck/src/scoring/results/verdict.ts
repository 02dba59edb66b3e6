import { documentScore } from './document-score.ts';
import type { StoredSample } from './stored-results.ts';

/** How a document did: by its first metric that judges it as right or wrong, or by degrees between. */
export type Verdict = 'right' | 'wrong' | 'failed' | 'unjudged';

/** Metrics whose scores of a document lie between 0 (wrong) and 1 (right). */
const JUDGING = /^(?:acc|exact_match|f1_score|em|pass|.*match|.*acc(?:uracy)?|.*correct)/;

/** The verdict of one row of a samples file. */
export function verdictOf({ metrics, error }: Pick<StoredSample, 'metrics' | 'error'>): Verdict {
  if (error !== undefined) return 'failed';
  for (const [name, value] of Object.entries(metrics)) {
    if (!JUDGING.test(name)) continue;
    const score = documentScore(name, value);
    if (score !== undefined && score >= 0 && score <= 1) return score === 1 ? 'right' : 'wrong';
  }
  // Metrics of the task's own: what is 0 or 1 judges too.
  const own = Object.entries(metrics).map(([name, value]) => documentScore(name, value));
  const judged = own.find((score) => score === 0 || score === 1);
  return judged === undefined ? 'unjudged' : judged === 1 ? 'right' : 'wrong';
}
