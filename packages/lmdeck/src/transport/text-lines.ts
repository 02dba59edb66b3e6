import { LmdeckError } from '../core/index.ts';

/** A longer line is no record of anything. */
const MAX_LINE_BYTES = 256 * 1024 * 1024;

/**
 * The lines of UTF-8 text that comes in pieces, without their ends and without those that are blank. Only line feeds end lines, because JSON
 * may have all other separators in its strings.
 * @throws LmdeckError `invalid-response` for a line of more than 256 MiB.
 */
export async function* textLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string, undefined> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  for await (const piece of bytes) {
    const buffer = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    let from = 0;
    for (let at = buffer.indexOf(10); at >= 0; at = buffer.indexOf(10, from)) {
      const line = Buffer.concat([...pending, buffer.subarray(from, at)]).toString('utf8');
      pending = [];
      pendingBytes = 0;
      from = at + 1;
      if (line.trim() !== '') yield line;
    }
    if (from === buffer.length) continue;
    // A copy: whoever made the piece may use its memory again.
    pending.push(Buffer.from(buffer.subarray(from)));
    pendingBytes += buffer.length - from;
    if (pendingBytes > MAX_LINE_BYTES) throw new LmdeckError('invalid-response', 'A line of the answer has more than 256 MiB.');
  }
  const last = Buffer.concat(pending).toString('utf8');
  if (last.trim() !== '') yield last;
  return undefined;
}
