import { LmdeckError, offAbort, onAbort } from '../core/index.ts';
import type { AnswerReceiver, Connection } from './connection.ts';
import { contentDecoders, decodedBody } from './content-decoding.ts';
import type { HttpResponse } from './http.ts';
import { bodyError, errorCode, networkError } from './network-error.ts';
import type { ConnectLimit } from './open-connection.ts';
import type { EncodedRequest } from './request-encoder.ts';
import { ResponseBody, type BodySource } from './response-body.ts';
import { parseHeaderLines, type ResponseHead } from './response-head.ts';
import type { Route } from './route.ts';

/** One request and its answer: from the call of the transport until nothing more comes of the body. */
export class Exchange implements AnswerReceiver, BodySource {
  /** Kept as long as it may have to be sent again. */
  #request: EncodedRequest | undefined;
  readonly #route: Route;
  readonly #limit: ConnectLimit;
  readonly #signal: AbortSignal | undefined;
  readonly #resolve: (response: HttpResponse) => void;
  readonly #reject: (error: LmdeckError) => void;
  /** Set while the connection works for this exchange. */
  #connection: Connection | undefined;
  /** The body as it comes over the connection. */
  #body: ResponseBody | undefined;
  /** The body as it is read: the same, unless it is compressed. */
  #readable: ResponseBody | undefined;

  constructor(
    request: EncodedRequest,
    route: Route,
    limit: ConnectLimit,
    signal: AbortSignal | undefined,
    resolve: (response: HttpResponse) => void,
    reject: (error: LmdeckError) => void,
  ) {
    this.#request = request;
    this.#route = route;
    this.#limit = limit;
    this.#signal = signal;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(): void {
    if (this.#request !== undefined) this.#connection = this.#route.pool.send(this.#request, this.#limit, this);
    // The listener is this object: a function of its own would be one more thing to make for every call.
    if (this.#signal !== undefined) onAbort(this.#signal, this);
  }

  /** The signal's `abort`. */
  handleEvent(): void {
    const error = LmdeckError.from(this.#signal?.reason, 'aborted');
    if (this.#readable !== undefined) return this.#readable.abort(error);
    this.left();
    this.#fail(error);
  }

  answered(head: ResponseHead): void {
    this.#request = undefined;
    const { contentEncoding } = head;
    if (contentEncoding === undefined) this.#readable = this.#body = new ResponseBody(this);
    else if (!this.#decode(contentEncoding)) return;
    if (this.#readable !== undefined) this.#resolve(new Answer(head, this.#readable));
  }

  received(payload: Buffer): boolean {
    return this.#body?.push(payload) ?? true;
  }

  ended(): void {
    // It may serve another exchange from now on.
    this.#connection = undefined;
    this.#body?.end();
  }

  broken(error: unknown, untouched: boolean): void {
    this.#connection = undefined;
    if (this.#body !== undefined) return this.#body.fail(bodyError(error, this.#route.place));
    // The server closed a kept connection while this request was on its way to it: it has not seen the request. The new connection is
    // not a kept one, so this cannot come twice.
    if (untouched && this.#request?.once === false && isHangUp(error))
      this.#connection = this.#route.pool.sendOnNew(this.#request, this.#limit, this);
    else this.#fail(networkError(error, this.#route.place));
  }

  resume(): void {
    this.#connection?.resume();
  }

  left(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  settled(): void {
    // A long-lived signal must not hold on to every request it once could have aborted.
    if (this.#signal !== undefined) offAbort(this.#signal, this);
  }

  /** @returns false when it cannot be decoded; the exchange has failed then. */
  #decode(encoding: string): boolean {
    const { place } = this.#route;
    try {
      const decoders = contentDecoders(encoding, place);
      const settled = (): void => this.settled();
      this.#body = new ResponseBody({
        resume: () => this.resume(),
        left: () => this.left(),
        settled: decoders.length === 0 ? settled : ignore,
      });
      this.#readable = decodedBody(this.#body, decoders, place, settled);
      return true;
    } catch (error) {
      this.left();
      this.#fail(LmdeckError.from(error));
      return false;
    }
  }

  #fail(error: LmdeckError): void {
    this.settled();
    this.#reject(error);
  }
}

class Answer implements HttpResponse {
  readonly status: number;
  readonly body: ResponseBody;
  readonly #lines: string;
  #headers: Readonly<Record<string, string>> | undefined;

  constructor({ status, lines }: ResponseHead, body: ResponseBody) {
    this.status = status;
    this.body = body;
    this.#lines = lines;
  }

  // Made when they are asked for: the answer to a plain call is often read without a look at its headers.
  get headers(): Readonly<Record<string, string>> {
    return (this.#headers ??= parseHeaderLines(this.#lines));
  }

  text(): Promise<string> {
    return this.body.text();
  }
}

function isHangUp(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ECONNRESET' || code === 'EPIPE';
}

function ignore(): void {
  // The decompressed body is settled later than the one that came.
}
