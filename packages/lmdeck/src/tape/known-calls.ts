import { asText, type Database } from './database.ts';

/** Which of these ids are calls on the tape. */
export function knownCalls(database: Database, ids: readonly string[]): Set<string> {
  const rows = database.all('SELECT id FROM calls WHERE id IN (SELECT value FROM json_each(?))', JSON.stringify(ids));
  return new Set(rows.map((row) => asText(row.id) ?? ''));
}
