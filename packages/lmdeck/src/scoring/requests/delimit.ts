import { isPythonSpace } from '../../python/index.ts';

/**
 * Joins two texts, with a delimiter unless there is white space at the seam already or one of them is missing or empty. As `maybe_delimit`
 * of lm-evaluation-harness.
 */
export function maybeDelimit(before: string | undefined, after: string | undefined, delimiter: string = ' '): string {
  if (before === undefined || before === '') return after ?? '';
  if (after === undefined || after === '') return before;
  return isPythonSpace(before.slice(-1)) || isPythonSpace(after.slice(0, 1)) ? before + after : before + delimiter + after;
}
