/** Unchanged text on each side of a change that is shown. */
const CONTEXT_CHARS = 60;
/** Word pairs that are compared at most; texts that differ more are shown as replaced. */
const MOST_CELLS = 4_000_000;

interface Run {
  readonly kind: 'same' | 'removed' | 'added';
  text: string;
}

/**
 * What changed from one text to another, word by word: `[-gone-]` and `{+new+}` with a little of what is around;
 * `…` stands for what is left out. At most about `maxChars` long.
 */
export function textDiff(before: string, after: string, maxChars = 1200): string {
  const runs = wordRuns(before, after);
  let text = '';
  for (const [i, run] of runs.entries()) {
    text += shown(run, i === 0, i === runs.length - 1);
    if (text.length > maxChars) return `${text.slice(0, maxChars)}… (more differs)`;
  }
  return text;
}

function shown(run: Run, isFirst: boolean, isLast: boolean): string {
  if (run.kind === 'removed') return `[-${clip(run.text)}-]`;
  if (run.kind === 'added') return `{+${clip(run.text)}+}`;
  const { text } = run;
  if (isFirst && isLast) return clip(text);
  const head = isFirst ? '' : text.slice(0, CONTEXT_CHARS);
  const tail = isLast ? '' : text.slice(-CONTEXT_CHARS);
  return text.length <= head.length + tail.length + 20 ? text : `${head}…${tail}`;
}

function clip(text: string): string {
  return text.length <= 4 * CONTEXT_CHARS ? text : `${text.slice(0, 2 * CONTEXT_CHARS)}…${text.slice(-CONTEXT_CHARS)}`;
}

function wordRuns(before: string, after: string): Run[] {
  const a = before.match(/\s+|[^\s]+/g) ?? [];
  const b = after.match(/\s+|[^\s]+/g) ?? [];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const runs: Run[] = [];
  const add = (kind: Run['kind'], text: string): void => {
    if (text === '') return;
    const last = runs.at(-1);
    if (last?.kind === kind) last.text += text;
    else runs.push({ kind, text });
  };
  add('same', a.slice(0, start).join(''));
  for (const { kind, text } of middle(a.slice(start, a.length - end), b.slice(start, b.length - end))) add(kind, text);
  add('same', a.slice(a.length - end).join(''));
  return runs;
}

/** A longest common subsequence of the words, by the plain table. */
function middle(a: readonly string[], b: readonly string[]): Run[] {
  if (a.length * b.length > MOST_CELLS) {
    return [
      { kind: 'removed', text: a.join('') },
      { kind: 'added', text: b.join('') },
    ];
  }
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      longest[i * width + j] =
        a[i] === b[j]
          ? (longest[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(longest[(i + 1) * width + j] ?? 0, longest[i * width + j + 1] ?? 0);
    }
  }
  const runs: Run[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      runs.push({ kind: 'same', text: a[i] ?? '' });
      i++;
      j++;
    } else if (i < a.length && (j === b.length || (longest[(i + 1) * width + j] ?? 0) >= (longest[i * width + j + 1] ?? 0))) {
      runs.push({ kind: 'removed', text: a[i++] ?? '' });
    } else {
      runs.push({ kind: 'added', text: b[j++] ?? '' });
    }
  }
  return runs;
}
