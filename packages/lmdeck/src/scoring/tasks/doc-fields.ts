import { LmdeckError } from '../../core/index.ts';
import type { Doc } from '../../datasets/index.ts';
import { dictEntries, parsePythonLiteral, PythonFloat, pythonStr, type PythonValue } from '../../python/index.ts';
import type { TaskJinja } from '../../templates/index.ts';
import type { FieldRule } from './task-config.ts';
import { TaskFunction } from './task-function.ts';

/** A rule of a task whose functions are loaded. */
export type LoadedRule = PythonValue | ((...args: readonly unknown[]) => unknown);

/** The function of a callback; anything else as it is. */
export async function loadRule(rule: FieldRule): Promise<LoadedRule> {
  return rule instanceof TaskFunction ? rule.load() : rule;
}

/** Gets the parts of a prompt out of a document, as lm-evaluation-harness resolves the `doc_to_…` fields of a task. */
export class DocFields {
  readonly #jinja: TaskJinja;
  readonly #task: string;
  readonly #hasChoices: boolean;
  readonly #columns: ReadonlySet<string>;

  /**
   * @param task its name, and its file where it has one.
   * @param columns of the documents: a rule that is the name of one means that column.
   */
  constructor(jinja: TaskJinja, task: string, hasChoices: boolean, columns: ReadonlySet<string>) {
    this.#jinja = jinja;
    this.#task = task;
    this.#hasChoices = hasChoices;
    this.#columns = columns;
  }

  /** The question: text; or, for tasks whose choices are contexts, the number of the right one. */
  text(doc: Doc, rule: LoadedRule): string | number {
    if (rule === undefined) throw this.#missing('doc_to_text');
    const value = typeof rule === 'number' ? rule : this.#resolved(doc, rule, 'doc_to_text');
    if (typeof value === 'number' && Number.isInteger(value)) return value;
    if (value === undefined || value === null) throw this.#nothing('doc_to_text');
    // A column or a function means what it says: only a template cannot give a number.
    const index = typeof rule === 'string' && !this.#columns.has(rule) ? this.#index(value) : undefined;
    return index ?? pythonStr(value);
  }

  /** The answer: text, the number of a choice, or several that are right. */
  target(doc: Doc, rule: LoadedRule): PythonValue {
    if (rule === undefined) throw this.#missing('doc_to_target');
    if (typeof rule === 'number' || isList(rule)) return rule;
    if (typeof rule !== 'string' || this.#columns.has(rule)) return this.#resolved(doc, rule, 'doc_to_target');
    const text = this.#render(doc, rule, 'doc_to_target');
    const index = this.#index(text);
    if (index !== undefined) return index;
    return text.length >= 2 && text.startsWith('[') && text.endsWith(']') ? (parsePythonLiteral(text) ?? text) : text;
  }

  /** The choices, in order. */
  choices(doc: Doc, rule: LoadedRule): readonly string[] {
    const value =
      typeof rule === 'string' && !this.#columns.has(rule) ? this.#listOf(doc, rule) : this.#resolved(doc, rule, 'doc_to_choice');
    if (isList(value)) return value.map((each) => this.#choice(each));
    if (typeof value === 'object' && value !== null && !(value instanceof PythonFloat)) {
      // A dict in the file stands for its values; one in a document is gone through, which gives its keys.
      const entries = dictEntries(asDict(value));
      return entries.map(([key, each]) => this.#choice(value === rule ? each : key));
    }
    throw new LmdeckError('config', `task ${this.#task}: doc_to_choice must give a list, but gives ${pythonStr(value)}.`);
  }

  /** Optional text (description, prefix of the answer): a column, a template, or nothing. */
  optional(doc: Doc, rule: LoadedRule, name: string): string | undefined {
    if (rule === undefined || rule === null) return undefined;
    return pythonStr(
      typeof rule === 'string' && !this.#columns.has(rule) ? this.#render(doc, rule, name) : this.#resolved(doc, rule, name),
    );
  }

  #resolved(doc: Doc, rule: LoadedRule, name: string): PythonValue {
    if (typeof rule === 'function') return this.#guard(name, () => asPython(rule(doc)));
    if (typeof rule !== 'string') return rule;
    return this.#columns.has(rule) ? doc[rule] : this.#render(doc, rule, name);
  }

  /** `{{ … }}` that gives a list, or text that is a list in Python. */
  #listOf(doc: Doc, rule: string): PythonValue {
    const value = this.#guard('doc_to_choice', () => this.#jinja.template(rule).value(doc));
    return typeof value === 'string' ? (parsePythonLiteral(value) ?? value) : value;
  }

  #render(doc: Doc, rule: string, name: string): string {
    return this.#guard(name, () => this.#jinja.template(rule).render(doc));
  }

  /** A text of digits is the number of a choice, where there are choices. */
  #index(value: PythonValue): number | undefined {
    return this.#hasChoices && typeof value === 'string' && /^\p{Nd}+$/u.test(value) ? Number(value) : undefined;
  }

  #guard<T>(name: string, run: () => T): T {
    try {
      return run();
    } catch (error) {
      throw new LmdeckError('config', `task ${this.#task}: ${name}: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    }
  }

  /** The target as the text that is scored. */
  targetText(doc: Doc, rule: LoadedRule): string {
    const target = this.target(doc, rule);
    if (target === undefined || target === null) throw this.#nothing('doc_to_target');
    return pythonStr(target);
  }

  #choice(value: PythonValue): string {
    if (value === undefined || value === null) throw this.#nothing('doc_to_choice');
    return pythonStr(value);
  }

  #nothing(name: string): LmdeckError {
    return new LmdeckError(
      'config',
      `task ${this.#task}: ${name} gives nothing (null) for a document. Leave it out with process_docs, or give it a text.`,
    );
  }

  #missing(name: string): LmdeckError {
    return new LmdeckError('config', `task ${this.#task}: ${name} is missing.`);
  }
}

/** What a function of a task gave, taken at its word. */
function asPython(value: unknown): PythonValue {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
    case 'boolean':
      return value;
    case 'object':
      if (value === null) return null;
      if (value instanceof Map)
        return new Map(Array.from(value, ([name, member]: [unknown, unknown]) => [asPython(name), asPython(member)]));
      return Array.isArray(value)
        ? value.map(asPython)
        : Object.fromEntries(Object.entries(value).map(([name, member]) => [name, asPython(member)]));
    default:
      return null;
  }
}

function asDict(value: object): ReadonlyMap<PythonValue, PythonValue> | { readonly [key: string]: PythonValue } {
  return value instanceof Map ? value : { ...value };
}

function isList(value: LoadedRule): value is readonly PythonValue[] {
  return Array.isArray(value);
}
