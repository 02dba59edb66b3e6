import { homedir } from 'node:os';
import { isAbsolute, join, parse, resolve } from 'node:path';

/** Where a deck keeps its files. None of them need exist. */
export interface DeckPaths {
  /** The configuration directory. */
  readonly home: string;
  /** `keys.json` */
  readonly keys: string;
  /** `aliases.json` */
  readonly aliases: string;
  /** `config.json` */
  readonly config: string;
  /** `endpoints.yaml` */
  readonly endpoints: string;
  /** `prices.yaml` */
  readonly prices: string;
  /** `tape.db`, or what the deck was opened with; `undefined` for a deck without a tape. */
  readonly tape: string | undefined;
  /** Folder of downloaded models. */
  readonly models: string;
  /** Folder whose `node_modules` is searched for plugins. */
  readonly plugins: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The configuration directory: `LMDECK_HOME`, else `%APPDATA%\lmdeck` on Windows, else `$XDG_CONFIG_HOME/lmdeck` (absolute
 * paths only, as the XDG specification says), else `~/.config/lmdeck`. Nothing is created.
 */
export function deckHome(env: Env = process.env, cwd: string = process.cwd(), platform: NodeJS.Platform = process.platform): string {
  const own = env['LMDECK_HOME'];
  if (own !== undefined && own !== '') return resolve(cwd, own);
  if (platform === 'win32') {
    const appData = env['APPDATA'];
    return appData !== undefined && appData !== '' ? join(appData, 'lmdeck') : join(userHome(env, cwd), 'AppData', 'Roaming', 'lmdeck');
  }
  const xdg = env['XDG_CONFIG_HOME'];
  return xdg !== undefined && isAbsolute(xdg) ? join(xdg, 'lmdeck') : join(userHome(env, cwd), '.config', 'lmdeck');
}

/** The files of a deck whose home is `home`. */
export function deckPaths(home: string, tape?: string | false): DeckPaths {
  return {
    home,
    keys: join(home, 'keys.json'),
    aliases: join(home, 'aliases.json'),
    config: join(home, 'config.json'),
    endpoints: join(home, 'endpoints.yaml'),
    prices: join(home, 'prices.yaml'),
    tape: tape === false ? undefined : (tape ?? join(home, 'tape.db')),
    models: join(home, 'models'),
    plugins: join(home, 'plugins'),
  };
}

/** A user without a home gets the file system's root, as other programs do: what cannot be written there says so. */
function userHome(env: Env, cwd: string): string {
  const given = env['HOME'] ?? env['USERPROFILE'];
  if (given !== undefined && given !== '') return resolve(cwd, given);
  try {
    return homedir();
  } catch {
    return parse(resolve(cwd)).root;
  }
}
