import type { Transform } from 'node:stream';
import { LmdeckError } from '../core/index.ts';
import { bodyError } from './network-error.ts';
import { ResponseBody } from './response-body.ts';

/**
 * What undoes an encoding, in the order of use: encodings that were applied one over the other (`gzip, br`) are undone from the last to
 * the first. Empty for `identity`.
 *
 * @param encoding Value of the `content-encoding` header.
 * @throws LmdeckError `invalid-response` for an encoding that is not known.
 */
export function contentDecoders(encoding: string, place: string): readonly Transform[] {
  const names = encoding.toLowerCase().split(',').toReversed();
  return names.map((name) => createDecoder(name.trim(), place)).filter((decoder) => decoder !== undefined);
}

/**
 * The decompressed body. A decoder hands on what it has after every read, so compressed event streams keep their pace; a reader who
 * lags holds back the decoders, and these the sender.
 *
 * @param settled Called once, when nothing more will come of the decompressed body.
 */
export function decodedBody(body: ResponseBody, decoders: readonly Transform[], place: string, settled: () => void): ResponseBody {
  const [first] = decoders;
  const last = decoders.at(-1);
  if (first === undefined || last === undefined) return body;
  const decoded = new ResponseBody({
    resume: () => last.resume(),
    settled,
    left: () => {
      for (const decoder of decoders) decoder.destroy();
      void body.return();
    },
  });
  const fail = (error: unknown): void => {
    decoded.fail(bodyError(error, place));
    for (const decoder of decoders) decoder.destroy();
    void body.return();
  };
  for (const [i, decoder] of decoders.entries()) {
    decoder.on('error', fail);
    const next = decoders[i + 1];
    if (next !== undefined) decoder.pipe(next);
  }
  last.on('data', (chunk: Buffer) => {
    if (!decoded.push(chunk)) last.pause();
  });
  last.on('end', () => decoded.end());
  const feed = (): void => {
    body.next().then((read) => {
      if (read.done === true) first.end();
      else if (first.write(read.value)) feed();
      else first.once('drain', feed);
    }, fail);
  };
  feed();
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
