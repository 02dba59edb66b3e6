import { LmdeckError } from '../../core/index.ts';
import type { Filter, FilterItem } from './filter.ts';

/** The first answer of each document alone. */
export function takeFirst(): Filter {
  return (answers) =>
    answers.map((list, i) => {
      if (list.length === 0) throw new LmdeckError('config', `filter take_first: document ${i} has no answers.`);
      return list[0];
    });
}

/** The first `k` answers of each document. */
export function takeFirstK(k: number): Filter {
  return (answers) => {
    const short = answers.findIndex((list) => list.length < k);
    if (short !== -1)
      throw new LmdeckError(
        'config',
        `filter take_first_k: needs ${k} answers per document, document ${short} has ${answers[short]?.length}; raise repeats.`,
      );
    return answers.map((list) => list.slice(0, k));
  };
}

/** The answer that each document has most often; of equally frequent ones the first. Still a list, of one. */
export function majorityVote(): Filter {
  return (answers) =>
    answers.map((list) => {
      const votes = new Map<string, { readonly answer: FilterItem; count: number }>();
      for (const answer of list) {
        const key = identity(answer);
        const vote = votes.get(key);
        if (vote === undefined) votes.set(key, { answer, count: 1 });
        else vote.count += 1;
      }
      const [first, ...rest] = votes.values();
      if (first === undefined) return [];
      return [rest.reduce((best, vote) => (vote.count > best.count ? vote : best), first).answer];
    });
}

/** Replaces each answer by what `mapping` has for it; anything else becomes `defaultValue`. Keys are told apart as in Python: `1` is not `'1'`. */
export function mapAnswers(mapping: ReadonlyMap<unknown, unknown>, defaultValue: unknown = null): Filter {
  const values = new Map([...mapping].map(([key, value]) => [identity(key), value]));
  return (answers) =>
    answers.map((list) => list.map((answer) => (values.has(identity(answer)) ? values.get(identity(answer)) : defaultValue)));
}

/** A text that is the same for equal answers only. */
function identity(answer: FilterItem): string {
  return typeof answer === 'string' ? `'${answer}` : (JSON.stringify(answer) ?? String(answer));
}
