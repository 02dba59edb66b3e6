/** Texts to be counted: the Markdown files of the installed packages, one after the other, which is English with code in it. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const wantedBytes = 1_000_000;

/** One megabyte of text. */
export function longText(): string {
  let text = '';
  for (const path of globSync('node_modules/**/*.md', { cwd: root }).sort()) {
    const file = readFileSync(join(root, path), 'utf8');
    // What looks like a special token is refused by gpt-tokenizer and plain text to lmdeck.
    if (!file.includes('<|')) text += file;
    if (Buffer.byteLength(text) >= wantedBytes) return Buffer.from(text).subarray(0, wantedBytes).toString();
  }
  throw new Error('The installed packages have less than a megabyte of Markdown; run `npm ci`.');
}

/** Lines of the same text that are as long as a short message. */
export function shortMessages(): readonly string[] {
  return longText()
    .split('\n')
    .filter(({ length }) => length >= 60 && length <= 120)
    .slice(0, shortMessageCount);
}

/** How many they are. */
export const shortMessageCount = 1000;
