import { appendFileSync, chmodSync, readFileSync, writeFileSync } from 'node:fs';

const KEPT = 1000;

/** What was typed, for the arrow keys. */
export interface ChatHistory {
  newestFirst(): readonly string[];
  add(text: string): void;
}

/** A history in memory. */
export function memoryHistory(before: readonly string[] = []): ChatHistory {
  let entries = before;
  return {
    newestFirst: () => entries,
    add: (text) => {
      entries = [text, ...entries.filter((each) => each !== text)].slice(0, KEPT);
    },
  };
}

/** A history in a file that only its owner can read: one JSON text a line. What cannot be read or written is no history. */
export function fileHistory(path: string): ChatHistory {
  const lines = readLines(path);
  const memory = memoryHistory([...new Set(lines.toReversed())].slice(0, KEPT));
  if (lines.length > 2 * KEPT) attempt(() => writeFileSync(path, memory.newestFirst().toReversed().map(toLine).join(''), { mode: 0o600 }));
  return {
    newestFirst: () => memory.newestFirst(),
    add: (text) => {
      memory.add(text);
      attempt(() => {
        appendFileSync(path, toLine(text), { mode: 0o600 });
        chmodSync(path, 0o600);
      });
    },
  };
}

function toLine(text: string): string {
  return `${JSON.stringify(text)}\n`;
}

function readLines(path: string): string[] {
  const lines: string[] = [];
  attempt(() => {
    for (const line of readFileSync(path, 'utf8').split('\n')) {
      const value: unknown = line === '' ? undefined : JSON.parse(line);
      if (typeof value === 'string') lines.push(value);
    }
  });
  return lines;
}

/** A chat is not to fail for its history. */
function attempt(work: () => void): void {
  try {
    work();
  } catch {
    return;
  }
}
