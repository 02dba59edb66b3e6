import {
  createRequest,
  derivedId,
  encodeChunks,
  isJsonObject,
  type Chunk,
  type JsonObject,
  type JsonValue,
  type Message,
} from '../../core/index.ts';
import type { ForeignCall, ForeignRow, ReadOptions } from '../call-format.ts';
import { timeReader, type TimeReader } from '../foreign-time.ts';
import { fromChatMessage } from '../from-chat-message.ts';
import type { ImportSource } from '../import-source.ts';
import { importRecord } from './import-record.ts';
import { NAMESPACE } from './notes.ts';

/** True for a file whose lines are an MD5 and an event. */
export function isTapeAgentsCache({ firstLine }: ImportSource): boolean {
  return /^\[\s*"[0-9a-f]{32}"\s*,\s*\{\s*"(?:chunk|output|llm_call)"/.test(firstLine);
}

/** What came so far of the answer to one key. */
interface OpenAnswer {
  /** The line in which it began. */
  readonly where: string;
  readonly chunks: string[];
}

/**
 * The calls of a cache file (`llm_cache_MODEL_HASH.PID.TID.jsonl`). Its lines are `[key, event]`: pieces of an answer and then the answer. The
 * cache has no prompts, only their MD5, except where the event names its whole call; and no times, so calls are dated to the file.
 */
export async function* readTapeAgentsCache(source: ImportSource, options: ReadOptions): AsyncGenerator<ForeignRow, undefined> {
  const readTime = timeReader(options.timeZone);
  const model = modelOf(source.name) ?? options.model;
  const open = new Map<string, OpenAnswer>();
  for await (const { number, text } of source.lines()) {
    const where = `line ${number}`;
    try {
      const [key, event] = lineOf(text);
      const answer = open.get(key) ?? { where, chunks: [] };
      if (typeof event['chunk'] === 'string' && event['chunk'] !== '') answer.chunks.push(event['chunk']);
      open.set(key, answer);
      const call = callOf(key, event, answer, { model, modifiedAt: source.modifiedAt, readTime });
      if (call === undefined) continue;
      open.delete(key);
      yield { where: answer.where, call };
    } catch (error) {
      yield { where, problem: error instanceof Error ? error.message : String(error) };
    }
  }
  for (const [key, answer] of open) {
    if (answer.chunks.length === 0) yield { where: answer.where, problem: 'its event has neither text nor an answer' };
    else yield { where: answer.where, call: cut(key, answer, model, source.modifiedAt) };
  }
  return undefined;
}

/** `llm_cache_meta-llama__Llama-3_0af….123.456.jsonl` → `meta-llama/Llama-3` */
function modelOf(name: string): string | undefined {
  return /^llm_cache_(.+)_[0-9a-f]{32}\./.exec(name)?.[1]?.replaceAll('__', '/');
}

function lineOf(text: string): [key: string, event: JsonObject] {
  let line: JsonValue;
  try {
    line = JSON.parse(text);
  } catch (error) {
    throw new Error(`it is no JSON (${error instanceof Error ? error.message : String(error)})`, { cause: error });
  }
  const [key, event]: readonly (JsonValue | undefined)[] = Array.isArray(line) ? line : [];
  if (typeof key !== 'string' || !isJsonObject(event)) throw new Error('it is no pair of a key and an event');
  return [key, event];
}

interface Facts {
  readonly model: string;
  readonly modifiedAt: number;
  readonly readTime: TimeReader;
}

/** The call, once its answer is there. */
function callOf(key: string, event: JsonObject, answer: OpenAnswer, facts: Facts): ForeignCall | undefined {
  const { output, llm_call: record } = event;
  if (isJsonObject(record)) return recorded(key, record, facts);
  if (!isJsonObject(output)) return undefined;
  const message = fromChatMessage({ ...output, role: 'assistant' }, NAMESPACE);
  return cached(key, message, JSON.stringify(output), answer.chunks, facts.model, facts.modifiedAt);
}

function recorded(key: string, record: JsonObject, { model, readTime }: Facts): ForeignCall {
  const { timestamp, prompt, output, prompt_length_tokens: promptTokens, output_length_tokens: outputTokens, cost, cached } = record;
  if (!isJsonObject(prompt) || !isJsonObject(output) || typeof timestamp !== 'string')
    throw new Error('its llm_call has no prompt, output or timestamp');
  const info = record['llm_info'];
  const call = importRecord(
    {
      promptId: typeof prompt['id'] === 'string' ? prompt['id'] : '',
      timestamp,
      prompt: JSON.stringify(prompt),
      output: JSON.stringify(output),
      promptTokens: typeof promptTokens === 'number' ? promptTokens : undefined,
      outputTokens: typeof outputTokens === 'number' ? outputTokens : undefined,
      cached: cached === true,
      info: isJsonObject(info) ? info : {},
      cost: typeof cost === 'number' ? cost : undefined,
    },
    model,
    readTime,
  );
  const notes = call.start.metadata?.[NAMESPACE];
  return { ...call, start: { ...call.start, metadata: { [NAMESPACE]: { ...(isJsonObject(notes) ? notes : {}), cacheKey: key } } } };
}

function cached(key: string, message: Message, content: string, pieces: readonly string[], model: string, modifiedAt: number): ForeignCall {
  const chunks = pieces.map((piece): Chunk => ({ kind: 'text', sample: 0, index: 0, length: piece.length, waitMs: 0 }));
  return {
    // Without a time: the file's changes whenever a line is added, and its lines must keep their ids.
    start: {
      id: derivedId(0, `tapeagents-cache\n${model}\n${key}\n${content}`),
      startedAt: modifiedAt,
      model,
      request: createRequest({ messages: [] }),
      stream: chunks.length > 0,
      metadata: { [NAMESPACE]: { cacheKey: key } },
    },
    end: { status: 'ok', samples: [{ message }], ...(chunks.length === 0 ? {} : { chunks: encodeChunks(chunks) }) },
  };
}

/** An answer that was never finished. */
function cut(key: string, { chunks }: OpenAnswer, model: string, modifiedAt: number): ForeignCall {
  const text = chunks.join('');
  const call = cached(key, { role: 'assistant', parts: [{ type: 'text', text }] }, `cut\n${text}`, chunks, model, modifiedAt);
  return call.end === undefined ? call : { ...call, end: { ...call.end, status: 'aborted' } };
}
