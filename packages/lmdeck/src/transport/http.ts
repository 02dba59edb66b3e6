import type { Timeouts } from '../core/index.ts';

/** How TLS is checked for one endpoint. Certificates are verified unless `verify` is set to false by name. */
export interface TlsOptions {
  /** PEM text of certificate authorities to trust besides the system's. */
  readonly ca?: string;
  readonly verify?: boolean;
}

/** A body that is not held in memory: how long it is, and how to read it. It is read again when the request has to be sent again. */
export interface StreamedBody {
  /** Exactly what `read` yields, all told. */
  readonly byteLength: number;
  read(): AsyncIterable<Uint8Array>;
}

/** One HTTP request. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  /**
   * Names in lower case. What says where a message ends or what becomes of the connection (`host`, `content-length`,
   * `transfer-encoding`, `connection`, `keep-alive`, `proxy-connection`, `upgrade`) is the transport's to set and passed over here.
   */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | StreamedBody;
  /**
   * True for a request that must reach the server at most once: it fails where it would else be sent again (on a kept connection that the
   * server closes, having seen it or not).
   */
  readonly once?: boolean;
  readonly signal?: AbortSignal;
  readonly timeouts?: Pick<Timeouts, 'connectMs'>;
  readonly tls?: TlsOptions;
  /** Proxy URL; `false` for none; absent: from the environment (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`). */
  readonly proxy?: string | false;
}

/** The head of an HTTP response and its body, read once. */
export interface HttpResponse {
  readonly status: number;
  /** Names in lower case; repeated headers joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as it comes, decompressed. Not reading holds the sender back; leaving early closes the connection. */
  readonly body: AsyncIterable<Uint8Array>;
  /** The whole body, decoded as UTF-8. */
  text(): Promise<string>;
}

/**
 * The seam to the network: everything that is sent goes through one function, so tests, recorders and other runtimes can
 * stand in its place. A status of 300 and above is an answer, not an error: see `httpError`. Read the body to its end
 * even when its last part carries nothing more: only then can the connection be used again.
 *
 * Rejects with `LmdeckError`: `network`, `timeout`, `aborted`, `incomplete-response`, `invalid-response` (not HTTP), `config` (URL,
 * proxy, certificate), `usage` (a header that cannot be sent).
 */
export type HttpTransport = (request: HttpRequest) => Promise<HttpResponse>;
