import { LmdeckError } from '../../core/index.ts';
import type { Doc } from '../../datasets/index.ts';
import { pythonJson, PythonRandom } from '../../python/index.ts';

/** Picks the examples that stand before a document. */
export interface FewShotSampler {
  /** @param evaluated the document that is asked, when it could be among the examples: it is left out. */
  sample(count: number, evaluated: Doc | undefined): readonly Doc[];
}

/**
 * The sampler of a task file. `default` draws with Python's generator, one after the other in the order of the documents, so that the
 * examples are those of lm-evaluation-harness; `first_n` takes the first ones.
 *
 * @throws LmdeckError `config` for another name, and when there are not enough examples.
 */
export function fewShotSampler(name: string, task: string, pool: readonly Doc[], seed: number): FewShotSampler {
  switch (name) {
    case 'default':
      return new RandomSampler(task, pool, seed);
    case 'first_n':
      return new FirstSampler(task, pool);
    default:
      throw new LmdeckError('config', `task ${task}: fewshot_config.sampler must be default or first_n, not ${JSON.stringify(name)}.`);
  }
}

class RandomSampler implements FewShotSampler {
  readonly #task: string;
  readonly #pool: readonly Doc[];
  readonly #random: PythonRandom;

  constructor(task: string, pool: readonly Doc[], seed: number) {
    this.#task = task;
    this.#pool = pool;
    this.#random = new PythonRandom(seed);
  }

  sample(count: number, evaluated: Doc | undefined): readonly Doc[] {
    if (count === 0) return [];
    const wanted = evaluated === undefined ? count : count + 1;
    if (wanted > this.#pool.length) throw tooFew(this.#task, wanted, this.#pool.length);
    const drawn = this.#random.sample(this.#pool, wanted);
    return without(drawn, evaluated).slice(0, count);
  }
}

class FirstSampler implements FewShotSampler {
  readonly #task: string;
  readonly #pool: readonly Doc[];

  constructor(task: string, pool: readonly Doc[]) {
    this.#task = task;
    this.#pool = pool;
  }

  sample(count: number, evaluated: Doc | undefined): readonly Doc[] {
    // Only as many as can matter are compared: the pool may be a whole training set.
    const first = without(this.#pool.slice(0, count + 1), evaluated);
    const left = first.length >= count ? first : without(this.#pool, evaluated);
    if (count > left.length) throw tooFew(this.#task, count, left.length);
    return left.slice(0, count);
  }
}

function without(docs: readonly Doc[], evaluated: Doc | undefined): readonly Doc[] {
  if (evaluated === undefined) return docs;
  const same = pythonJson(evaluated, { sortKeys: true });
  return docs.filter((doc) => pythonJson(doc, { sortKeys: true }) !== same);
}

function tooFew(task: string, wanted: number, there: number): LmdeckError {
  return new LmdeckError(
    'config',
    `task ${task}: ${wanted} few-shot examples are needed, but there are ${there}. Use fewer (--num_fewshot) or another fewshot_split.`,
  );
}
