import { LmdeckError } from '../../core/index.ts';

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/**
 * A point in time from a command line, in milliseconds since 1970: `2026-11-20`, `2026-11-20T19:59`, `today`, `yesterday`,
 * or how long ago it is: `90m`, `2h`, `3d`, `1w`. Without a zone it is local time.
 *
 * @throws LmdeckError `usage`
 */
export function parseTime(text: string, flag: string, now: number = Date.now()): number {
  const word = text.trim().toLowerCase();
  const ago = /^(\d+(?:\.\d+)?)\s*([smhdw])$/.exec(word);
  if (ago !== null) return now - Number(ago[1]) * (UNITS[ago[2] ?? ''] ?? 0);
  if (word === 'now') return now;
  if (word === 'today' || word === 'yesterday') {
    const midnight = new Date(now);
    midnight.setHours(0, 0, 0, 0);
    if (word === 'yesterday') midnight.setDate(midnight.getDate() - 1);
    return midnight.getTime();
  }
  // A date alone would be read as UTC.
  const time = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(word) ? `${word}T00:00` : text.trim());
  if (Number.isNaN(time)) {
    throw new LmdeckError(
      'usage',
      `${flag} takes a date (2026-11-20), a time (2026-11-20T19:59), today, yesterday, or an age (90m, 2h, 3d), not "${text}".`,
    );
  }
  return time;
}
