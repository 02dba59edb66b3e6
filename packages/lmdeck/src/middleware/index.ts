export { answerEvents } from './answer-events.ts';
export { cache, type CacheOptions } from './cache.ts';
export { callIdentity } from './call-identity.ts';
export { limitContext, type ContextCut, type LimitContextOptions } from './limit-context.ts';
export { record, type RecordOptions } from './record.ts';
export { replay, type ReplayOptions } from './replay.ts';
export type { Relaxation } from './replay-key.ts';
export { retry, type RetryInfo, type RetryOptions } from './retry.ts';
export { timeout } from './timeout.ts';
