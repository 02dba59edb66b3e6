import { isJsonObject, type JsonObject } from '../../core/index.ts';
import type { Route } from './batch-server.ts';
import { lastText, mixed, reply, textOf, type BatchStore, type StoredJob, type StoredRow } from './batch-store.ts';
import { looked, missing } from './openai-batch-routes.ts';

/** `/v1/messages/batches`. */
export function anthropicRoutes(store: BatchStore): readonly Route[] {
  const shown = (job: StoredJob): JsonObject => anthropicJob(job, store);
  return [
    [
      'POST',
      /^\/v1\/messages\/batches$/,
      ({ body, account }) => {
        const asked: JsonObject = JSON.parse(body);
        const requests = Array.isArray(asked['requests']) ? asked['requests'].filter(isJsonObject) : [];
        return { made: store.addJob({ label: '', model: '', account, fileId: undefined, rows: requests.map(storedRow) }), shown };
      },
    ],
    [
      'GET',
      /^\/v1\/messages\/batches$/,
      ({ account }) => {
        const own = store.jobs.filter((job) => job.account === account).toReversed();
        // Jobs go on by themselves, whether anybody asks for them by name or not.
        for (const job of own) store.look(job);
        return { json: { data: own.map(shown), has_more: false, last_id: own.at(-1)?.id ?? null } };
      },
    ],
    ['GET', /^\/v1\/messages\/batches\/([^/]+)$/, ({ match, account }) => looked(store, match[1], account, shown)],
    [
      'GET',
      /^\/v1\/messages\/batches\/([^/]+)\/results$/,
      ({ match, account }) => {
        const job = store.job(match[1], account);
        return job?.ending === undefined ? missing() : { lines: mixed(job.rows).map((row) => JSON.stringify(result(row))) };
      },
    ],
    [
      'POST',
      /^\/v1\/messages\/batches\/([^/]+)\/cancel$/,
      ({ match, account }) => {
        const job = store.job(match[1], account);
        if (job === undefined) return missing();
        store.end(job, 'cancelled');
        return { json: shown(job) };
      },
    ],
    [
      'POST',
      /^\/v1\/messages$/,
      ({ body }) => {
        const asked: JsonObject = JSON.parse(body);
        return { json: message(lastText(asked), textOf(asked['model'])) };
      },
    ],
  ];
}

function storedRow(row: JsonObject): StoredRow {
  const body = isJsonObject(row['params']) ? row['params'] : {};
  return { customId: textOf(row['custom_id']), body, text: lastText(body) };
}

function message(text: string, model: string): JsonObject {
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: `${model}-2026`,
    content: [{ type: 'text', text: reply(text) }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 10, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 5 },
  };
}

function result({ customId: custom_id, fate, text, body }: StoredRow): JsonObject {
  if (fate === 'expired') return { custom_id, result: { type: 'expired' } };
  if (fate === 'cancelled') return { custom_id, result: { type: 'canceled' } };
  if (fate === 'refused' || fate === 'overloaded') {
    const error =
      fate === 'refused' ? { type: 'invalid_request_error', message: 'bad row' } : { type: 'overloaded_error', message: 'overloaded' };
    return { custom_id, result: { type: 'errored', error: { type: 'error', error } } };
  }
  return { custom_id, result: { type: 'succeeded', message: message(text, textOf(body['model'])) } };
}

function anthropicJob(job: StoredJob, store: BatchStore): JsonObject {
  const settled = store.count(job, 'ok', 'refused', 'overloaded', 'expired', 'cancelled');
  return {
    id: job.id,
    type: 'message_batch',
    processing_status: job.ending === undefined ? 'in_progress' : 'ended',
    request_counts: {
      processing: job.ending === undefined ? job.rows.length : job.rows.length - settled,
      succeeded: store.count(job, 'ok'),
      errored: store.count(job, 'refused', 'overloaded'),
      canceled: store.count(job, 'cancelled'),
      expired: store.count(job, 'expired'),
    },
    created_at: new Date(job.createdAt).toISOString(),
    ended_at: job.ending === undefined ? null : new Date(job.createdAt + 1000).toISOString(),
    results_url: job.ending === undefined ? null : `https://elsewhere.invalid/v1/messages/batches/${job.id}/results`,
  };
}
