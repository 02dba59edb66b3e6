import {
  LmdeckError,
  type BatchCallOptions,
  type BatchFindOptions,
  type BatchJob,
  type ErrorInfo,
  type JsonObject,
} from '../../../core/index.ts';
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
import { openaiRow } from './encode-row.ts';
import { fileResults } from './file-results.ts';
import { submitFile } from './submit-file.ts';

const LABEL = 'lmdeck_job';
/** Clocks of two machines. */
const SKEW_MS = 3_600_000;
const PAGE = 100;

/** OpenAI's jobs: rows in an uploaded file, `/batches`, results in an output and an error file. */
export function openaiJobs(client: EndpointClient, target: EncodingTarget): BatchCalls {
  const { name } = client.endpoint;
  const ask = async (path: string, body: string | undefined, options: BatchCallOptions = {}, once = false): Promise<JsonObject> =>
    jsonAnswer(await client.sendTo(path, body, 'application/json', callContext(options), once), name, 'a batch');
  const job = async (path: string, body: string | undefined, options?: BatchCallOptions, once = false): Promise<BatchJob> =>
    openaiJob(await ask(path, body, options, once), name);

  /** Servers that keep no metadata still keep the name of the file. */
  const isLabelled = async (raw: JsonObject, label: string, options: BatchCallOptions): Promise<boolean> => {
    const given = object(raw['metadata'])[LABEL];
    if (given !== undefined) return given === label;
    const fileId = text(raw['input_file_id']);
    if (fileId === undefined) return false;
    try {
      const file = await ask(`/files/${encodeURIComponent(fileId)}`, undefined, options);
      return text(file['filename']) === `${label}.jsonl`;
    } catch (error) {
      // The file of a job whose results were taken in.
      if (LmdeckError.from(error).status === 404) return false;
      throw error;
    }
  };

  return {
    encode: async (customId, request) => openaiRow(customId, request, target),
    submit: (lines, options) =>
      submitFile(client, lines, options, (fileId) => {
        const body = JSON.stringify({
          input_file_id: fileId,
          endpoint: '/v1/chat/completions',
          completion_window: '24h',
          metadata: { [LABEL]: options.label },
        });
        return job('/batches', body, options, true);
      }),
    find: async (label, options: BatchFindOptions = {}) => {
      const found: BatchJob[] = [];
      let after: string | undefined;
      do {
        const page = await ask(
          `/batches?limit=${PAGE}${after === undefined ? '' : `&after=${encodeURIComponent(after)}`}`,
          undefined,
          options,
        );
        const entries = objects(page['data']);
        const recent = entries.filter((raw) => (seconds(raw['created_at']) ?? Infinity) >= (options.since ?? 0) - SKEW_MS);
        for (const raw of recent) if (await isLabelled(raw, label, options)) found.push(openaiJob(raw, name));
        // The newest come first.
        after = page['has_more'] === true && recent.length > 0 ? (text(page['last_id']) ?? text(entries.at(-1)?.['id'])) : undefined;
      } while (after !== undefined);
      return found;
    },
    status: (jobId, options) => job(`/batches/${encodeURIComponent(jobId)}`, undefined, options),
    results: ({ raw }, options) => fileResults(client, [text(raw['output_file_id']), text(raw['error_file_id'])], options),
    cancel: (jobId, options) => job(`/batches/${encodeURIComponent(jobId)}/cancel`, '', options),
    discard: async ({ raw }, options) => {
      const fileId = text(raw['input_file_id']);
      if (fileId !== undefined) await deleteFile(client, fileId, options);
    },
    discardFile: (fileId, options) => deleteFile(client, fileId, options),
    account: (options = {}) => client.account(callContext(options)),
  };
}

/** A batch object. A status that is not known yet goes on: asking again costs nothing, giving up would. */
function openaiJob(raw: JsonObject, endpoint: string): BatchJob {
  const id = text(raw['id']);
  const rawState = text(raw['status']);
  if (id === undefined || rawState === undefined) throw unexpectedAnswer(JSON.stringify(raw), endpoint, undefined, 'a batch');
  const counts = object(raw['request_counts']);
  return batchJob({
    id,
    state: stateOf(rawState),
    rawState,
    total: number(counts['total']),
    succeeded: number(counts['completed']),
    failed: number(counts['failed']),
    errors: objects(object(raw['errors'])['data']).map((each) => jobError(each, endpoint)),
    createdAt: seconds(raw['created_at']),
    endedAt: ['completed_at', 'failed_at', 'expired_at', 'cancelled_at'].map((field) => seconds(raw[field])).find((at) => at !== undefined),
    expiresAt: seconds(raw['expires_at']),
    raw,
  });
}

/** What is wrong with a file, found when it is checked: it would be found again (`invalid_json_line`, `duplicate_custom_id`, `empty_file`). */
const BAD_FILE = /invalid|missing|mismatch|duplicate|empty|malformed|unsupported|too_many_tasks/;

/** Why a job failed as a whole. */
function jobError(raw: JsonObject, endpoint: string): ErrorInfo {
  const info = providerError(endpoint, raw).toInfo();
  return info.code === 'server' && BAD_FILE.test(text(raw['code']) ?? '') ? { ...info, code: 'invalid-request', retryable: false } : info;
}

function stateOf(status: string): BatchJob['state'] {
  switch (status) {
    case 'validating':
      return 'waiting';
    case 'completed':
    case 'failed':
    case 'expired':
    case 'cancelled':
    case 'cancelling':
      return status;
    default:
      return 'running';
  }
}
