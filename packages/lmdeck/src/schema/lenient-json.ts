import { LmdeckError, type JsonValue } from '../core/index.ts';
import { LenientReader, type Leniency } from './lenient-reader.ts';

/** A value that was read, and what had to be overlooked; nothing when the text was JSON. */
export interface LenientJson {
  readonly value: JsonValue;
  readonly leniencies: readonly Leniency[];
}

/** Text that tries to begin a value more often than this is not searched further, so that the search stays linear. */
const MOST_CANDIDATES = 100;

/**
 * Reads JSON as models write it. Valid JSON gives what `JSON.parse` gives, and no leniencies. Otherwise overlooked, and told: text or a
 * code fence around it, trailing commas, single quotes, keys without quotes, line breaks and other control characters in strings, unknown escapes,
 * comments, Python's `True`, `False` and `None`. A value that is cut off stays an error: nothing is made up.
 *
 * @param accept of several values in a text the first one that it likes is taken, else the last one.
 * @throws LmdeckError `invalid-response` when there is no value in it.
 *
 * @example
 * ```ts
 * import { lenientJson } from 'lmdeck/schema';
 *
 * const { value, leniencies } = lenientJson("Sure! {'name': 'Maria', tags: [1, 2,],}");
 * console.log(JSON.stringify(value)); // {"name":"Maria","tags":[1,2]}
 * console.log(leniencies.join()); // text-around,single-quotes,bare-key,trailing-comma
 * ```
 */
export function lenientJson(text: string, accept: (value: JsonValue) => boolean = () => true): LenientJson {
  try {
    const value: JsonValue = JSON.parse(text);
    return { value, leniencies: [] };
  } catch (cause) {
    let last: LenientJson | undefined;
    for (const candidate of candidates(text)) {
      if (accept(candidate.value)) return candidate;
      last = candidate;
    }
    if (last !== undefined) return last;
    throw new LmdeckError('invalid-response', `This is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function* candidates(text: string): Generator<LenientJson> {
  const fence = /^\s*```\w*\s/u.exec(text)?.[0] ?? '';
  const whole = new LenientReader(text, fence.length);
  const only = whole.whole();
  if (only !== undefined) {
    yield found(only, fence === '' ? whole.leniencies : ['code-fence', ...whole.leniencies]);
    return;
  }
  const begin = /[{[]/gu;
  let match = begin.exec(text);
  for (let tries = 0; match !== null && tries < MOST_CANDIDATES; tries++) {
    const reader = new LenientReader(text, match.index);
    const value = reader.value();
    if (value !== undefined) {
      yield found(value, ['text-around', ...reader.leniencies]);
      begin.lastIndex = reader.position;
    }
    match = begin.exec(text);
  }
}

function found(value: JsonValue, leniencies: readonly Leniency[]): LenientJson {
  // Odd white space alone (a byte order mark, a no-break space) is text around it.
  return { value, leniencies: leniencies.length === 0 ? ['text-around'] : [...new Set(leniencies)] };
}
