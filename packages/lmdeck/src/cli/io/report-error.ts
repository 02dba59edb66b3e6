import { isSecretName, LmdeckError } from '../../core/index.ts';
import { harmless } from '../markdown/ansi.ts';
import { OutputClosed, type CliIo } from './cli-io.ts';

/** The exit codes of every command. */
export const EXIT = { ok: 0, failed: 1, usage: 2, incomplete: 3, interrupted: 130 } as const;

/** Tells on stderr what went wrong and says how to exit. */
export function reportError(io: CliIo, thrown: unknown, secrets: readonly string[] = []): number {
  if (thrown instanceof OutputClosed) return EXIT.ok;
  const error = LmdeckError.from(thrown);
  if (error.code === 'aborted') return EXIT.interrupted;
  io.note(errorLine(error, secrets, io));
  if (io.env['LMDECK_DEBUG'] === '1') io.note(redact(causes(thrown), secrets, io));
  return error.code === 'usage' ? EXIT.usage : EXIT.failed;
}

/**
 * `Error: …` on one line, without secrets. What a replay misses is a comparison: it keeps its
 * lines and colours, and nothing else in it steers a terminal (see `textDiff`).
 */
export function errorLine(error: Error, secrets: readonly string[], io: Pick<CliIo, 'env'>): string {
  if (LmdeckError.isInstance(error) && error.code === 'replay-miss') return `Error: ${redact(error.message.trim(), secrets, io)}`;
  const asked = LmdeckError.isInstance(error) ? error.retryAfterMs : undefined;
  const message = withoutSecrets(error.message, secrets, io);
  if (asked === undefined || asked < 1000) return `Error: ${message}`;
  return `Error: ${message}${/[.!?]$/.test(message) ? '' : '.'} The server asks to wait ${waitText(asked)}.`;
}

/** A message on one line. Servers like to quote the key that they reject. */
export function withoutSecrets(message: string, secrets: readonly string[], io: Pick<CliIo, 'env'>): string {
  return redact(harmless(message.trim().replaceAll(/\s*\n\s*/g, ' ')), secrets, io);
}

/** `90 s`, `5 min`, `28 h` */
function waitText(ms: number): string {
  if (ms <= 120_000) return `${Math.ceil(ms / 1000)} s`;
  return ms <= 7_200_000 ? `${Math.ceil(ms / 60_000)} min` : `${Math.ceil(ms / 3_600_000)} h`;
}

function causes(thrown: unknown): string {
  const lines: string[] = [];
  for (let error = thrown; error instanceof Error && lines.length < 10; error = error.cause) lines.push(error.stack ?? error.message);
  return lines.join('\ncaused by: ');
}

function redact(text: string, secrets: readonly string[], io: Pick<CliIo, 'env'>): string {
  const known = Object.entries(io.env).flatMap(([name, value]) => (isSecretName(name) ? [value ?? ''] : []));
  let clean = text;
  for (const secret of [...secrets, ...known]) if (secret.length >= 8) clean = clean.replaceAll(secret, '[redacted]');
  return clean;
}
