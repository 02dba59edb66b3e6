import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

import { LmdeckError, type AttachmentPart } from '../../core/index.ts';
import type { CliIo } from '../io/cli-io.ts';
import { readAllBytes } from '../io/read-all.ts';
import { mediaTypeOfName, sniffMediaType } from './media-type.ts';

/**
 * An attachment from a path, an http(s) URL, or `-` for stdin. The bytes of a URL are fetched by the provider, not here.
 *
 * @throws LmdeckError `usage` when it cannot be read or its type cannot be told.
 */
export async function readAttachment(source: string, mediaType: string | undefined, io: CliIo): Promise<AttachmentPart> {
  if (mediaType !== undefined && !/^[\w.+-]+\/[\w.+-]+$/.test(mediaType)) {
    throw new LmdeckError('usage', `--at ${source}: "${mediaType}" is not a media type such as image/png.`);
  }
  if (/^https?:\/\//i.test(source)) {
    const url = URL.parse(source);
    if (url === null) throw new LmdeckError('usage', `The attachment ${source} is not a valid URL.`);
    return { type: 'attachment', mediaType: mediaType ?? mediaTypeOfName(url.pathname) ?? unknownType(source), url: source };
  }
  const bytes = source === '-' ? await readAllBytes(io.stdin) : readBytes(source);
  if (bytes.length === 0) throw new LmdeckError('usage', `The attachment ${source === '-' ? 'from stdin' : source} is empty.`);
  return {
    type: 'attachment',
    mediaType: mediaType ?? sniffMediaType(bytes, source) ?? unknownType(source),
    data: bytes.toString('base64'),
    ...(source === '-' ? {} : { name: basename(source) }),
  };
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new LmdeckError('usage', `Cannot read the attachment ${path}: ${reason(error)}.`, { cause: error });
  }
}

function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EACCES') return 'permission denied';
  return error instanceof Error ? error.message : String(error);
}

function unknownType(source: string): never {
  throw new LmdeckError('usage', `The media type of ${source} is unknown. Name it: --at ${source} image/png`);
}
