/** Files as TapeAgents writes them, to be imported. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { recordAt } from './records.ts';
import { systemText } from './workload.ts';

export const llmCalls = `CREATE TABLE LLMCalls (prompt_id TEXT PRIMARY KEY, timestamp TEXT, prompt TEXT, output TEXT,
  prompt_length_tokens INTEGER, output_length_tokens INTEGER, cached INTEGER, llm_info TEXT, cost REAL)`;

export const insertLlmCall = `INSERT INTO LLMCalls VALUES (${Array.from({ length: 9 }, () => '?').join()})`;

/** How long the texts of a file are. */
export type RowSize = 'usual' | 'small';

const info = JSON.stringify({ model_name: 'gpt-4o-mini', parameters: { temperature: 0.2 }, context_size: 128000 });

/** A file of so many calls; made once in a folder. */
export function tapeData(folder: string, rows: number, size: RowSize): string {
  const path = join(folder, `tapedata-${rows}-${size}.sqlite`);
  if (existsSync(path)) return path;
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; ${llmCalls}; BEGIN`);
  const insert = database.prepare(insertLlmCall);
  for (let i = 0; i < rows; i++) {
    const { prompt, answer } = size === 'usual' ? recordAt(i) : { prompt: `ticket ${i}: what is it about?`, answer: `About number ${i}.` };
    const id = `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`;
    const messages = [
      { role: 'system', content: systemText },
      { role: 'user', content: prompt },
    ];
    insert.run(
      id,
      new Date(1_700_000_000_000 + i * 1000).toISOString().replace('Z', '123'),
      JSON.stringify({ id, tools: null, messages, token_ids: [], response_format: null }),
      JSON.stringify({ content: answer, role: 'assistant', tool_calls: null, function_call: null }),
      310,
      180,
      0,
      info,
      0.0001545,
    );
  }
  database.exec('COMMIT');
  database.close();
  return path;
}
