import { LmdeckError } from '../../core/index.ts';
import { withoutKeys } from '../../transport/index.ts';
import { bareWord } from './answer-json.ts';

const MAX_EXCERPT_CHARS = 200;

/** What came instead of what was asked for: shown clipped, a web page by its title. */
export function unexpectedAnswer(text: string, endpoint: string, cause?: unknown, wanted = 'a completion'): LmdeckError {
  const broken = notFinite(text, `${endpoint}: the answer`, cause);
  if (broken !== undefined) return broken;
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(text)?.[1]?.replaceAll(/\s+/g, ' ').trim();
  const isPage = title !== undefined || /^\s*<(!doctype|html)/i.test(text);
  const page = title === undefined ? 'a web page' : `a web page titled ${excerpt(title)}`;
  const came = isPage ? page : text === '' ? 'nothing' : excerpt(text);
  return new LmdeckError(
    'invalid-response',
    `${endpoint}: the server answered ${came} instead of ${wanted}. Is the base URL right?`,
    cause === undefined ? {} : { cause },
  );
}

/** The error of an answer that is JSON but for a NaN or an infinity, which Python writes bare; `undefined` for any other. */
export function notFinite(text: string, where: string, cause: unknown): LmdeckError | undefined {
  const word = cause instanceof SyntaxError ? bareWord(text) : undefined;
  if (word === undefined) return undefined;
  const reason =
    'the computation of the model has gone wrong on the server (an overflow in half precision, for instance), or it writes infinities so';
  return new LmdeckError('invalid-response', `${where} has ${withoutKeys(word)}, which is no JSON: ${reason}.`, { cause });
}

/** The beginning of what a server sent, without keys, quoted, short enough for an error message. */
export function excerpt(text: string): string {
  const shown = withoutKeys(text.slice(0, 2 * MAX_EXCERPT_CHARS));
  return JSON.stringify(text.length <= MAX_EXCERPT_CHARS ? shown : `${shown.slice(0, MAX_EXCERPT_CHARS)}…`);
}
