import type { LogRow } from './log-row.ts';
import { localTime } from './local-time.ts';
import { usageText } from '../prompt/usage-text.ts';

export interface LogMarkdownOptions {
  /** Adds tokens, times and cost. */
  readonly usage?: boolean;
  /** Prompt and system prompt are not repeated from the row before: it is of the same conversation. */
  readonly before?: LogRow | undefined;
}

/** One row as Markdown: what was asked, what was answered, and how it went when that was not well. */
export function logMarkdown(row: LogRow, options: LogMarkdownOptions = {}): string {
  const conversation = row.conversation_id === null ? '' : `    conversation: ${row.conversation_id}`;
  const sections = [
    `# ${localTime(Date.parse(row.datetime_utc))}${conversation} id: ${row.id}`,
    modelLine(row),
    `## Prompt\n\n${row.prompt === null || row.prompt === '' ? '-- none --' : row.prompt}`,
    list('### Attachments', row.attachments.map(attachmentLine)),
    list(
      '### Tools',
      row.tools.map((tool) => `- **${tool.name}**${tool.description === null ? '' : `: ${tool.description}`}`),
    ),
    list(
      '### Tool results',
      row.tool_results.map((result) => `- **${result.name ?? 'tool'}**: \`${result.tool_call_id}\`\n${indented(fenced(result.output))}`),
    ),
    list(
      '## Options',
      Object.entries(row.options_json).map(([name, value]) => `- ${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`),
    ),
    row.system === null || row.system === options.before?.system ? '' : `## System\n\n${row.system}`,
    row.schema_json === null ? '' : `## Schema\n\n${fenced(JSON.stringify(row.schema_json, undefined, 2), 'json')}`,
    row.reasoning === null ? '' : `## Reasoning\n\n${row.reasoning}`,
    response(row),
    list(
      '### Tool calls',
      row.tool_calls.map((call) => `- **${call.name}**: \`${call.tool_call_id}\`\n    Arguments: \`${JSON.stringify(call.arguments)}\``),
    ),
    outcome(row),
    list(
      '## Tags',
      Object.entries(row.tags ?? {}).map(([name, value]) => `- ${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`),
    ),
    options.usage === true ? `## Token usage\n\n${rowUsage(row)}` : '',
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

/** Tokens, times and cost of a row on one line. */
function rowUsage(row: LogRow): string {
  const details = row.token_details ?? {};
  const count = (name: string): number | undefined => {
    const value = details[name];
    return typeof value === 'number' ? value : undefined;
  };
  return usageText({
    inputTokens: row.input_tokens ?? undefined,
    outputTokens: row.output_tokens ?? undefined,
    cachedInputTokens: count('cached_input_tokens'),
    reasoningTokens: count('reasoning_tokens'),
    firstTokenMs: row.first_token_ms ?? undefined,
    durationMs: row.duration_ms ?? undefined,
    costMicros: row.cost_micros ?? undefined,
    cachedFrom: row.cached_from ?? undefined,
  });
}

function modelLine(row: LogRow): string {
  const resolved = row.resolved_model === null || row.resolved_model === row.model ? '' : ` (resolved: **${row.resolved_model}**)`;
  return `Model: **${row.model}**${resolved}`;
}

function attachmentLine(each: LogRow['attachments'][number], index: number): string {
  const what = each.url ?? `${each.name ?? each.id.slice(0, 12)}, ${each.content_length} bytes`;
  return `${index + 1}. **${each.type}**: ${what}`;
}

function response(row: LogRow): string {
  if (row.samples !== undefined) return row.samples.map((text, index) => `## Response, sample ${index}\n\n${text}`).join('\n\n');
  if (row.response === null) return row.tool_calls.length > 0 || row.status === 'ok' ? '## Response' : '';
  return `## Response\n\n${row.schema_json === null ? row.response : prettyJson(row.response)}`;
}

/** How the call ended, unless it ended well. */
function outcome(row: LogRow): string {
  const more = row.response === null ? '' : ' The response above is what had come by then.';
  switch (row.status) {
    case 'error':
      return `## Error\n\n${row.error === null ? 'unknown' : `${row.error.code}: ${row.error.message}`}${more}`;
    case 'aborted':
      return `## Status\n\nStopped before the end.${more}`;
    case 'interrupted':
      return `## Status\n\nInterrupted: its process ended before the answer did.${more}`;
    case 'started':
      return '## Status\n\nStill running.';
    default:
      return row.finish_reason === 'length' ? '## Status\n\nCut off at the token limit.' : '';
  }
}

function list(title: string, items: readonly string[]): string {
  return items.length === 0 ? '' : `${title}\n\n${items.join('\n')}`;
}

function prettyJson(text: string): string {
  try {
    return fenced(JSON.stringify(JSON.parse(text), undefined, 2), 'json');
  } catch {
    return text;
  }
}

/** In a fence longer than any run of backticks inside. */
function fenced(text: string, language = ''): string {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), (run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, '    ');
}
