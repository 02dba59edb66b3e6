/** A time as people read it: local, to the second, with its zone: `2026-11-20T20:59:38+01:00`. */
export function localTime(timeMs: number): string {
  const date = new Date(timeMs);
  const offset = -date.getTimezoneOffset();
  const shifted = new Date(timeMs + offset * 60_000).toISOString().slice(0, 19);
  if (offset === 0) return `${shifted}Z`;
  const minutes = Math.abs(offset);
  return `${shifted}${offset < 0 ? '-' : '+'}${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
