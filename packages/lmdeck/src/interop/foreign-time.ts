import { LmdeckError } from '../core/index.ts';

const ISO = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:[.,](\d+))?)?))?\s*(Z|[+-]\d{2}(?::?\d{2})?)?$/i;

/**
 * Reads an ISO 8601 time, as milliseconds since 1970 (more exact digits are cut off). One without a zone is taken to be of the zone
 * that the reader was made for. `undefined` for anything else.
 */
export type TimeReader = (text: string) => number | undefined;

/**
 * A reader of times whose zone is `timeZone` where they name none: an IANA name (`Europe/Berlin`), an offset (`+02:00`) or `UTC`.
 * @throws LmdeckError `usage` for an unknown zone.
 */
export function timeReader(timeZone: string): TimeReader {
  const offset = zoneOffset(timeZone);
  return (text) => {
    const match = ISO.exec(text.trim());
    if (match === null) return undefined;
    const [, date, clock = '00:00', fraction = '', zone] = match;
    const seconds = clock.length === 5 ? `${clock}:00` : clock.slice(0, 8);
    const local = Date.parse(`${date}T${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}Z`);
    if (Number.isNaN(local)) return undefined;
    if (zone !== undefined) return local - fixedOffset(zone);
    // The offset at a time that is itself off by the offset: the second look is right, but for the hour that a clock change skips or repeats.
    const guess = local - offset(local);
    return local - offset(guess);
  };
}

function zoneOffset(timeZone: string): (time: number) => number {
  if (/^(utc|z|gmt)$/i.test(timeZone)) return () => 0;
  if (/^[+-]\d{2}(?::?\d{2})?$/.test(timeZone)) {
    const fixed = fixedOffset(timeZone);
    return () => fixed;
  }
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  } catch (error) {
    throw new LmdeckError('usage', `There is no time zone "${timeZone}". Name one like Europe/Berlin, or an offset like +02:00.`, {
      cause: error,
    });
  }
  return (time) => {
    const name = format.formatToParts(time).find((part) => part.type === 'timeZoneName')?.value ?? '';
    return fixedOffset(name.replace('GMT', ''));
  };
}

/** `+02:00`, `+0200` or `+02` in milliseconds; 0 for anything else. */
function fixedOffset(zone: string): number {
  const match = /^([+-])(\d{2}):?(\d{2})?/.exec(zone);
  if (match === null) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  return (match[1] === '-' ? -1 : 1) * minutes * 60_000;
}
