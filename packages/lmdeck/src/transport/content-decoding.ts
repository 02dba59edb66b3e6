import type { Readable, Transform } from 'node:stream';
import { LmdeckError } from '../core/index.ts';

/**
 * The decompressed body. Encodings that are applied one over the other (`gzip, br`) are undone from the last to the first.
 * A decoder hands on what it has after every read, so compressed event streams keep their pace.
 *
 * @param encoding Value of the `content-encoding` header.
 * @throws LmdeckError `invalid-response` for an encoding that is not known.
 */
export function decodeContent(stream: Readable, encoding: string, place: string): Readable {
  let decoded = stream;
  for (const name of encoding.toLowerCase().split(',').toReversed()) {
    const decoder = createDecoder(name.trim(), place);
    if (decoder === undefined) continue;
    const source = decoded;
    // `pipe` hands on neither an error nor an early close, and `pipeline` costs more than both listeners.
    source.on('error', (error) => decoder.destroy(error));
    decoder.on('close', () => source.destroy());
    decoded = source.pipe(decoder);
  }
  return decoded;
}

function createDecoder(name: string, place: string): Transform | undefined {
  const zlib = process.getBuiltinModule('node:zlib');
  switch (name) {
    case '':
    case 'identity':
      return undefined;
    case 'gzip':
    case 'x-gzip':
      return zlib.createGunzip();
    case 'deflate':
      return zlib.createInflate();
    case 'br':
      return zlib.createBrotliDecompress();
    case 'zstd':
      return zlib.createZstdDecompress();
    default:
      throw new LmdeckError(
        'invalid-response',
        `${place} answered in the content-encoding ${JSON.stringify(name)}, which is not known here.`,
      );
  }
}
