import { lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** As many links one after the other as Linux follows. */
const MOST_LINKS = 40;

/** The file that a path names, symbolic links followed, also where it is not there yet. A file that takes its place leaves the link as it is. */
export function behindLinks(path: string): string {
  let file = path;
  for (let links = 0; links < MOST_LINKS && isLink(file); links++) file = resolve(realpathSync(dirname(file)), readlinkSync(file));
  return file;
}

/** Where nothing can be looked at, writing says more. */
function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}
