import type { StoredCall } from '../../core/index.ts';
import type { CommandOption } from '../args/command.ts';
import type { ParsedOptions } from '../args/parsed-options.ts';
import type { CliIo } from '../io/cli-io.ts';
import { printMarkdown } from '../markdown/print-markdown.ts';
import { extractCode } from '../prompt/extract-code.ts';
import { logMarkdown } from './log-markdown.ts';
import { logRow, type LogRow } from './log-row.ts';
import { clip, logShort } from './log-short.ts';

/** The options of every command that prints calls. */
export const printOptions: readonly CommandOption[] = [
  { flags: '-t, --truncate', description: 'Cut long texts' },
  { flags: '-s, --short', description: 'Briefly, as YAML' },
  { flags: '-u, --usage', description: 'With tokens, times and cost' },
  { flags: '-r, --response', description: 'Only the last response' },
  { flags: '-x, --extract', description: 'Only the first code block of the last response' },
  { flags: '--xl, --extract-last', description: 'Only the last code block of the last response' },
  { flags: '--json', description: 'As a JSON array' },
];

/** Prints calls in the form that the options ask for, one at a time. Returns how many there were. */
export async function printCalls(calls: Iterable<StoredCall>, options: ParsedOptions, io: CliIo): Promise<number> {
  const rows = mapped(calls, options.flag('truncate') ? (call) => truncated(logRow(call)) : logRow);
  if (options.flag('json')) return printJson(rows, io);
  if (options.flag('response') || options.flag('extract') || options.flag('extractLast')) return printResponse(rows, options, io);
  if (options.flag('short')) {
    const all = [...rows];
    await io.print(await logShort(all, options.flag('usage')));
    return all.length;
  }
  let before: LogRow | undefined;
  let count = 0;
  for (const row of rows) {
    const known = before?.conversation_id === row.conversation_id ? before : undefined;
    await printMarkdown(io, `${count === 0 ? '' : '\n'}${logMarkdown(row, { usage: options.flag('usage'), before: known })}`);
    before = row;
    count++;
  }
  return count;
}

/** Rows as a JSON array, written while they are read. */
export async function printJson(rows: Iterable<LogRow>, io: CliIo): Promise<number> {
  let count = 0;
  for (const row of rows) await io.print(`${count++ === 0 ? '[\n' : ',\n'}${JSON.stringify(row, undefined, 2).replaceAll(/^/gm, '  ')}`);
  await io.print(count === 0 ? '[]\n' : '\n]\n');
  return count;
}

async function printResponse(rows: Iterable<LogRow>, options: ParsedOptions, io: CliIo): Promise<number> {
  let newest: LogRow | undefined;
  for (const row of rows) if (newest === undefined || row.id > newest.id) newest = row;
  if (newest === undefined) return 0;
  const text = newest.response ?? '';
  if (text === '') io.note(`The call ${newest.id} has no response: it ended with status ${newest.status}.`);
  const wanted = options.flag('response') ? text : (extractCode(text, options.flag('extractLast') ? 'last' : 'first') ?? text);
  await io.print(wanted === '' || wanted.endsWith('\n') ? wanted : `${wanted}\n`);
  return 1;
}

function* mapped(calls: Iterable<StoredCall>, toRow: (call: StoredCall) => LogRow): Generator<LogRow> {
  for (const call of calls) yield toRow(call);
}

function truncated(row: LogRow): LogRow {
  return { ...row, prompt: cut(row.prompt), system: cut(row.system), response: cut(row.response), reasoning: cut(row.reasoning) };
}

function cut(text: string | null): string | null {
  return text === null ? null : clip(text);
}
