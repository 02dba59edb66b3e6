import { isJsonObject, type JsonObject } from '../../core/index.ts';
import { lastText, mixed, reply, textOf, type BatchStore, type StoredJob, type StoredRow } from './batch-store.ts';
import type { Answer, Route } from './batch-server.ts';

/** `/files` and OpenAI's `/batches` or Mistral's `/batch/jobs`. */
export function openaiRoutes(store: BatchStore, kind: 'openai' | 'mistral'): readonly Route[] {
  const jobs = kind === 'openai' ? '/v1/batches' : '/v1/batch/jobs';
  const shown = (job: StoredJob): JsonObject => (kind === 'openai' ? openaiJob(job, store) : mistralJob(job, store));
  return [
    [
      'POST',
      /^\/v1\/files$/,
      ({ body, headers }) => ({ json: { object: 'file', id: upload(store, body, headers['content-type'] ?? '') } }),
    ],
    [
      'GET',
      /^\/v1\/files\/([^/]+)$/,
      ({ match }) => {
        const file = store.files.get(match[1] ?? '');
        return file === undefined ? missing() : { json: { id: match[1] ?? '', filename: file.name } };
      },
    ],
    [
      'DELETE',
      /^\/v1\/files\/([^/]+)$/,
      ({ match }) => {
        const status = store.faults.deletion?.(++store.deletions);
        if (status !== undefined) return { status, json: { error: { message: 'not so' } } };
        const id = match[1] ?? '';
        return store.files.delete(id) ? { json: { id, object: 'file', deleted: true } } : missing();
      },
    ],
    ['GET', /^\/v1\/files\/([^/]+)\/content$/, ({ match }) => download(store, match[1] ?? '')],
    [
      'POST',
      new RegExp(`^${jobs}$`),
      ({ body, account }) => {
        const asked: JsonObject = JSON.parse(body);
        const files = asked['input_files'];
        const fileId = kind === 'openai' ? asked['input_file_id'] : Array.isArray(files) ? files[0] : undefined;
        const file = store.files.get(textOf(fileId));
        if (file === undefined) return { status: 400, json: { error: { message: 'no such file' } } };
        const metadata = isJsonObject(asked['metadata']) ? asked['metadata'] : {};
        const rows = file.text.split('\n').filter((line) => line !== '');
        return {
          made: store.addJob({
            label: textOf(metadata['lmdeck_job']),
            model: textOf(asked['model'] ?? ''),
            account,
            fileId: textOf(fileId),
            rows: rows.map((line) => storedRow(JSON.parse(line))),
          }),
          shown,
        };
      },
    ],
    [
      'GET',
      new RegExp(`^${jobs}$`),
      ({ account, query }) => {
        if (store.faults.forgets === 'list') return missing();
        const own = store.jobs.filter((job) => job.account === account).toReversed();
        if (kind === 'mistral')
          return { json: { object: 'list', total: own.length, data: query.get('page') === '0' ? own.map(shown) : [] } };
        // One per page, so that paging is walked.
        const from = own.findIndex((job) => job.id === query.get('after')) + 1;
        const page = own.slice(from, from + 1);
        return { json: { object: 'list', data: page.map(shown), has_more: from + 1 < own.length, last_id: page.at(-1)?.id ?? null } };
      },
    ],
    ['GET', new RegExp(`^${jobs}/([^/]+)$`), ({ match, account }) => looked(store, match[1], account, shown)],
    [
      'POST',
      new RegExp(`^${jobs}/([^/]+)/cancel$`),
      ({ match, account }) => {
        const job = store.job(match[1], account);
        if (job === undefined) return missing();
        if (job.ending !== undefined)
          return { status: 400, json: { error: { message: `Cannot cancel a batch with status "${job.ending}".` } } };
        store.end(job, 'cancelled');
        return { json: shown(job) };
      },
    ],
  ];
}

export function missing(): Answer {
  return { status: 404, json: { error: { message: 'There is nothing here.', code: 'not_found' } } };
}

/** A look at a job, which lets it go on. */
export function looked(store: BatchStore, id: string | undefined, account: string, shown: (job: StoredJob) => JsonObject): Answer {
  const job = store.job(id, account);
  if (job === undefined || store.faults.gone?.(job) === 'job') return missing();
  const status = store.faults.look?.(++store.looks);
  if (status !== undefined) return { status, json: { error: { message: 'not now' } } };
  store.look(job);
  return { json: shown(job) };
}

function storedRow(line: JsonObject): StoredRow {
  const body = isJsonObject(line['body']) ? line['body'] : {};
  return { customId: textOf(line['custom_id']), body, text: lastText(body) };
}

