import { LmdeckError, type JsonSchema, type JsonValue } from '../core/index.ts';
import {
  lenientJson,
  revivedValue,
  unwrapped,
  withoutNulls,
  type SchemaCheck,
  type SchemaProblem,
  type StandardSchemaLike,
} from '../schema/index.ts';
import { validatedValue } from './validated-value.ts';

/** What an answer says: a valid value, or why it is none. */
export type Reading =
  | { readonly value: unknown; readonly leniencies: readonly string[]; readonly problems?: undefined }
  | { readonly problems: readonly SchemaProblem[] };

interface Candidate {
  readonly value: JsonValue;
  readonly leniencies: readonly string[];
}

/** Reads answers: text to JSON, out of its wrapping, checked, and transformed as the user's own schema says. */
export class AnswerReader {
  readonly #schema: JsonSchema;
  readonly #check: SchemaCheck;
  readonly #own: StandardSchemaLike | undefined;
  readonly #isWrapped: boolean;

  constructor(schema: JsonSchema, check: SchemaCheck, own: StandardSchemaLike | undefined, isWrapped: boolean) {
    this.#schema = schema;
    this.#check = check;
    this.#own = own;
    this.#isWrapped = isWrapped;
  }

  /** What is wrong with a value, by the JSON Schema alone. */
  check(value: JsonValue): readonly SchemaProblem[] {
    return this.#check(value);
  }

  async read(text: string): Promise<Reading> {
    let candidate: Candidate;
    try {
      candidate = this.#candidate(text);
    } catch (error) {
      return { problems: [{ path: '$', message: LmdeckError.from(error).message }] };
    }
    const { value, leniencies } = candidate;
    if (this.#own?.['~standard'].validate !== undefined) {
      const validated = await validatedValue(this.#own, value);
      return 'problems' in validated ? validated : { value: validated.value, leniencies };
    }
    const problems = this.#check(value);
    return problems.length > 0 ? { problems } : { value: revivedValue(this.#schema, value), leniencies };
  }

  #candidate(text: string): Candidate {
    // A text where text is wanted: it would be asked for again only to be put between quotes.
    if (this.#isWrapped && this.#schema['type'] === 'string' && text.trim() !== '' && !/[{}]/u.test(text)) return bareText(text.trim());
    const read = lenientJson(text, (value) => this.#check(this.#inner(value)).length === 0);
    const value = this.#inner(read.value);
    const inside = unwrapped(read.value);
    if (this.#isWrapped) return { value, leniencies: inside === undefined ? [...read.leniencies, 'not-wrapped'] : read.leniencies };
    if (inside === undefined || this.#check(value).length === 0) return { value, leniencies: read.leniencies };
    return { value: withoutNulls(this.#schema, this.#schema, inside), leniencies: [...read.leniencies, 'wrapped'] };
  }

  #inner(answer: JsonValue): JsonValue {
    const value = this.#isWrapped ? (unwrapped(answer) ?? answer) : answer;
    return withoutNulls(this.#schema, this.#schema, value);
  }
}

function bareText(text: string): Candidate {
  if (!/^"[^]*"$/u.test(text)) return { value: text, leniencies: ['bare-text'] };
  const { value, leniencies } = lenientJson(text);
  return { value, leniencies: [...leniencies, 'not-wrapped'] };
}
