import { LmdeckError, type ErrorCode, type JsonValue } from '../../core/index.ts';

/** Answers after which nobody knows whether the request was carried out. */
const OPEN: ReadonlySet<ErrorCode> = new Set([
  'aborted',
  'conflict',
  'incomplete-response',
  'internal',
  'invalid-response',
  'network',
  'server',
  'timeout',
]);

/** Ends of connections that never stood. */
const NEVER_LEFT: ReadonlySet<JsonValue | undefined> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH']);

/** Makes a job: an error that leaves open whether it was made says so (`data.uncertain`). */
export async function creating<T>(create: () => Promise<T>): Promise<T> {
  try {
    return await create();
  } catch (thrown) {
    const error = LmdeckError.from(thrown);
    if (!OPEN.has(error.code) || NEVER_LEFT.has(error.data?.['cause'])) throw error;
    const { code, message, retryable, status, retryAfterMs, data } = error;
    throw new LmdeckError(code, message, {
      retryable,
      ...(status === undefined ? {} : { status }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      data: { ...data, uncertain: true },
      cause: thrown,
    });
  }
}
