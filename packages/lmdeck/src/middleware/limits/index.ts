export { rateLimiter, type RateLimiter, type RateLimiterOptions } from './rate-limiter.ts';
export type { LaneState, LimiterClock, LimiterState, LimitState, RateLimits } from './rate-limits.ts';
