import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Where things are kept that can be made again: `cache` in `LMDECK_HOME` when that is set, else `lmdeck` in the user's cache folder:
 * `%LOCALAPPDATA%` on Windows, `~/Library/Caches` on macOS, else `$XDG_CACHE_HOME` or `~/.cache`. Nothing is created.
 */
export function cacheFolder(env: Env = process.env, platform: NodeJS.Platform = process.platform): string {
  const own = env['LMDECK_HOME'];
  if (own !== undefined && own !== '') return join(resolve(own), 'cache');
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = env;
  if (platform === 'win32' && local !== undefined && local !== '') return join(local, 'lmdeck');
  const home = env['HOME'] ?? env['USERPROFILE'] ?? homedir();
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'lmdeck');
  return join(xdg !== undefined && isAbsolute(xdg) ? xdg : join(home, '.cache'), 'lmdeck');
}
