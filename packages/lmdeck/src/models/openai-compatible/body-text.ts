import type { JsonValue } from '../../core/index.ts';

/** The same bytes to keep: transports may use their buffers again. */
export function copyOf(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes);
}

/** The JSON value that a text is; the text itself where it is none. */
export function lenientJson(text: string): JsonValue {
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    return text;
  }
}

/** White space, or a byte of a byte order mark. */
export function isBlank(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d) || byte === 0xef || byte === 0xbb || byte === 0xbf;
}

/** True for the lines of an event stream, also when none of them made an event. */
export function isStreamText(text: string): boolean {
  return text.split(/\r\n?|\n/).every((line) => line === '' || /^\s*(:|data|event|id|retry)/.test(line));
}
