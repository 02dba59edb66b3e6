type Headers = Readonly<Record<string, string>>;

/**
 * How long a response asks to wait, in milliseconds: `retry-after-ms`, else `retry-after` in seconds (also fractional) or as an HTTP
 * date. A date is measured against the response's own `date` header, so a wrong clock on either side does no harm.
 *
 * @returns `undefined` when it does not ask; 0 when the time is over already.
 */
export function retryAfterMs(headers: Headers, now = Date.now()): number | undefined {
  const ms = decimal(headers['retry-after-ms']);
  if (ms !== undefined) return Math.ceil(ms);
  const value = headers['retry-after'];
  const seconds = decimal(value);
  if (seconds !== undefined) return Math.ceil(seconds * 1_000);
  const at = httpDate(value);
  if (at === undefined) return undefined;
  return Math.max(0, at - (httpDate(headers['date']) ?? now));
}

function decimal(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*(?:\d+\.?\d*|\.\d+)\s*$/.test(text) ? Number(text) : undefined;
}

/** Weekday and GMT are part of every form of an HTTP date; `Date.parse` alone would take nearly anything. */
function httpDate(text: string | undefined): number | undefined {
  if (text === undefined || !/^\s*(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/i.test(text)) return undefined;
  const time = Date.parse(/GMT|UTC|[+-]\d{4}\s*$/i.test(text) ? text : `${text} GMT`);
  return Number.isNaN(time) ? undefined : time;
}
