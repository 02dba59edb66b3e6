import { DatabaseSync } from 'node:sqlite';

/** The columns of `LLMCalls`, newest first generation last. */
const COLUMNS = 'prompt_id timestamp prompt output prompt_length_tokens output_length_tokens cached llm_info cost'.split(' ');

/** A row of `LLMCalls`; what is left out is as TapeAgents writes it. */
export interface TapeDataRow {
  readonly prompt_id?: string | null;
  readonly timestamp?: string | null;
  /** JSON text, or what becomes it. */
  readonly prompt?: unknown;
  readonly output?: unknown;
  readonly prompt_length_tokens?: number | string | null;
  readonly output_length_tokens?: number | null;
  readonly cached?: number;
  readonly llm_info?: unknown;
  readonly cost?: number | string | null;
}

export interface TapeDataOptions {
  /** Columns that the table does not have. */
  readonly without?: readonly string[];
  /** Rows of the table `Tapes`; no such table when absent. */
  readonly tapes?: number;
  /** Without the primary key, so that a prompt can be there twice. */
  readonly noKey?: boolean;
}

let next = 0;

/** Writes a `tapedata.sqlite` as TapeAgents does. */
export function writeTapeData(path: string, rows: readonly TapeDataRow[], options: TapeDataOptions = {}): void {
  const { without = [], tapes, noKey = false } = options;
  const columns = COLUMNS.filter((column) => !without.includes(column));
  const database = new DatabaseSync(path);
  database.exec(
    `CREATE TABLE LLMCalls (${columns.map((name) => (name === 'prompt_id' && !noKey ? 'prompt_id TEXT PRIMARY KEY' : `"${name}" ${typeOf(name)}`)).join(', ')})`,
  );
  const insert = database.prepare(`INSERT INTO LLMCalls VALUES (${columns.map(() => '?').join()})`);
  for (const row of rows) {
    const values = { ...defaults(), ...row };
    const texts = { ...values, prompt: text(values.prompt), output: text(values.output), llm_info: text(values.llm_info) };
    insert.run(...columns.map((column) => valueOf(texts, column)));
  }
  if (tapes !== undefined) {
    database.exec('CREATE TABLE Tapes (tape_id TEXT PRIMARY KEY, timestamp TEXT, length INTEGER, metadata TEXT, context TEXT, steps TEXT)');
    for (let i = 0; i < tapes; i++)
      database.prepare('INSERT INTO Tapes VALUES (?, ?, ?, ?, ?, ?)').run(`tape ${i}`, '', 0, '{}', 'null', '[]');
  }
  database.close();
}

/** The rows of a `tapedata.sqlite`, in order. */
export function readTapeData(path: string): Record<string, unknown>[] {
  const database = new DatabaseSync(path, { readOnly: true });
  const rows = database.prepare('SELECT * FROM LLMCalls ORDER BY rowid').all();
  database.close();
  return rows.map((row) => ({ ...row }));
}

/** The id of the prompt with this number. */
export function promptId(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

function defaults(): TapeDataRow {
  const id = promptId(next++);
  return {
    prompt_id: id,
    timestamp: '2024-12-12T09:36:32.403069',
    prompt: { id, tools: null, messages: [{ role: 'user', content: 'Hello' }], token_ids: [], response_format: null },
    output: { content: 'Hi', role: 'assistant', tool_calls: null, function_call: null },
    prompt_length_tokens: 8,
    output_length_tokens: 2,
    cached: 0,
    llm_info: { model_name: 'gpt-4o', parameters: { temperature: 0.5 }, context_size: 32000 },
    cost: 0.000015,
  };
}

function text(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
}

function valueOf(row: object, column: string): string | number | null {
  const value: unknown = Reflect.get(row, column);
  return typeof value === 'string' || typeof value === 'number' ? value : null;
}

function typeOf(column: string): string {
  if (column === 'cost') return 'REAL';
  return column.endsWith('tokens') || column === 'cached' ? 'INTEGER' : 'TEXT';
}
