import { sha256 } from '../../core/index.ts';
import { pythonJson, type PythonValue } from '../../python/index.ts';

/** The kinds of requests of lm-evaluation-harness. */
export type RequestType = 'loglikelihood' | 'loglikelihood_rolling' | 'generate_until';

/**
 * The key under which lm-evaluation-harness (`--use_cache`) stores the answer to a request: SHA-256 of `json.dumps([type, ...arguments])`,
 * lower-case hex. Model, endpoint and seed are no part of it, so it must not be the only key of a store that holds more than one model.
 *
 * @example
 * ```ts
 * import { harnessRequestKey } from 'lmdeck/scoring';
 *
 * console.log(harnessRequestKey('loglikelihood', ['The sky is', ' blue']).slice(0, 8)); // 3ddb09c9
 * ```
 */
export function harnessRequestKey(type: RequestType, args: readonly PythonValue[]): string {
  return sha256(pythonJson([type, ...args]));
}
