import { isJsonObject, type JsonObject } from '../../core/index.ts';
import type { Route } from './batch-server.ts';
import { lastText, mixed, reply, textOf, type BatchStore, type StoredJob, type StoredRow } from './batch-store.ts';
import { looked, missing } from './openai-batch-routes.ts';

/** `models/X:batchGenerateContent`, `batches`, the resumable upload of files, and `generateContent` itself. */
export function geminiRoutes(store: BatchStore): readonly Route[] {
  const shown = (job: StoredJob): JsonObject => geminiJob(job, store);
  return [
    [
      'POST',
      /^\/upload\/v1beta\/files$/,
      ({ origin }) => ({ json: {}, headers: { 'x-goog-upload-url': `${origin}/upload/v1beta/files/session` } }),
    ],
    ['POST', /^\/upload\/v1beta\/files\/session$/, ({ body }) => ({ json: { file: { name: `files/${store.addFile('', body)}` } } })],
    [
      'POST',
      /^\/v1beta\/models\/([^/:]+):batchGenerateContent$/,
      ({ match, body, account }) => {
        const asked: JsonObject = JSON.parse(body);
        const batch = isJsonObject(asked['batch']) ? asked['batch'] : {};
        const config = isJsonObject(batch['inputConfig']) ? batch['inputConfig'] : {};
        const rows = typeof config['fileName'] === 'string' ? fileRows(store, config['fileName']) : inlineRows(config);
        const fileId = typeof config['fileName'] === 'string' ? config['fileName'] : undefined;
        return { made: store.addJob({ label: textOf(batch['displayName']), model: match[1] ?? '', account, fileId, rows }), shown };
      },
    ],
    [
      'GET',
      /^\/v1beta\/batches$/,
      ({ account }) => ({
        json: {
          operations: store.jobs
            .filter((job) => job.account === account)
            .toReversed()
            .map(shown),
        },
      }),
    ],
    ['GET', /^\/v1beta\/batches\/([^/:]+)$/, ({ match, account }) => looked(store, match[1], account, shown)],
    [
      'POST',
      /^\/v1beta\/batches\/([^/:]+):cancel$/,
      ({ match, account }) => {
        const job = store.job(match[1], account);
        if (job === undefined) return missing();
        store.end(job, 'cancelled');
        return { json: {} };
      },
    ],
    [
      'GET',
      /^\/download\/v1beta\/files\/results-([^/:]+):download$/,
      ({ match }) => {
        const job = store.jobs.find((each) => each.id === match[1]);
        return job === undefined
          ? missing()
          : { lines: mixed(job.rows).map((row) => JSON.stringify({ key: row.customId, ...result(row) })) };
      },
    ],
    [
      'POST',
      /^\/v1beta\/models\/([^/:]+):generateContent$/,
      ({ match, body }) => ({ json: content(lastText(JSON.parse(body)), match[1] ?? '') }),
    ],
  ];
}

function inlineRows(config: JsonObject): readonly StoredRow[] {
  const outer = isJsonObject(config['requests']) ? config['requests'] : {};
  const list = Array.isArray(outer['requests']) ? outer['requests'].filter(isJsonObject) : [];
  return list.map((row) => storedRow(isJsonObject(row['metadata']) ? row['metadata']['key'] : undefined, row['request']));
}

function fileRows(store: BatchStore, name: string): readonly StoredRow[] {
  const text = store.files.get(name.replace('files/', ''))?.text ?? '';
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const row: JsonObject = JSON.parse(line);
      return storedRow(row['key'], row['request']);
    });
}

function storedRow(key: unknown, request: unknown): StoredRow {
  const body = isJsonObject(request) ? request : {};
  return { customId: textOf(key), body, text: lastText(body) };
}

function content(text: string, model: string): JsonObject {
  return {
    candidates: [{ content: { role: 'model', parts: [{ text: reply(text) }] }, finishReason: 'STOP', index: 0 }],
    usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 },
    modelVersion: `${model}-2026`,
    responseId: 'r1',
  };
}

function result({ fate, text }: StoredRow): JsonObject {
  switch (fate) {
    case 'expired':
      return { error: { code: 4, message: 'The deadline passed.' } };
    case 'cancelled':
      return { error: { code: 1, message: 'The operation was cancelled.' } };
    case 'refused':
      return { error: { code: 3, message: 'bad row' } };
    case 'overloaded':
      return { error: { code: 14, message: 'overloaded' } };
    default:
      return { response: content(text, 'gemini') };
  }
}

/** Jobs with a file answer with a file, the others inline. */
function geminiJob(job: StoredJob, store: BatchStore): JsonObject {
  const states = { completed: 'SUCCEEDED', failed: 'FAILED', expired: 'EXPIRED', cancelled: 'CANCELLED' } as const;
  const isDone = job.ending !== undefined;
  const state = job.ending === undefined ? (job.looks === 0 ? 'PENDING' : 'RUNNING') : states[job.ending];
  const inlined = mixed(job.rows).map((row) => ({ metadata: { key: row.customId }, ...result(row) }));
  const output =
    job.fileId === undefined ? { inlinedResponses: { inlinedResponses: inlined } } : { responsesFile: `files/results-${job.id}` };
  return {
    name: `batches/${job.id}`,
    metadata: {
      displayName: job.label,
      state: `BATCH_STATE_${state}`,
      createTime: new Date(job.createdAt).toISOString(),
      batchStats: {
        requestCount: String(job.rows.length),
        successfulRequestCount: String(store.count(job, 'ok')),
        failedRequestCount: String(store.count(job, 'refused', 'overloaded')),
      },
    },
    ...(isDone ? { done: true } : {}),
    ...(job.failure === undefined ? {} : { error: { code: 13, message: job.failure.message } }),
    ...(isDone && job.failure === undefined ? { response: output } : {}),
  };
}
