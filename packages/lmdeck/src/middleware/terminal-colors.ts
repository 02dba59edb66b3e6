/** Where colours are asked for: the environment, and whether errors are shown on a terminal. */
interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isTerminal: boolean;
}

/**
 * Whether text that ends up on stderr may be coloured: as FORCE_COLOR says, else not with NO_COLOR (no-color.org) or TERM=dumb, else on
 * a terminal.
 */
export function wantsColors({ env, isTerminal }: Surroundings = ownSurroundings()): boolean {
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if ((env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb') return false;
  return isTerminal;
}

function ownSurroundings(): Surroundings {
  return { env: process.env, isTerminal: process.stderr.isTTY };
}
