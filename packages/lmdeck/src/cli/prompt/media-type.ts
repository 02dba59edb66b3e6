const TEXT = 'text/plain';
const PDF = 'application/pdf';

const MAGIC: readonly (readonly [mediaType: string, offset: number, bytes: string])[] = [
  ['image/png', 0, '\u0089PNG\r\n\u001A\n'],
  ['image/jpeg', 0, '\u00FF\u00D8\u00FF'],
  ['image/gif', 0, 'GIF8'],
  ['image/webp', 8, 'WEBP'],
  ['audio/wav', 8, 'WAVE'],
  ['image/bmp', 0, 'BM'],
  ['image/tiff', 0, 'II*\u0000'],
  ['image/tiff', 0, 'MM\u0000*'],
  [PDF, 0, '%PDF-'],
  ['audio/mpeg', 0, 'ID3'],
  ['audio/mpeg', 0, '\u00FF\u00FB'],
  ['audio/mpeg', 0, '\u00FF\u00F3'],
  ['audio/flac', 0, 'fLaC'],
  ['audio/ogg', 0, 'OggS'],
  ['image/heic', 4, 'ftypheic'],
  ['image/avif', 4, 'ftypavif'],
  ['audio/mp4', 4, 'ftypM4A'],
  ['video/quicktime', 4, 'ftypqt'],
  ['video/mp4', 4, 'ftyp'],
  ['video/webm', 0, '\u001AE\u00DF\u00A3'],
];

const EXTENSIONS: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
  heic: 'image/heic',
  svg: 'image/svg+xml',
  pdf: PDF,
  wav: 'audio/wav',
  mp3: 'audio/mpeg',
  m4a: 'audio/mp4',
  ogg: 'audio/ogg',
  flac: 'audio/flac',
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
  txt: TEXT,
  md: 'text/markdown',
  html: 'text/html',
  csv: 'text/csv',
  json: 'application/json',
};

/** The media type that a file's bytes, or else its name, speak for; `undefined` when neither tells. */
export function sniffMediaType(bytes: Uint8Array, name: string): string | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 32)).toString('latin1');
  const magic = MAGIC.find(([, offset, text]) => head.startsWith(text, offset))?.[0];
  // "BMW makes cars" begins like a bitmap; of these formats only a PDF can be text all through.
  if (magic !== undefined && (magic === PDF || !isText(bytes))) return magic;
  return mediaTypeOfName(name) ?? (isText(bytes) ? TEXT : undefined);
}

/** The media type that the extension of a file name or URL stands for. */
export function mediaTypeOfName(name: string): string | undefined {
  const extension = /\.([a-z0-9]+)(?:[?#].*)?$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(EXTENSIONS, extension) ? EXTENSIONS[extension] : undefined;
}

function isText(bytes: Uint8Array): boolean {
  if (bytes.includes(0)) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
