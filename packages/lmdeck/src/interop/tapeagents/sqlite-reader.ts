import { isJsonObject, LmdeckError, type JsonObject } from '../../core/index.ts';
import type { ForeignRow, ReadOptions } from '../call-format.ts';
import { timeReader } from '../foreign-time.ts';
import type { ImportSource } from '../import-source.ts';
import type { SourceRow } from '../source-database.ts';
import { importRecord, type TapeAgentsRecord } from './import-record.ts';

const NEEDED = ['prompt_id', 'timestamp', 'prompt', 'output'];

/** Columns that older files do not have. */
const OPTIONAL = ['prompt_length_tokens', 'output_length_tokens', 'cached', 'llm_info', 'cost'];

/** True for a file with TapeAgents' table of calls. */
export function isTapeAgentsDatabase({ database }: ImportSource): boolean {
  const columns = database?.tables.get('LLMCalls');
  return columns !== undefined && NEEDED.every((name) => columns.includes(name));
}

/** The calls of a `tapedata.sqlite`, in the order in which they were written. */
export function* readTapeAgentsDatabase(source: ImportSource, options: ReadOptions): Generator<ForeignRow, undefined> {
  const { database } = source;
  const columns = database?.tables.get('LLMCalls');
  if (database === undefined || columns === undefined) {
    throw new LmdeckError('usage', `${source.path} is no log of TapeAgents: that is an SQLite file with a table LLMCalls.`);
  }
  const readTime = timeReader(options.timeZone);
  const wanted = [...NEEDED, ...OPTIONAL.filter((name) => columns.includes(name))];
  for (const row of database.rows(`SELECT rowid AS "row", ${wanted.map((name) => `"${name}"`).join()} FROM LLMCalls ORDER BY rowid`)) {
    const where = `LLMCalls row ${String(row['row'])}`;
    try {
      yield { where, call: importRecord(recordOf(row), options.model, readTime) };
    } catch (error) {
      yield { where, problem: error instanceof Error ? error.message : String(error) };
    }
  }
  if (database.tables.has('Tapes')) {
    const tapes = database.count('Tapes');
    if (tapes > 0) options.ignore('tapes of agents (table Tapes)', tapes);
  }
  return undefined;
}

function recordOf(row: SourceRow): TapeAgentsRecord {
  return {
    promptId: textOf(row, 'prompt_id'),
    timestamp: textOf(row, 'timestamp'),
    prompt: textOf(row, 'prompt'),
    output: textOf(row, 'output'),
    promptTokens: tokensOf(row, 'prompt_length_tokens'),
    outputTokens: tokensOf(row, 'output_length_tokens'),
    cached: row['cached'] === 1 || row['cached'] === 'true',
    info: infoOf(row['llm_info']),
    cost: costOf(row['cost']),
  };
}

function textOf(row: SourceRow, column: string): string {
  const value = row[column];
  if (typeof value === 'string') return value;
  throw new Error(value === null || value === undefined ? `its ${column} is missing` : `its ${column} is no text`);
}

function tokensOf(row: SourceRow, column: string): number | undefined {
  const value = row[column];
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  throw new Error(`its ${column} ${JSON.stringify(String(value))} is no number of tokens`);
}

function costOf(value: SourceRow[string] | undefined): number | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'number') return value;
  throw new Error(`its cost ${JSON.stringify(String(value))} is no number`);
}

function infoOf(value: SourceRow[string] | undefined): JsonObject {
  if (value === null || value === undefined || value === '') return {};
  let info: unknown;
  try {
    info = typeof value === 'string' ? JSON.parse(value) : undefined;
  } catch {
    info = undefined;
  }
  if (!isJsonObject(info)) throw new Error('its llm_info is no JSON object');
  return info;
}
