import type { CallFormat } from '../call-format.ts';
import { isTapeAgentsCache, readTapeAgentsCache } from './cache-reader.ts';
import { isTapeAgentsDatabase, readTapeAgentsDatabase } from './sqlite-reader.ts';
import { writeTapeAgentsDatabase } from './sqlite-writer.ts';

/** The log of TapeAgents (ServiceNow). */
export const tapeAgents: CallFormat = {
  name: 'tapeagents',
  summary: "TapeAgents' tapedata.sqlite (also gzipped): table LLMCalls",
  sniff: isTapeAgentsDatabase,
  read: readTapeAgentsDatabase,
  writeFile: writeTapeAgentsDatabase,
};

/** The file cache of TapeAgents. */
export const tapeAgentsCache: CallFormat = {
  name: 'tapeagents-cache',
  summary: "TapeAgents' llm_cache_*.jsonl: answers by the MD5 of their prompt",
  sniff: isTapeAgentsCache,
  read: readTapeAgentsCache,
};
