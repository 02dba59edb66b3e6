import { LmdeckError } from '../core/index.ts';
import type { HttpRequest, StreamedBody } from './http.ts';

/** A request as it goes onto a connection. */
export interface EncodedRequest {
  /** The head, and the body too when it is short: one write. */
  readonly text: string;
  readonly encoding: 'latin1' | 'utf8';
  /** What is sent after that, piece by piece. */
  readonly body: string | Uint8Array | StreamedBody | undefined;
  /** Of the body, when it is text. */
  readonly bodyEncoding: 'latin1' | 'utf8';
  /** It must not be sent again. */
  readonly once: boolean;
}

/** What all requests to one URL have in common. */
export interface RequestTarget {
  /** What follows the method: the rest of the first line, and leading headers, each with its line end. */
  readonly headStart: string;
  /** `host:port` for messages. */
  readonly place: string;
}

/** Bytes of a text up to which it goes out in one piece with its head. */
const shortBody = 65_536;
const maxKnownNames = 1_000;

/** Headers that say where a message ends or what becomes of the connection: the transport's business. */
const ownHeaders = new Set(['connection', 'content-length', 'host', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']);

/** Writes requests down. Remembers which header names can be sent, because every call has the same. */
export class RequestEncoder {
  /** False: the transport sets it itself. */
  readonly #names = new Map<string, boolean>();

  /** @throws LmdeckError `usage` for a header that cannot be sent. */
  encode({ method, headers, body, once = false }: HttpRequest, target: RequestTarget): EncodedRequest {
    let head = method + target.headStart;
    let ascii = true;
    for (const name in headers) {
      const value = headers[name];
      if (value === undefined || !(this.#names.get(name) ?? this.#check(name, target.place))) continue;
      if (/[^\t\x20-\x7e]/.test(value)) {
        // eslint-disable-next-line no-control-regex -- Those are what it looks for.
        if (/[^\t\x20-\x7e\x80-\xff]/.test(value))
          throw unsendable(target.place, name, 'its value has a character that headers cannot have');
        ascii = false;
      }
      head += `${name}: ${value}\r\n`;
    }
    if (body === undefined) {
      if (method === 'POST' || method === 'PUT') head += 'content-length: 0\r\n';
      return { text: `${head}\r\n`, encoding: 'latin1', body: undefined, bodyEncoding: 'latin1', once };
    }
    const length = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
    head += `content-length: ${length}\r\n\r\n`;
    // Text of one byte per character can go out without being looked at once more.
    const bodyEncoding = typeof body !== 'string' || length === body.length ? 'latin1' : 'utf8';
    if (typeof body !== 'string' || length > shortBody || !(ascii || bodyEncoding === 'latin1'))
      return { text: head, encoding: 'latin1', body, bodyEncoding, once };
    return { text: head + body, encoding: bodyEncoding, body: undefined, bodyEncoding, once };
  }

  #check(name: string, place: string): boolean {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw unsendable(place, name, 'that is no header name');
    const sendable = !ownHeaders.has(name.toLowerCase());
    if (this.#names.size >= maxKnownNames) this.#names.clear();
    this.#names.set(name, sendable);
    return sendable;
  }
}

/** Names the header, never its value, which may be a key. */
function unsendable(place: string, name: string, why: string): LmdeckError {
  return new LmdeckError('usage', `The request to ${place} cannot be sent: the header ${JSON.stringify(name)}: ${why}.`);
}
