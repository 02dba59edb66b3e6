import type { BatchCallOptions, BatchFindOptions, BatchJob, JsonObject } from '../../../core/index.ts';
import { batchJob } from '../../batches/batch-job.ts';
import { callContext } from '../../batches/call-context.ts';
import { number, object, objects, seconds, text } from '../../batches/fields.ts';
import { jsonAnswer } from '../../batches/json-answer.ts';
import type { BatchCalls } from '../../batches/lazy-batches.ts';
import type { EncodingTarget } from '../encode-chat-request.ts';
import type { EndpointClient } from '../endpoint-client.ts';
import { providerError } from '../provider-error.ts';
import { unexpectedAnswer } from '../unexpected-answer.ts';
import { deleteFile } from './delete-file.ts';
import { mistralRow } from './encode-row.ts';
import { fileResults } from './file-results.ts';
import { submitFile } from './submit-file.ts';

const LABEL = 'lmdeck_job';
const PAGE = 100;
const SKEW_MS = 3_600_000;

/** Mistral's jobs: rows in an uploaded file, `/batch/jobs`, results in an output and an error file. */
export function mistralJobs(client: EndpointClient, target: EncodingTarget): BatchCalls {
  const { name } = client.endpoint;
  const ask = async (path: string, body: string | undefined, options: BatchCallOptions = {}, once = false): Promise<JsonObject> =>
    jsonAnswer(await client.sendTo(path, body, 'application/json', callContext(options), once), name, 'a batch job');
  const job = async (path: string, body: string | undefined, options?: BatchCallOptions, once = false): Promise<BatchJob> =>
    mistralJob(await ask(path, body, options, once), name);
  return {
    encode: async (customId, request) => mistralRow(customId, request, target),
    submit: (lines, options) =>
      submitFile(client, lines, options, (fileId) => {
        const body = JSON.stringify({
          input_files: [fileId],
          endpoint: '/v1/chat/completions',
          model: target.model,
          metadata: { [LABEL]: options.label },
          timeout_hours: 24,
        });
        return job('/batch/jobs', body, options, true);
      }),
    find: async (label, options: BatchFindOptions = {}) => {
      const found: BatchJob[] = [];
      const since =
        options.since === undefined ? '' : `&created_after=${encodeURIComponent(new Date(options.since - SKEW_MS).toISOString())}`;
      for (let page = 0; ; page++) {
        const entries = objects((await ask(`/batch/jobs?page=${page}&page_size=${PAGE}${since}`, undefined, options))['data']);
        for (const raw of entries) if (object(raw['metadata'])[LABEL] === label) found.push(mistralJob(raw, name));
        if (entries.length < PAGE) return found;
      }
    },
    status: (jobId, options) => job(`/batch/jobs/${encodeURIComponent(jobId)}`, undefined, options),
    results: ({ raw }, options) => fileResults(client, [text(raw['output_file']), text(raw['error_file'])], options),
    cancel: (jobId, options) => job(`/batch/jobs/${encodeURIComponent(jobId)}/cancel`, '', options),
    discard: async ({ raw }, options) => {
      for (const fileId of Array.isArray(raw['input_files']) ? raw['input_files'] : [])
        if (typeof fileId === 'string') await deleteFile(client, fileId, options);
    },
    discardFile: (fileId, options) => deleteFile(client, fileId, options),
    account: (options = {}) => client.account(callContext(options)),
  };
}

function mistralJob(raw: JsonObject, endpoint: string): BatchJob {
  const id = text(raw['id']);
  const rawState = text(raw['status']);
  if (id === undefined || rawState === undefined) throw unexpectedAnswer(JSON.stringify(raw), endpoint, undefined, 'a batch job');
  return batchJob({
    id,
    state: stateOf(rawState),
    rawState,
    total: number(raw['total_requests']),
    succeeded: number(raw['succeeded_requests']),
    failed: number(raw['failed_requests']),
    errors: objects(raw['errors']).map((each) => providerError(endpoint, each).toInfo()),
    createdAt: seconds(raw['created_at']),
    endedAt: seconds(raw['completed_at']),
    expiresAt: undefined,
    raw,
  });
}

function stateOf(status: string): BatchJob['state'] {
  switch (status) {
    case 'QUEUED':
      return 'waiting';
    case 'SUCCESS':
      return 'completed';
    case 'FAILED':
      return 'failed';
    case 'TIMEOUT_EXCEEDED':
      return 'expired';
    case 'CANCELLATION_REQUESTED':
      return 'cancelling';
    case 'CANCELLED':
      return 'cancelled';
    default:
      return 'running';
  }
}
