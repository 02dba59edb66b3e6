import { lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** As many links one after the other as Linux follows. */
const MOST_LINKS = 40;

/** The file that a path names, symbolic links followed, also where it is not there yet. A file that takes its place leaves the link as it is. */
export function behindLinks(path: string): string {
  if (isDevice(path)) return path;
  let file = path;
  for (let links = 0; links < MOST_LINKS && isLink(file); links++) file = resolve(realpathSync(dirname(file)), readlinkSync(file));
  return file;
}

/** `/dev/stdout` leads to a pipe, which has no name. */
function isDevice(path: string): boolean {
  try {
    return !statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Where nothing can be looked at, writing says more. */
function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}
