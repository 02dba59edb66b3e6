import {
  LmdeckError,
  type BatchCallOptions,
  type BatchFindOptions,
  type BatchJob,
  type BatchLines,
  type BatchResult,
  type JsonObject,
} from '../../../core/index.ts';
import type { StreamedBody } from '../../../transport/index.ts';
import { batchJob } from '../../batches/batch-job.ts';
import { callContext } from '../../batches/call-context.ts';
import { creating } from '../../batches/creating.ts';
import { date, number, object, objects, text } from '../../batches/fields.ts';
import { jsonAnswer, jsonLines } from '../../batches/json-answer.ts';
import type { BatchCalls } from '../../batches/lazy-batches.ts';
import type { EndpointClient } from '../../openai-compatible/endpoint-client.ts';
import { unexpectedAnswer } from '../../openai-compatible/unexpected-answer.ts';
import type { ProtocolTarget } from '../../protocols/answer-protocol.ts';
import { encodeMessagesRequest } from '../encode-messages-request.ts';
import { messageResult } from './message-result.ts';

const PATH = '/messages/batches';
const PAGE = 100;
/** Clocks of two machines. */
const SKEW_MS = 600_000;

/** Anthropic's jobs: rows in the body of one request, results as lines. */
export function anthropicJobs(client: EndpointClient, target: ProtocolTarget): BatchCalls {
  const { name } = client.endpoint;
  const ask = async (
    path: string,
    body: string | StreamedBody | undefined,
    options: BatchCallOptions = {},
    once = false,
  ): Promise<JsonObject> =>
    jsonAnswer(await client.sendTo(path, body, 'application/json', callContext(options), once), name, 'a message batch');
  const job = async (path: string, body: string | StreamedBody | undefined, options?: BatchCallOptions, once = false): Promise<BatchJob> =>
    anthropicJob(await ask(path, body, options, once), name);

  async function* results({ id }: Pick<BatchJob, 'id'>, options: BatchCallOptions = {}): AsyncGenerator<BatchResult, undefined> {
    // Not the URL that the job names: the key goes to the configured server alone.
    const file = await client.sendTo(`${PATH}/${encodeURIComponent(id)}/results`, undefined, '*/*', callContext(options));
    for await (const line of jsonLines(file, name)) {
      const result = messageResult(line, name);
      if (result !== undefined) yield result;
    }
    return undefined;
  }

  /** A job carries no label, but its results carry the ids of its rows, and these are ours alone. */
  const isOurs = async (candidate: BatchJob, options: BatchFindOptions): Promise<boolean | undefined> => {
    if (options.rows !== undefined && candidate.counts?.total !== undefined && candidate.counts.total !== options.rows) return false;
    if (text(candidate.raw['results_url']) === undefined) return undefined;
    const prefix = prefixOf(options.customId ?? '');
    for await (const { customId } of results(candidate, options)) return prefixOf(customId) === prefix;
    return false;
  };

  return {
    encode: async (customId, request) => ({
      customId,
      line: JSON.stringify({ custom_id: customId, params: encodeMessagesRequest(request, target) }),
    }),
    submit: (lines, options) => creating(() => job(PATH, requestBody(lines), options, true)),
    find: async (_label, options = {}) => {
      const found: BatchJob[] = [];
      const open: string[] = [];
      let after: string | undefined;
      do {
        const page = await ask(
          `${PATH}?limit=${PAGE}${after === undefined ? '' : `&after_id=${encodeURIComponent(after)}`}`,
          undefined,
          options,
        );
        const jobs = objects(page['data']).map((raw) => anthropicJob(raw, name));
        const recent = jobs.filter(({ createdAt }) => (createdAt ?? Infinity) >= (options.since ?? 0) - SKEW_MS);
        for (const each of recent) {
          const ours = await isOurs(each, options);
          if (ours === true) found.push(each);
          else if (ours === undefined) open.push(each.id);
        }
        after = page['has_more'] === true && recent.length > 0 ? (text(page['last_id']) ?? jobs.at(-1)?.id) : undefined;
      } while (after !== undefined);
      if (found.length === 0 && open.length > 0)
        throw new LmdeckError(
          'conflict',
          `${name}: whether one of the jobs ${open.join(', ')} is the one that was handed in shows only when it has ended.`,
          { data: { jobs: open } },
        );
      return found;
    },
    status: (jobId, options) => job(`${PATH}/${encodeURIComponent(jobId)}`, undefined, options),
    async *results(each, options) {
      if (text(each.raw['results_url']) !== undefined) yield* results(each, options);
    },
    cancel: (jobId, options) => job(`${PATH}/${encodeURIComponent(jobId)}/cancel`, '', options),
    account: (options = {}) => client.account(callContext(options)),
  };
}

/** Custom ids are those of the run and the row; the run's part tells whose they are. */
function prefixOf(customId: string): string {
  return customId.slice(0, Math.max(0, customId.lastIndexOf('_')));
}

function requestBody(lines: BatchLines): StreamedBody {
  const [start, end] = ['{"requests":[', ']}'];
  return {
    // Commas stand where the line feeds were counted, but there is none after the last row.
    byteLength: start.length + lines.bytes - Math.min(1, lines.rows) + end.length,
    async *read() {
      yield Buffer.from(start);
      let isFirst = true;
      for await (const { line } of lines.read()) {
        yield Buffer.from(isFirst ? line : `,${line}`);
        isFirst = false;
      }
      yield Buffer.from(end);
    },
  };
}

function anthropicJob(raw: JsonObject, endpoint: string): BatchJob {
  const id = text(raw['id']);
  const rawState = text(raw['processing_status']);
  if (id === undefined || rawState === undefined) throw unexpectedAnswer(JSON.stringify(raw), endpoint, undefined, 'a message batch');
  const counts = object(raw['request_counts']);
  const of = (name: string): number | undefined => number(counts[name]);
  const each = ['processing', 'succeeded', 'errored', 'canceled', 'expired'].map(of);
  const total = each.every((count) => count === undefined) ? undefined : each.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  return batchJob({
    id,
    state: stateOf(rawState, total, of('canceled') ?? 0, of('expired') ?? 0),
    rawState,
    total,
    succeeded: of('succeeded'),
    failed: of('errored'),
    errors: [],
    createdAt: date(raw['created_at']),
    endedAt: date(raw['ended_at']),
    expiresAt: date(raw['expires_at']),
    raw,
  });
}

/** `ended` is all that the provider says; whether by itself, the counts tell. */
function stateOf(status: string, total: number | undefined, cancelled: number, expired: number): BatchJob['state'] {
  if (status === 'canceling') return 'cancelling';
  if (status !== 'ended') return 'running';
  if (expired > 0) return 'expired';
  return cancelled > 0 && cancelled <= (total ?? 0) ? 'cancelled' : 'completed';
}
