import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { isJsonObject, type JsonValue } from '../core/index.ts';

/** Raised when what is kept has another meaning. */
const FORMAT = 1;

/**
 * What a parser made of a text file, kept in the folder `cache` beside the file, because reading it back takes a fraction of the time
 * that loading a parser does. It is kept with the whole text that it was made of, so it can be trusted exactly when the file still
 * has this text, whenever and however it was changed. Who reads it checks the content as if it came from the file itself.
 */
export function readParsed(path: string, text: string): { readonly content: JsonValue } | undefined {
  try {
    const kept: JsonValue = JSON.parse(readFileSync(keptPath(path), 'utf8'));
    if (!isJsonObject(kept) || kept['format'] !== FORMAT || kept['text'] !== text || kept['content'] === undefined) return undefined;
    return { content: kept['content'] };
  } catch {
    return undefined;
  }
}

/** Keeps what a parser made of a file's text. Where that cannot be done (a folder that is read-only), it is left undone. */
export function keepParsed(path: string, text: string, content: JsonValue): void {
  const kept = keptPath(path);
  const temporary = `${kept}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(kept), { recursive: true, mode: 0o700 });
    // Whatever is left there by a crashed process of the same id must not lend its permissions.
    rmSync(temporary, { force: true });
    // The file may hold a password: this one is its owner's alone.
    writeFileSync(temporary, JSON.stringify({ format: FORMAT, text, content }), { mode: 0o600, flag: 'wx' });
    chmodSync(temporary, 0o600);
    renameSync(temporary, kept);
  } catch {
    discard(temporary);
  }
}

/** For a file that is gone: what was in it must not stay. */
export function forgetParsed(path: string): void {
  discard(keptPath(path));
}

function keptPath(path: string): string {
  return join(dirname(path), 'cache', `${basename(path)}.json`);
}

function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    return;
  }
}
