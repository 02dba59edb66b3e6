import type { IncomingHttpHeaders } from 'node:http';
import type { JsonObject } from '../../core/index.ts';
import { readAll, serveHttp, type Loopback } from '../../transport/test-support/loopback.ts';
import { anthropicRoutes } from './anthropic-batch-routes.ts';
import { BatchStore, type BatchFaults, type StoredJob } from './batch-store.ts';
import { geminiRoutes } from './gemini-batch-routes.ts';
import { openaiRoutes } from './openai-batch-routes.ts';

export type BatchProtocolName = 'openai' | 'mistral' | 'anthropic' | 'gemini';

/** A request as a route gets it. */
interface Asked {
  readonly match: RegExpExecArray;
  readonly query: URLSearchParams;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
  /** The key: jobs and files are seen by its owner alone. */
  readonly account: string;
  readonly origin: string;
}

/** JSON, lines, or a job that was made and how it is shown. */
export type Answer =
  | { readonly status?: number; readonly json: JsonObject; readonly headers?: Readonly<Record<string, string>> }
  | { readonly lines: readonly string[] }
  | { readonly made: StoredJob; readonly shown: (job: StoredJob) => JsonObject };

export type Route = readonly [method: string, path: RegExp, answer: (asked: Asked) => Answer];

export interface BatchServer extends AsyncDisposable {
  readonly store: BatchStore;
  /** Up to the version. */
  readonly url: string;
}

/** A server of a provider's batch endpoints on the loopback device, with what may go wrong there. */
export async function batchServer(protocol: BatchProtocolName, faults: BatchFaults = {}): Promise<BatchServer> {
  const store = new BatchStore(faults);
  const routes =
    protocol === 'anthropic' ? anthropicRoutes(store) : protocol === 'gemini' ? geminiRoutes(store) : openaiRoutes(store, protocol);
  const server: Loopback = await serveHttp(async (request, response) => {
    const body = await readAll(request);
    const url = new URL(request.url ?? '/', server.url);
    const headers = request.headers;
    const account = String(headers['x-api-key'] ?? headers['x-goog-api-key'] ?? headers.authorization ?? '');
    for (const [method, path, answer] of routes) {
      const match = method === request.method ? path.exec(url.pathname) : null;
      if (match === null) continue;
      const isCreate = method === 'POST' && /(?:\/batches|\/jobs|:batchGenerateContent)$/.test(url.pathname);
      const fault = isCreate ? store.faults.create?.(++store.creates) : undefined;
      if (fault === 'cut') return request.socket.destroy();
      if (typeof fault === 'number')
        return response.writeHead(fault, { 'content-type': 'application/json' }).end('{"error":{"message":"not now"}}');
      const given = answer({ match, query: url.searchParams, body, headers, account, origin: server.url });
      if (fault === 'lost') return request.socket.destroy();
      if ('lines' in given) {
        const text = given.lines.map((line) => `${line}\n`).join('');
        if (store.faults.cutDownload?.(++store.downloads) !== true) return response.end(text);
        response.writeHead(200, { 'content-length': String(Buffer.byteLength(text)) });
        return response.write(text.slice(0, Math.floor(text.length * 0.6)), () => request.socket.destroy());
      }
      const json = 'made' in given ? given.shown(given.made) : given.json;
      const status = 'made' in given ? 200 : (given.status ?? 200);
      const extra = 'headers' in given ? given.headers : {};
      return response.writeHead(status, { 'content-type': 'application/json', ...extra }).end(JSON.stringify(json));
    }
    return response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":{"message":"There is nothing here."}}');
  });
  return {
    store,
    url: `${server.url}${protocol === 'gemini' ? '/v1beta' : '/v1'}`,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
