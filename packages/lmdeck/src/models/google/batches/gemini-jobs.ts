import type { BatchCallOptions, BatchJob, BatchLines, BatchResult, JsonObject } from '../../../core/index.ts';
import { batchJob } from '../../batches/batch-job.ts';
import { callContext } from '../../batches/call-context.ts';
import { creating } from '../../batches/creating.ts';
import { date, number, object, objects, text } from '../../batches/fields.ts';
import { jsonAnswer, jsonLines } from '../../batches/json-answer.ts';
import type { BatchCalls } from '../../batches/lazy-batches.ts';
import type { EndpointClient } from '../../openai-compatible/endpoint-client.ts';
import { unexpectedAnswer } from '../../openai-compatible/unexpected-answer.ts';
import type { ProtocolTarget } from '../../protocols/answer-protocol.ts';
import { encodeGeminiRequest, modelPath } from '../encode-gemini-request.ts';
import { contentResult, statusError } from './content-result.ts';
import { uploadFile } from './upload-file.ts';

/** Google takes 20 MB inline; a file costs two more requests. */
const MAX_INLINE_BYTES = 10_000_000;
const PAGE = 100;
const SKEW_MS = 3_600_000;

/** Gemini's jobs: `batchGenerateContent` with rows inline or in a file, operations, results likewise. */
export function geminiJobs(client: EndpointClient, target: ProtocolTarget): BatchCalls {
  const { name } = client.endpoint;
  const ask = async (path: string, body: string | undefined, options: BatchCallOptions = {}, once = false): Promise<JsonObject> =>
    jsonAnswer(await client.sendTo(path, body, 'application/json', callContext(options), once), name, 'a batch');
  const status = async (jobId: string, options?: BatchCallOptions): Promise<BatchJob> =>
    geminiJob(await ask(`/${jobId}`, undefined, options), name);

  async function* fileResults(file: string, options: BatchCallOptions): AsyncGenerator<BatchResult, undefined> {
    const { origin, pathname } = new URL(client.publicUrl);
    const place = `${origin}/download${pathname}/${file}:download?alt=media`;
    for await (const line of jsonLines(await client.sendTo(place, undefined, '*/*', callContext(options)), name)) {
      const result = contentResult(line, text(line['key']), name);
      if (result !== undefined) yield result;
    }
    return undefined;
  }

  return {
    encode: async (customId, request) => ({
      customId,
      line: JSON.stringify({ key: customId, request: encodeGeminiRequest(request, target) }),
    }),
    submit: async (lines, options) => {
      const inputConfig =
        lines.bytes <= MAX_INLINE_BYTES
          ? { requests: { requests: await inline(lines) } }
          : { fileName: await uploadFile(client, lines, options) };
      const body = JSON.stringify({ batch: { displayName: options.label, inputConfig } });
      return creating(async () => geminiJob(await ask(`/${modelPath(target)}:batchGenerateContent`, body, options, true), name));
    },
    find: async (label, options = {}) => {
      const found: BatchJob[] = [];
      let token: string | undefined;
      do {
        const page = await ask(
          `/batches?pageSize=${PAGE}${token === undefined ? '' : `&pageToken=${encodeURIComponent(token)}`}`,
          undefined,
          options,
        );
        const operations = [...objects(page['operations']), ...objects(page['batches'])];
        for (const raw of operations) if (text(described(raw)['displayName']) === label) found.push(geminiJob(raw, name));
        const isRecent = operations.some((raw) => (date(described(raw)['createTime']) ?? Infinity) >= (options.since ?? 0) - SKEW_MS);
        token = isRecent && found.length === 0 ? text(page['nextPageToken']) : undefined;
      } while (token !== undefined);
      return found;
    },
    status,
    async *results({ raw }, options = {}) {
      const output = outputOf(raw);
      const file = text(output['responsesFile']);
      if (file !== undefined) yield* fileResults(file, options);
      for (const each of objects(object(output['inlinedResponses'])['inlinedResponses'])) {
        const result = contentResult(each, text(object(each['metadata'])['key']), name);
        if (result !== undefined) yield result;
      }
    },
    cancel: async (jobId, options) => {
      await ask(`/${jobId}:cancel`, '{}', options);
      return status(jobId, options);
    },
    account: (options = {}) => client.account(callContext(options)),
  };
}

/** Rows as they stand in the request itself. */
async function inline(lines: BatchLines): Promise<readonly JsonObject[]> {
  const requests: JsonObject[] = [];
  for await (const { customId, line } of lines.read()) {
    const row: JsonObject = JSON.parse(line);
    requests.push({ request: row['request'], metadata: { key: customId } });
  }
  return requests;
}

/** What is said about a job: `metadata` of an operation, or the object itself. */
function described(raw: JsonObject): JsonObject {
  return { ...raw, ...object(raw['metadata']) };
}

function outputOf(raw: JsonObject): JsonObject {
  const metadata = described(raw);
  return { ...object(metadata['output']), ...object(metadata['dest']), ...object(raw['response']) };
}

function geminiJob(raw: JsonObject, endpoint: string): BatchJob {
  const metadata = described(raw);
  const id = text(raw['name']);
  if (id === undefined) throw unexpectedAnswer(JSON.stringify(raw), endpoint, undefined, 'a batch');
  const rawState = text(metadata['state']) ?? (raw['done'] === true ? 'SUCCEEDED' : 'RUNNING');
  const stats = object(metadata['batchStats']);
  const { error } = raw;
  return batchJob({
    id,
    state: stateOf(rawState, error !== undefined && error !== null),
    rawState,
    total: number(stats['requestCount']),
    succeeded: number(stats['successfulRequestCount']),
    failed: number(stats['failedRequestCount']),
    errors: objects([error ?? null]).map((each) => statusError(each, endpoint)),
    createdAt: date(metadata['createTime']),
    endedAt: date(metadata['endTime']),
    expiresAt: undefined,
    raw,
  });
}

/** `BATCH_STATE_…` in the documentation, `JOB_STATE_…` in Google's own clients. */
function stateOf(rawState: string, isFailed: boolean): BatchJob['state'] {
  switch (rawState.replace(/^(?:BATCH|JOB)_STATE_/, '')) {
    case 'PENDING':
    case 'QUEUED':
      return 'waiting';
    case 'SUCCEEDED':
    case 'PARTIALLY_SUCCEEDED':
      return isFailed ? 'failed' : 'completed';
    case 'FAILED':
      return 'failed';
    case 'CANCELLING':
      return 'cancelling';
    case 'CANCELLED':
      return 'cancelled';
    case 'EXPIRED':
      return 'expired';
    default:
      return isFailed ? 'failed' : 'running';
  }
}
