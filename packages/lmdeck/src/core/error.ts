import type { JsonObject } from './json.ts';

/** What went wrong, as a literal to branch on. Pinned by tests: codes are added, never renamed. */
export type ErrorCode =
  | 'aborted' // stopped by the caller
  | 'authentication' // 401: the key is wrong or missing at the server
  | 'capability' // the model cannot do what was asked
  | 'config' // a file or setting of the user is wrong
  | 'conflict' // 409, 425: the server asks to try again
  | 'content-filter' // the provider refused the prompt
  | 'incomplete-response' // the connection ended before the answer did
  | 'internal' // a defect of lmdeck or of a plugin
  | 'invalid-request' // 400, 413, 422: the server did not accept the request
  | 'invalid-response' // the server answered something that is not its protocol
  | 'missing-key' // no API key is known for the model
  | 'network' // refused, reset, DNS, TLS
  | 'not-found' // 404: model or path unknown to the server
  | 'permission' // 403
  | 'plugin' // a plugin failed
  | 'rate-limit' // 429
  | 'replay-miss' // nothing recorded for this request
  | 'server' // 5xx and errors inside a stream
  | 'tape' // the tape cannot be opened, read or written
  | 'timeout' // a limit of the caller's ran out, or 408
  | 'unknown-model' // no model of this id or alias
  | 'usage'; // lmdeck was called wrongly

/** An error as plain JSON: what the tape stores and what an `error` event carries. */
export interface ErrorInfo {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  /** HTTP status, where there was one. */
  readonly status?: number;
  /** How long the server asked to wait, in milliseconds. */
  readonly retryAfterMs?: number;
  /** Further facts to act on; never a secret. */
  readonly data?: JsonObject;
}

export interface LmdeckErrorOptions {
  readonly retryable?: boolean;
  readonly status?: number;
  readonly retryAfterMs?: number;
  readonly data?: JsonObject;
  readonly cause?: unknown;
}

const brand = Symbol.for('lmdeck.error');

/**
 * The one error class. Branch on `code`; test with {@link LmdeckError.isInstance}, which also holds across two copies of
 * the library in one process. The message names the thing, the place and the fix.
 *
 * @example
 * ```ts
 * import { LmdeckError } from 'lmdeck';
 *
 * const error: unknown = new LmdeckError('rate-limit', 'openai: 429 slow down', { status: 429, retryAfterMs: 2000 });
 * if (LmdeckError.isInstance(error) && error.retryable) console.log(`again in ${error.retryAfterMs} ms`);
 * ```
 */
export class LmdeckError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly data: JsonObject | undefined;
  readonly [brand] = true;

  constructor(code: ErrorCode, message: string, options: LmdeckErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? retryableByDefault(code);
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
    this.data = options.data;
  }

  override get name(): string {
    return 'LmdeckError';
  }

  /** True for an `LmdeckError` of this or any other copy of the library. */
  static isInstance(value: unknown): value is LmdeckError {
    return typeof value === 'object' && value !== null && brand in value;
  }

  /** Any thrown value as an `LmdeckError`: itself, or wrapped with `code` (an abort becomes `aborted`). */
  static from(value: unknown, code: ErrorCode = 'internal'): LmdeckError {
    if (LmdeckError.isInstance(value)) return value;
    if (value instanceof Error && value.name === 'AbortError') return new LmdeckError('aborted', 'The call was aborted.', { cause: value });
    return new LmdeckError(code, value instanceof Error ? value.message : String(value), { cause: value });
  }

  /** The error that {@link LmdeckError.toInfo} described. */
  static fromInfo(info: ErrorInfo): LmdeckError {
    return new LmdeckError(info.code, info.message, info);
  }

  /** The error as plain JSON. */
  toInfo(): ErrorInfo {
    return {
      code: this.code,
      message: this.message,
      retryable: this.retryable,
      ...(this.status === undefined ? {} : { status: this.status }),
      ...(this.retryAfterMs === undefined ? {} : { retryAfterMs: this.retryAfterMs }),
      ...(this.data === undefined ? {} : { data: this.data }),
    };
  }

  toJSON(): ErrorInfo {
    return this.toInfo();
  }
}

function retryableByDefault(code: ErrorCode): boolean {
  switch (code) {
    case 'rate-limit':
    case 'server':
    case 'timeout':
    case 'network':
    case 'conflict':
    case 'incomplete-response':
      return true;
    default:
      return false;
  }
}
