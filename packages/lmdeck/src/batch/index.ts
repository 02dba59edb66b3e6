export type { BatchRow, MalformedRow } from './batch-row.ts';
export type { RowOutcome } from './row-outcome.ts';
