import { LmdeckError } from '../../core/index.ts';

/** A document of a task, by column. */
export type Document = Readonly<Record<string, unknown>>;

/**
 * What one model answer is on its way through the filters: text at first (or a log-likelihood), then whatever a filter makes of it. `unknown`,
 * because filters of tasks may make anything.
 */
export type FilterItem = unknown;

/**
 * Changes the answers of all documents of a task: for each document the list of its answers (one per repeat) in, what is left of it out, in
 * the same order. The last filter of a pipeline usually makes one value of the list.
 */
export type Filter = (answers: readonly (readonly FilterItem[])[], documents: readonly Document[]) => readonly FilterItem[];

/** The settings of a filter in a task file; a task in code can also give functions. */
export type FilterSettings = Readonly<Record<string, unknown>>;

/** A filter that changes every answer by itself. */
export function eachAnswer(change: (answer: FilterItem) => FilterItem): Filter {
  return (answers) => answers.map((list) => list.map((answer) => change(answer)));
}

/** A filter that changes every answer, which must be text. */
export function eachText(name: string, change: (text: string) => FilterItem): Filter {
  return eachAnswer((answer) => change(textOf(name, answer)));
}

/** @throws LmdeckError `config` for an answer that is no text. */
function textOf(name: string, answer: FilterItem): string {
  if (typeof answer === 'string') return answer;
  throw new LmdeckError(
    'config',
    `filter ${name}: takes text, but got ${JSON.stringify(answer)}; put it before the filter that made this.`,
  );
}

/** The settings of a filter by type; names that are not asked for are reported as mistakes. */
export class SettingsReader {
  readonly #filter: string;
  readonly #settings: FilterSettings;
  readonly #asked = new Set<string>();

  constructor(filter: string, settings: FilterSettings) {
    this.#filter = filter;
    this.#settings = settings;
  }

  text(name: string, otherwise: string): string {
    const value = this.value(name) ?? otherwise;
    return typeof value === 'string' ? value : this.#wrong(name, 'text');
  }

  wholeNumber(name: string, otherwise?: number): number {
    const value = this.value(name) ?? otherwise;
    return typeof value === 'number' && Number.isInteger(value) ? value : this.#wrong(name, 'a whole number');
  }

  flag(name: string): boolean {
    const value = this.value(name) ?? false;
    return typeof value === 'boolean' ? value : this.#wrong(name, 'true or false');
  }

  texts(name: string): readonly string[] {
    const value = this.value(name) ?? [];
    return isTexts(value) ? value : this.#wrong(name, 'a list of texts');
  }

  value(name: string): unknown {
    this.#asked.add(name);
    return this.#settings[name];
  }

  /** @throws LmdeckError `config` when there are settings that nobody asked for. */
  finish(): void {
    const unknown = Object.keys(this.#settings).filter((name) => !this.#asked.has(name));
    if (unknown.length === 0) return;
    const known = [...this.#asked].join(', ') || 'none';
    throw new LmdeckError('config', `filter ${this.#filter}: has no setting ${unknown.join(', ')}; it has: ${known}.`);
  }

  #wrong(name: string, wanted: string): never {
    throw new LmdeckError('config', `filter ${this.#filter}: ${name} must be ${wanted}, not ${JSON.stringify(this.#settings[name])}.`);
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
