import type { Row } from './row.ts';
import { batchRow } from './rows/batch.ts';
import { cacheRow } from './rows/cache.ts';
import { callRow } from './rows/call.ts';
import { closestRow } from './rows/closest.ts';
import { evaluationRow } from './rows/evaluation.ts';
import { importRow } from './rows/import.ts';
import { limiterRow } from './rows/limiter.ts';
import { memoryRow } from './rows/memory.ts';
import { recordedRow } from './rows/recorded.ts';
import { replayRow } from './rows/replay.ts';
import { scoreRow } from './rows/score.ts';
import { sseRow } from './rows/sse.ts';
import { startupRow } from './rows/startup.ts';
import { streamingRow } from './rows/streaming.ts';
import { tapeRow } from './rows/tape.ts';
import { tokensRow } from './rows/tokens.ts';
import { toolRow } from './rows/tool.ts';
import { transportRow } from './rows/transport.ts';

/** All rows, in the order in which they run. */
export const rows: readonly Row[] = [
  callRow,
  recordedRow,
  memoryRow,
  batchRow,
  streamingRow,
  toolRow,
  startupRow,
  cacheRow,
  tapeRow,
  replayRow,
  closestRow,
  importRow,
  scoreRow,
  evaluationRow,
  tokensRow,
  limiterRow,
  sseRow,
  transportRow,
];
