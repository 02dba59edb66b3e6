import type { BatchWork } from '../../batch/index.ts';
import { LmdeckError } from '../../core/index.ts';
import { longFlag, type ParsedOptions } from '../args/parsed-options.ts';

/** Options that say something about calls one by one. */
const ONLINE_ONLY = ['concurrency', 'window', 'retries', 'cache', 'maxErrors', 'maxCost', 'asCompleted'] as const;
/** Options that say something about jobs of a provider. */
const OFFLINE_ONLY = ['maxRows', 'maxBytes', 'maxEnqueuedTokens', 'maxAttempts', 'resubmit', 'keepFiles'] as const;

/** A limit that stands in a file and is not kept would be worse than none. @throws LmdeckError `usage` */
export function refuseOnlineOnly(options: ParsedOptions, { maxCost, maxErrors }: BatchWork): void {
  const inFile = maxCost !== undefined ? 'maxCost' : maxErrors !== undefined ? 'maxErrors' : undefined;
  const name = ONLINE_ONLY.find((each) => options.flag(each)) ?? inFile;
  if (name === undefined) return;
  throw new LmdeckError('usage', `${longFlag(name)} is about single calls, and jobs of a provider ask in whole: leave it out.`);
}

/** @throws LmdeckError `usage` */
export function refuseOfflineOnly(options: ParsedOptions): void {
  const name = OFFLINE_ONLY.find((each) => options.flag(each));
  if (name !== undefined) throw new LmdeckError('usage', `${longFlag(name)} is about jobs of a provider: add --offline, or leave it out.`);
}
