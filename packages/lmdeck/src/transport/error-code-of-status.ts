import type { ErrorCode } from '../core/index.ts';

/** What an HTTP status of 400 and above means, as a header or as a number inside an answer. */
export function errorCodeOfStatus(status: number): ErrorCode {
  switch (status) {
    case 401:
      return 'authentication';
    case 402:
    case 403:
      return 'permission';
    case 404:
      return 'not-found';
    case 408:
      return 'timeout';
    case 409:
    case 425:
      return 'conflict';
    case 429:
      return 'rate-limit';
    default:
      return status >= 500 ? 'server' : 'invalid-request';
  }
}
