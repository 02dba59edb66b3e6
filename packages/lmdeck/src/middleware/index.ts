export { cache, type CacheOptions } from './cache.ts';
export { record, type RecordOptions } from './record.ts';
export { replay, type ReplayOptions } from './replay.ts';
export { retry, type RetryInfo, type RetryOptions } from './retry.ts';
export { timeout } from './timeout.ts';
