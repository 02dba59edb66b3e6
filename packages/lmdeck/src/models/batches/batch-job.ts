import type { BatchJob, ErrorInfo, JsonObject } from '../../core/index.ts';

/** A job as it was read, with what the provider did not say. */
export interface ReadJob {
  readonly id: string;
  readonly state: BatchJob['state'];
  readonly rawState: string;
  readonly total: number | undefined;
  readonly succeeded: number | undefined;
  readonly failed: number | undefined;
  readonly errors: readonly ErrorInfo[];
  readonly createdAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly expiresAt: number | undefined;
  readonly raw: JsonObject;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The job without what is unknown of it. */
export function batchJob({ id, state, rawState, total, succeeded, failed, errors, createdAt, endedAt, expiresAt, raw }: ReadJob): BatchJob {
  const job: Mutable<BatchJob> = { id, state, rawState, raw };
  const counts: Mutable<NonNullable<BatchJob['counts']>> = {};
  if (total !== undefined) counts.total = total;
  if (succeeded !== undefined) counts.succeeded = succeeded;
  if (failed !== undefined) counts.failed = failed;
  if (Object.keys(counts).length > 0) job.counts = counts;
  if (errors.length > 0) job.errors = errors;
  if (createdAt !== undefined) job.createdAt = createdAt;
  if (endedAt !== undefined) job.endedAt = endedAt;
  if (expiresAt !== undefined) job.expiresAt = expiresAt;
  return job;
}