/** The second part of a form. */
function upload(store: BatchStore, body: string, contentType: string): string {
  const boundary = /boundary=(.*)$/.exec(contentType)?.[1] ?? '';
  const [, , file = ''] = body.split(`--${boundary}`);
  const [head = '', ...text] = file.split('\r\n\r\n');
  return store.addFile(/filename="([^"]*)"/.exec(head)?.[1] ?? '', text.join('\r\n\r\n').replace(/\r\n$/, ''));
}

function download(store: BatchStore, id: string): Answer {
  const [kind, jobId] = id.split('-');
  const job = store.jobs.find((each) => each.id === jobId);
  if (job === undefined || store.faults.gone?.(job) === 'results') return missing();
  const rows = mixed(job.rows).filter((row) => (kind === 'output') === (row.fate === 'ok'));
  return { lines: rows.map((row, i) => JSON.stringify(result(row, i))) };
}

function result(row: StoredRow, number: number): JsonObject {
  const id = `batch_req_${number}`;
  const { customId: custom_id, fate } = row;
  if (fate === 'expired' || fate === 'cancelled')
    return { id, custom_id, response: null, error: { code: `batch_${fate}`, message: `This request was ${fate}.` } };
  if (fate === 'refused')
    return { id, custom_id, response: { status_code: 400, request_id: 'r', body: { error: { message: 'bad row' } } }, error: null };
  if (fate === 'overloaded')
    return { id, custom_id, response: { status_code: 503, request_id: 'r', body: { error: { message: 'overloaded' } } }, error: null };
  const message = { role: 'assistant', content: reply(row.text) };
  const n = typeof row.body['n'] === 'number' ? row.body['n'] : 1;
  const choices = Array.from({ length: n }, (_, index) => ({ index, message, finish_reason: 'stop' }));
  const usage = { prompt_tokens: 10, completion_tokens: 5 * n, total_tokens: 10 + 5 * n };
  return {
    id,
    custom_id,
    response: {
      status_code: 200,
      request_id: 'r',
      body: { id: `chat-${custom_id}`, model: 'm-2026', object: 'chat.completion', choices, usage },
    },
    error: null,
  };
}

function openaiJob(job: StoredJob, store: BatchStore): JsonObject {
  const hasErrors = store.count(job, 'refused', 'overloaded', 'expired', 'cancelled') > 0;
  return {
    id: job.id,
    object: 'batch',
    status: job.ending ?? (job.looks === 0 ? 'validating' : 'in_progress'),
    input_file_id: job.fileId ?? null,
    output_file_id:
      job.ending !== undefined && store.count(job, 'ok') > 0 && job.looks >= (store.faults.outputFrom?.(job) ?? 0)
        ? `output-${job.id}`
        : null,
    error_file_id: job.ending !== undefined && hasErrors ? `errors-${job.id}` : null,
    errors: job.failure === undefined ? null : { object: 'list', data: [{ ...job.failure }] },
    created_at: job.createdAt / 1000,
    request_counts: { total: job.rows.length, completed: store.count(job, 'ok'), failed: store.count(job, 'refused', 'overloaded') },
    ...(store.faults.forgets === 'metadata' ? {} : { metadata: { lmdeck_job: job.label } }),
  };
}

function mistralJob(job: StoredJob, store: BatchStore): JsonObject {
  const states = { completed: 'SUCCESS', failed: 'FAILED', expired: 'TIMEOUT_EXCEEDED', cancelled: 'CANCELLED' } as const;
  const hasErrors = store.count(job, 'refused', 'overloaded', 'expired', 'cancelled') > 0;
  return {
    id: job.id,
    object: 'batch',
    status: job.ending === undefined ? (job.looks === 0 ? 'QUEUED' : 'RUNNING') : states[job.ending],
    model: job.model,
    input_files: [job.fileId ?? ''],
    output_file: job.ending !== undefined && store.count(job, 'ok') > 0 ? `output-${job.id}` : null,
    error_file: job.ending !== undefined && hasErrors ? `errors-${job.id}` : null,
    errors: job.failure === undefined ? [] : [{ ...job.failure, count: 1 }],
    created_at: job.createdAt / 1000,
    total_requests: job.rows.length,
    completed_requests: store.count(job, 'ok', 'refused'),
    succeeded_requests: store.count(job, 'ok'),
    failed_requests: store.count(job, 'refused', 'overloaded'),
    metadata: { lmdeck_job: job.label },
  };
}
