import { readdirSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { atExit } from '../core/index.ts';
import { fixturePath, recordingsFolder } from './fixture-path.ts';
import type { TestPlace } from './test-place.ts';

/** Fixtures that were opened in this process, by folder. */
const opened = new Map<string, Set<string>>();

/**
 * Tells of recordings whose test is gone. Where the runner says which tests a file has, at the first of them that is recorded; else at the
 * end of the process, those that no test asked for, unless only some of the tests were run.
 */
export function reportStrayFixtures(place: TestPlace, path: string, onWarning?: (message: string) => void): void {
  const folder = recordingsFolder(place.file);
  let used = opened.get(folder);
  if (used === undefined) {
    opened.set(folder, (used = new Set()));
    const { allNames } = place;
    if (allNames !== undefined)
      report(folder, new Set([...allNames].map((name) => fixturePath(place.file, name, undefined))), onWarning ?? emitWarning);
    else if (!isFiltered()) atExit(() => report(folder, opened.get(folder) ?? new Set(), onWarning ?? toStderr));
  }
  used.add(path);
}

function report(folder: string, known: ReadonlySet<string>, warn: (message: string) => void): void {
  const stray = fixturesIn(folder).filter((path) => !known.has(path));
  if (stray.length === 0) return;
  const list = stray.map((path) => `  ${relative(process.cwd(), path)}`).join('\n');
  warn(`No test of ${basename(folder)} uses these recordings; delete them if their tests are gone:\n${list}`);
}

function fixturesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}

/** True when node:test was told to run some of the tests. */
function isFiltered(): boolean {
  return [...process.execArgv, ...(process.env['NODE_OPTIONS'] ?? '').split(' ')].some((each) =>
    /^--test-(?:name-pattern|skip-pattern|only)/.test(each),
  );
}

export function emitWarning(message: string): void {
  process.emitWarning(message, 'lmdeck');
}

/** At the end of the process there is no later moment at which a warning could be shown. */
function toStderr(message: string): void {
  process.stderr.write(`lmdeck: ${message}\n`);
}
