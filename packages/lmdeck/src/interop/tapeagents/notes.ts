import { isJsonObject, type JsonObject, type StoredCall } from '../../core/index.ts';

/** Under which name facts of TapeAgents are kept, in metadata of calls and of messages. */
export const NAMESPACE = 'tapeagents';

/**
 * What a call of TapeAgents has beyond a call of lmdeck, kept in the call's metadata: enough to write the row again as it was. What is as
 * TapeAgents writes it by default is left out.
 */
export interface TapeAgentsNotes {
  /** `LLMCalls.prompt_id`: what steps of a tape refer to. */
  readonly promptId?: string;
  /** The id inside the prompt, where that is another one. */
  readonly embeddedId?: string;
  /** As it was written, with microseconds. */
  readonly timestamp?: string;
  readonly cached?: boolean;
  /** Key of the file cache: MD5 of the prompt. */
  readonly cacheKey?: string;
  readonly contextSize?: number;
  /** Dollars, where the call's cost does not give the same number again. */
  readonly cost?: number;
  /** The model's parameters, where the call's options do not say all of them. */
  readonly parameters?: JsonObject;
  /** False when the row does not say which model answered. */
  readonly named?: boolean;
  /** Token ids that came with messages. */
  readonly tokenIds?: readonly number[];
  /** The format of the answer; `true` stands for the call's schema. */
  readonly responseFormat?: JsonObject;
  /** Order of the keys of prompt and output, and of messages by their index, where it is not the default. */
  readonly promptKeys?: readonly string[];
  readonly outputKeys?: readonly string[];
  readonly messageKeys?: Readonly<Record<string, readonly string[]>>;
  /** The JSON text itself, where all of this cannot give it again. */
  readonly promptText?: string;
  readonly outputText?: string;
}

/** What a call on the tape remembers of TapeAgents; nothing for calls of others. */
export function notesOf(call: Pick<StoredCall, 'metadata'>): TapeAgentsNotes {
  const notes = call.metadata?.[NAMESPACE];
  if (!isJsonObject(notes)) return {};
  const { promptId, embeddedId, timestamp, cached, cacheKey, contextSize, cost, parameters, named, tokenIds, responseFormat } = notes;
  const { promptKeys, outputKeys, messageKeys, promptText, outputText } = notes;
  return {
    ...(typeof promptId === 'string' ? { promptId } : {}),
    ...(typeof embeddedId === 'string' ? { embeddedId } : {}),
    ...(typeof timestamp === 'string' ? { timestamp } : {}),
    ...(typeof cached === 'boolean' ? { cached } : {}),
    ...(typeof cacheKey === 'string' ? { cacheKey } : {}),
    ...(typeof contextSize === 'number' ? { contextSize } : {}),
    ...(typeof cost === 'number' ? { cost } : {}),
    ...(isJsonObject(parameters) ? { parameters } : {}),
    ...(typeof named === 'boolean' ? { named } : {}),
    ...(isNumbers(tokenIds) ? { tokenIds } : {}),
    ...(isJsonObject(responseFormat) ? { responseFormat } : {}),
    ...(isTexts(promptKeys) ? { promptKeys } : {}),
    ...(isTexts(outputKeys) ? { outputKeys } : {}),
    ...(isKeysByIndex(messageKeys) ? { messageKeys } : {}),
    ...(typeof promptText === 'string' ? { promptText } : {}),
    ...(typeof outputText === 'string' ? { outputText } : {}),
  };
}

export function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'number');
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function isKeysByIndex(value: unknown): value is Readonly<Record<string, readonly string[]>> {
  return isJsonObject(value) && Object.values(value).every(isTexts);
}
