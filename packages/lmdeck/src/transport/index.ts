export { httpTransport, type ClosableHttpTransport, type HttpTransportOptions } from './http-transport.ts';
export type { HttpRequest, HttpResponse, HttpTransport, StreamedBody, TlsOptions } from './http.ts';
export { withoutKeys } from './error-body.ts';
export { errorCodeOfStatus } from './error-code-of-status.ts';
export { httpError } from './http-error.ts';
export { rateLimitFacts, type RateLimitFact, type RateLimitKind } from './rate-limit-headers.ts';
export { retryDelay, type RetryDelayInput } from './retry-policy.ts';
export { textLines } from './text-lines.ts';
export { SseDecoder, sseEvents, type ServerSentEvent, type SseDecoderOptions } from './sse-decoder.ts';
