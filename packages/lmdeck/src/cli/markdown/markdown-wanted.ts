import type { CliIo } from '../io/cli-io.ts';

/** True when Markdown is to be rendered: only on a terminal that can show it, and unless the user does not want it. */
export function markdownWanted(io: CliIo, off = false): boolean {
  const { env } = io;
  return !off && io.isTerminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb' && env['LMDECK_MARKDOWN'] !== '0';
}
