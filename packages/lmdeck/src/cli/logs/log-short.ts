import type { LogRow } from './log-row.ts';
import { localTime } from './local-time.ts';

/** Rows as a short YAML list: when, which model, what was asked. */
export async function logShort(rows: readonly LogRow[], usage: boolean): Promise<string> {
  const { stringify } = await import('yaml');
  const items = rows.map((row) => ({
    model: row.model,
    datetime: localTime(Date.parse(row.datetime_utc)),
    ...(row.conversation_id === null ? {} : { conversation: row.conversation_id }),
    id: row.id,
    ...(row.status === 'ok' ? {} : { status: row.status }),
    ...(row.error === null ? {} : { error: clip(`${row.error.code}: ${row.error.message}`) }),
    ...(row.system === null ? {} : { system: clip(row.system) }),
    ...(row.prompt === null || row.prompt === '' ? {} : { prompt: clip(row.prompt) }),
    ...(row.tool_calls.length === 0 ? {} : { tool_calls: row.tool_calls.map((call) => `${call.name}(${JSON.stringify(call.arguments)})`) }),
    ...(row.tool_results.length === 0
      ? {}
      : { tool_results: row.tool_results.map((result) => `${result.name ?? 'tool'}: ${clip(result.output)}`) }),
    ...(row.attachments.length === 0
      ? {}
      : { attachments: row.attachments.map((each) => ({ type: each.type, ...(each.url === null ? {} : { url: each.url }) })) }),
    ...(usage ? { usage: { input: row.input_tokens, output: row.output_tokens, ...row.token_details } } : {}),
  }));
  return items.length === 0 ? '' : stringify(items, { lineWidth: 0 });
}

const SHORT = 100;

/** On one line, at most 100 characters. */
export function clip(text: string, length = SHORT): string {
  const letters = Array.from(text.replaceAll(/\s+/g, ' ').trim());
  return letters.length > length ? `${letters.slice(0, length - 1).join('')}…` : letters.join('');
}
