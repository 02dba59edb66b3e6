import { pythonLength, pythonSplit, pythonStr, pythonStrMethod, type PythonValue } from '../python/index.ts';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' };
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

/** What `markupsafe.escape` does. */
export function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** The text without tags and comments of HTML, white space made one blank. */
export function striptags(text: string): string {
  const plain = text.replaceAll(/<!--.*?-->|<[^>]*>/gs, '');
  return pythonSplit(plain)
    .join(' ')
    .replaceAll(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (match, decimal?: string, hex?: string, name?: string) => {
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      return NAMED[name ?? ''] ?? match;
    });
}

/** `truncate(length=255, killwords=False, end='...', leeway=5)`. */
export function truncated(text: string, [length = 255, killWords, end = '...', leeway]: readonly PythonValue[]): string {
  const [size, ending] = [Number(length), pythonStr(end)];
  if (size < pythonLength(ending)) throw new RangeError(`truncate: the length ${size} is less than that of ${ending}`);
  if (pythonLength(text) <= size + Number(leeway ?? 5)) return text;
  const kept = Array.from(text)
    .slice(0, size - pythonLength(ending))
    .join('');
  const space = killWords === true ? -1 : kept.lastIndexOf(' ');
  return (space < 0 ? kept : kept.slice(0, space)) + ending;
}

/** `urllib.parse.quote` without safe characters, and what stands for a blank. */
export function urlencoded(text: string, blank: '%20' | '+'): string {
  const quoted = encodeURIComponent(text).replaceAll(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);
  return quoted.replaceAll('%20', blank);
}

/** `wordwrap(width=79, break_long_words=True, wrapstring='\n', break_on_hyphens=True)`: each line as `textwrap.wrap` has it. */
export function wordwrapped(text: string, [width = 79, breaks = true, wrapString = '\n', hyphens = true]: readonly PythonValue[]): string {
  const lines = pythonStrMethod('splitlines')?.(text, [], new Map());
  const all = Array.isArray(lines) ? lines.map(pythonStr) : [];
  const separator = wrapString === null ? '\n' : pythonStr(wrapString);
  return all.map((line) => wrapped(line, Number(width), breaks === true, hyphens === true).join(separator)).join(separator);
}

/** The pieces between which a line may end, as `textwrap` splits: white space, words, parts of words with hyphens, dashes. */
const PARTS =
  /([\t-\r ]+|(?<=[\p{L}\p{N}_!"'&.,?])-{2,}(?=[\p{L}\p{N}_])|[^\t-\r ]+?(?:-(?:(?<=[\p{L}_]{2}-)|(?<=[\p{L}_]-[\p{L}_]-))(?=[\p{L}_]-?[\p{L}_])|(?=[\t-\r ]|$)|(?<=[\p{L}\p{N}_!"'&.,?])(?=-{2,}[\p{L}\p{N}_])))/u;

function wrapped(line: string, width: number, breaks: boolean, hyphens: boolean): readonly string[] {
  if (width <= 0) throw new RangeError(`wordwrap: the width ${width} must be more than 0`);
  const chunks = line
    .split(hyphens ? PARTS : /([\t-\r ]+)/)
    .filter((part) => part !== '')
    .toReversed();
  const lines: string[] = [];
  while (chunks.length > 0) {
    const current: string[] = [];
    let size = 0;
    if (lines.length > 0 && chunks.at(-1)?.trim() === '') chunks.pop();
    for (let next = chunks.at(-1); next !== undefined && size + pythonLength(next) <= width; next = chunks.at(-1)) {
      current.push(next);
      size += pythonLength(next);
      chunks.pop();
    }
    const long = chunks.at(-1);
    if (long !== undefined && pythonLength(long) > width) {
      chunks.pop();
      if (breaks) {
        const room = brokenAt(long, width - size, hyphens);
        current.push(Array.from(long).slice(0, room).join(''));
        chunks.push(Array.from(long).slice(room).join(''));
      } else if (current.length === 0) current.push(long);
      else chunks.push(long);
    }
    if (current.at(-1)?.trim() === '') current.pop();
    if (current.length > 0) lines.push(current.join(''));
  }
  return lines;
}

/** Where a word that is longer than a line is broken: behind a hyphen when there is one. */
function brokenAt(word: string, room: number, hyphens: boolean): number {
  const letters = Array.from(word);
  const hyphen = hyphens && letters.length > room ? letters.lastIndexOf('-', room - 1) : -1;
  return hyphen > 0 && letters.slice(0, hyphen).some((each) => each !== '-') ? hyphen + 1 : room;
}
