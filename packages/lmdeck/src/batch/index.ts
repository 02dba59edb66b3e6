export type { BatchRow, MalformedRow } from './batch-row.ts';
export type { RowOutcome } from './row-outcome.ts';
export {
  batchOutcomes,
  batchRuns,
  batchStatus,
  cancelBatch,
  continueBatch,
  fetchBatch,
  runOffline,
  submitBatch,
  waitForBatch,
} from './offline/offline-batch.ts';
export type { OfflineEvent, OfflineJob, OfflineModel, OfflineOptions, OfflineStatus, SubmitOptions } from './offline/offline-options.ts';
