import type { Row } from './row.ts';
import { cacheRow } from './rows/cache.ts';
import { callRow } from './rows/call.ts';
import { memoryRow } from './rows/memory.ts';
import { recordedRow } from './rows/recorded.ts';
import { sseRow } from './rows/sse.ts';
import { startupRow } from './rows/startup.ts';
import { streamingRow } from './rows/streaming.ts';
import { tapeRow } from './rows/tape.ts';
import { toolRow } from './rows/tool.ts';
import { transportRow } from './rows/transport.ts';

/** All rows, in the order in which they run. */
export const rows: readonly Row[] = [
  callRow,
  recordedRow,
  memoryRow,
  streamingRow,
  toolRow,
  startupRow,
  cacheRow,
  tapeRow,
  sseRow,
  transportRow,
];
