import { LmdeckError } from '../../core/index.ts';
import { withoutKeys } from '../../transport/index.ts';

const MAX_EXCERPT_CHARS = 200;

/** What came instead of what was asked for: shown clipped, a web page by its title. */
export function unexpectedAnswer(text: string, endpoint: string, cause?: unknown, wanted = 'a completion'): LmdeckError {
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

/** The beginning of what a server sent, without keys, quoted, short enough for an error message. */
export function excerpt(text: string): string {
  const shown = withoutKeys(text.slice(0, 2 * MAX_EXCERPT_CHARS));
  return JSON.stringify(text.length <= MAX_EXCERPT_CHARS ? shown : `${shown.slice(0, MAX_EXCERPT_CHARS)}…`);
}
