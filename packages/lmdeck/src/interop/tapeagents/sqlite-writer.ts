import { LmdeckError, type JsonObject, type Sample, type StoredCall } from '../../core/index.ts';
import type { WriteContext } from '../call-format.ts';
import { ulidAsUuid } from '../ulid-as-uuid.ts';
import { shiftDecimal } from '../shift-decimal.ts';
import { notesOf, type TapeAgentsNotes } from './notes.ts';
import { parametersOf } from './parameters.ts';
import { outputJson, promptJson } from './prompt-json.ts';

const TABLES = `
CREATE TABLE LLMCalls (
  prompt_id TEXT PRIMARY KEY,
  timestamp TEXT,
  prompt TEXT,
  output TEXT,
  prompt_length_tokens INTEGER,
  output_length_tokens INTEGER,
  cached INTEGER,
  llm_info TEXT,
  cost REAL
);
CREATE TABLE Tapes (
  tape_id TEXT PRIMARY KEY,
  timestamp TEXT,
  length INTEGER,
  metadata TEXT,
  context TEXT,
  steps TEXT
);`;

const INSERT = 'INSERT OR IGNORE INTO LLMCalls VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)';

const ROWS_PER_COMMIT = 1000;

/** Writes calls as TapeAgents' `LLMCalls`; each sample of a call is a row. */
export async function writeTapeAgentsDatabase(calls: AsyncIterable<StoredCall>, path: string, context: WriteContext): Promise<void> {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const database = new DatabaseSync(path);
  try {
    database.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;${TABLES}`);
    const insert = database.prepare(INSERT);
    let rows = 0;
    database.exec('BEGIN');
    for await (const call of calls) {
      if (context.signal?.aborted === true) throw LmdeckError.from(context.signal.reason, 'aborted');
      if (call.request.continuation !== undefined) {
        context.passOver('scored texts');
        continue;
      }
      try {
        for (const [index, sample] of samplesOf(call).entries()) {
          const [id, ...values] = rowOf(call, sample, index);
          // The column says it once; the same prompt can have been answered several times.
          if (insert.run(id, ...values).changes === 0) insert.run(ownId(call, index), ...values);
        }
      } catch (error) {
        context.leaveOut(`call ${call.id}`, error instanceof Error ? error.message : String(error));
        continue;
      }
      if (++rows % ROWS_PER_COMMIT === 0) database.exec('COMMIT; BEGIN');
    }
    database.exec('COMMIT');
  } finally {
    database.close();
  }
}

function samplesOf(call: StoredCall): readonly (Sample | undefined)[] {
  return call.samples.length === 0 ? [undefined] : call.samples;
}

type Value = string | number;

function rowOf(call: StoredCall, sample: Sample | undefined, index: number): [id: string, ...values: Value[]] {
  const notes = index === 0 ? notesOf(call) : {};
  const id = notes.promptId ?? ownId(call, index);
  const isFirst = index === 0;
  const { usage, costMicros } = call;
  return [
    id,
    notes.timestamp ?? naiveTime(call.startedAt),
    notes.promptText ?? JSON.stringify(promptJson(notes.embeddedId ?? id, call.request, notes)),
    notes.outputText ?? JSON.stringify(outputJson(sample?.message, notes.outputKeys)),
    // What several samples cost together is told once.
    isFirst ? (usage?.inputTokens ?? -1) : -1,
    isFirst ? (usage?.outputTokens ?? -1) : -1,
    notes.cached === true || call.cachedFrom !== undefined ? 1 : 0,
    JSON.stringify(infoOf(call, notes)),
    notes.cost ?? (isFirst && costMicros !== undefined ? shiftDecimal(costMicros, -6) : 0),
  ];
}

function ownId(call: StoredCall, index: number): string {
  const id = ulidAsUuid(call.id);
  return index === 0 ? id : `${id}-${index}`;
}

function infoOf(call: StoredCall, notes: TapeAgentsNotes): JsonObject {
  if (notes.named === false) return {};
  return {
    model_name: call.model,
    parameters: notes.parameters ?? parametersOf(call.request.options),
    ...(notes.contextSize === undefined ? {} : { context_size: notes.contextSize }),
  };
}

/** As Python's `datetime.isoformat` writes it, in UTC. */
function naiveTime(timeMs: number): string {
  return new Date(timeMs).toISOString().replace('Z', '000');
}
