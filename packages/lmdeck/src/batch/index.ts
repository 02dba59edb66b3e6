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
export { retryBatch } from './offline/retry-batch.ts';
export { behindLinks } from './output/behind-links.ts';
export { convertRows, OUTPUT_FORMATS, type OutputFormat } from './output/convert-rows.ts';
export { makeOutputFolder } from './output/output-folder.ts';
export { isTable, outputLines, type OutputOptions } from './output/output-lines.ts';
export { refuseSameFile } from './output/refuse-same-file.ts';
export { writeOutcomes } from './output/write-outcomes.ts';
export { JOINS, rowObject, type JoinKind, type LineOptions } from './output/row-line.ts';
export { batchRows, type RowOptions } from './rows/batch-rows.ts';
export { drawCounter } from './rows/draw-counter.ts';
export { answeredBefore } from './run/answered-before.ts';
export type { BatchOptions } from './run/batch-options.ts';
export { TallyCounter, type BatchTally } from './run/batch-tally.ts';
export { runBatch, type BatchInput } from './run/run-batch.ts';
export { readCheckpoint, readFailed, type Checkpoint, type FailedRow } from './run/run-state.ts';
export { writeBatch } from './run/write-batch.ts';
export type { BatchProgress, BatchReport, WriteBatchOptions } from './run/write-batch-options.ts';
export { loadBatch, readBatch, saveBatch, type LoadBatchOptions, type LoadedBatch } from './settings/batch-file.ts';
export { batchParameters } from './settings/batch-parameters.ts';
export type { BatchPlan, BatchWork } from './settings/batch-plan.ts';
export { LineSource } from './sources/line-source.ts';
export { listSource, openSource, SOURCE_FORMATS, type OpenSourceOptions, type SourceFormat } from './sources/open-source.ts';
export type { RowSource, SourceFingerprint, SourcePosition, SourcePrefix, SourceRow } from './sources/row-source.ts';
export { generate, type GenerateOptions, type RowAnswer } from './pipeline/generate.ts';
export { Pipeline, pipeline, type PipelineOptions } from './pipeline/pipeline.ts';
export type { Rows } from './pipeline/rows.ts';
export type { Step, StepContext, StepReport } from './pipeline/step.ts';
