/** Bytes that are not an HTTP/1.1 answer. The message says which part, as the end of a sentence. */
export class FramingError extends Error {
  readonly code = 'HTTP_FRAMING';
}
