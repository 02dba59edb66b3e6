import { basename, dirname, join, resolve } from 'node:path';
import { sha256 } from '../core/index.ts';

const FOLDER = '__recordings__';
/** Longer names are cut, so that paths stay short enough for every file system. */
const MOST_CHARS = 80;

/** The folder of a test file's recordings: `__recordings__/x.test.ts` beside it. */
export function recordingsFolder(testFile: string): string {
  return join(dirname(testFile), FOLDER, basename(testFile));
}

/** Where the recordings of a test are kept; `given` is relative to the test file. */
export function fixturePath(testFile: string, testName: string, given: string | undefined): string {
  if (given !== undefined) return resolve(dirname(testFile), given);
  return join(recordingsFolder(testFile), `${fileName(testName)}.yaml`);
}

/**
 * A test's name as the name of a file: letters and digits, `-` between words, `--` between suites. A name that has more than that in it ends in a
 * digest, because another one could look the same.
 */
function fileName(testName: string): string {
  const name = testName
    .normalize('NFC')
    .split(' > ')
    .map((each) => (each.match(/[\p{L}\p{N}_]+/gu) ?? []).join('-'))
    .join('--');
  const isPlain = /^[A-Za-z0-9_]+(?: (?:> )?[A-Za-z0-9_]+)*$/.test(testName) && name.length <= MOST_CHARS;
  return isPlain ? name : `${name.slice(0, MOST_CHARS - 7).toWellFormed()}-${sha256(testName).slice(0, 6)}`;
}
