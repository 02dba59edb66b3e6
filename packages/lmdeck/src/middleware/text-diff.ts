import { diffTokens } from './diff-tokens.ts';

/** Unchanged text on each side of a change that is shown. */
const CONTEXT_CHARS = 60;
/** Beyond so many changed words a text is compared line by line first, and beyond so many changed lines it counts as exchanged. */
const MOST_EDITS = 2000;
/** Changed words in one stretch of changed lines. */
const MOST_EDITS_IN_LINES = 200;

/** A stretch of text that both have or only one. */
export interface TextRun {
  readonly kind: 'same' | 'removed' | 'added';
  readonly text: string;
}

/** How changes are marked. */
export interface DiffStyle {
  /** Text within a text. */
  removed(text: string): string;
  added(text: string): string;
  /** A whole value: `before(x) → after(y)`. */
  before(value: string): string;
  after(value: string): string;
}

/** `[-gone-]` and `{+new+}`. */
export const plainStyle: DiffStyle = {
  removed: (text) => `[-${text}-]`,
  added: (text) => `{+${text}+}`,
  before: (value) => value,
  after: (value) => value,
};

const red = (text: string): string => `\u001B[31m${text}\u001B[39m`;
const green = (text: string): string => `\u001B[32m${text}\u001B[39m`;

/** The same in red and green. */
export const colorStyle: DiffStyle = {
  removed: (text) => red(`[-${text}-]`),
  added: (text) => green(`{+${text}+}`),
  before: red,
  after: green,
};

/**
 * What changed from one text to another, word by word, with a little of what is around; `…` stands for what is left out.
 * At most about `maxChars` long, also for texts of megabytes.
 */
export function textDiff(before: string, after: string, style: DiffStyle = plainStyle, maxChars = 2000): string {
  const runs = textRuns(before, after);
  let text = '';
  let length = 0;
  for (const [i, run] of runs.entries()) {
    const piece = shown(run, i === 0, i === runs.length - 1);
    length += piece.length;
    text += run.kind === 'same' ? piece : style[run.kind](piece);
    if (length > maxChars && i < runs.length - 1) return `${text}… (more differs)`;
  }
  return text;
}

/** Both texts as stretches that are the same, removed or added. Words, white space and single signs stay whole. */
export function textRuns(before: string, after: string): TextRun[] {
  if (before === after) return before === '' ? [] : [{ kind: 'same', text: before }];
  return tokenRuns(wordsOf(before), wordsOf(after), MOST_EDITS) ?? lineRuns(before, after);
}

/** Far apart: the lines that changed, and within them the words where these are not too many. */
function lineRuns(before: string, after: string): TextRun[] {
  const lines = tokenRuns(linesOf(before), linesOf(after), MOST_EDITS) ?? exchanged(before, after);
  return lines.flatMap((run, i) => {
    const previous = lines[i - 1];
    const next = lines[i + 1];
    if (run.kind === 'removed' && next?.kind === 'added')
      return tokenRuns(wordsOf(run.text), wordsOf(next.text), MOST_EDITS_IN_LINES) ?? exchanged(run.text, next.text);
    return run.kind === 'added' && previous?.kind === 'removed' ? [] : [run];
  });
}

function tokenRuns(before: readonly string[], after: readonly string[], mostEdits: number): TextRun[] | undefined {
  return diffTokens(before, after, mostEdits)?.map(({ kind, start, end }) => ({
    kind,
    text: (kind === 'added' ? after : before).slice(start, end).join(''),
  }));
}

function exchanged(before: string, after: string): TextRun[] {
  return [
    { kind: 'removed', text: before },
    { kind: 'added', text: after },
  ];
}

const WORDS = /[^\S\r\n]+|\r\n|[\r\n]|[[\p{L}\p{N}\p{M}_]--[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]]+|[^]/gv;

/** White space, words, single signs. Scripts without spaces between words go by the character. */
function wordsOf(text: string): string[] {
  return text.match(WORDS) ?? [];
}

function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+/g) ?? [];
}

function shown({ kind, text }: TextRun, isFirst: boolean, isLast: boolean): string {
  if (kind !== 'same') return visible(text.length <= 4 * CONTEXT_CHARS ? text : `${head(text, 2)}…${tail(text, 1)}`, true);
  const before = isFirst ? '' : head(text, 1);
  const after = isLast ? '' : tail(text, 1);
  if (isFirst && isLast) return visible(text.length <= 4 * CONTEXT_CHARS ? text : `${head(text, 2)}…${tail(text, 1)}`, false);
  return visible(text.length <= before.length + after.length + 20 ? text : `${before}…${after}`, false);
}

function head(text: string, times: number): string {
  return text.slice(0, times * CONTEXT_CHARS).toWellFormed();
}

function tail(text: string, times: number): string {
  return text.slice(-times * CONTEXT_CHARS).toWellFormed();
}

/** Text that a terminal can be given. What cannot be seen is written out; in a change also spaces and line ends, which may be all of it. */
function visible(text: string, isChange: boolean): string {
  const written = text.replaceAll(/\r\n?|[[\p{Cc}\p{Cf}\p{Z}]--[ ]]/gv, (sign) => (sign === '\n' || sign === '\t' ? sign : escaped(sign)));
  if (!isChange || /\S/.test(written)) return written;
  return written
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('\t', String.raw`\t`)
    .replaceAll(' ', '·');
}

function escaped(text: string): string {
  const names: Readonly<Record<string, string>> = { '\r': String.raw`\r`, '\n': String.raw`\n` };
  return Array.from(text, (sign) => names[sign] ?? `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`).join('');
}
