import { type AttachmentPart, sha256 } from '../core/index.ts';

/** Attachments of at least so many characters of base64 are kept in files of their own. */
const LEAST_CHARS = 1024;

const EXTENSIONS: Readonly<Record<string, string>> = {
  'application/pdf': 'pdf',
  'audio/mpeg': 'mp3',
  'audio/wav': 'wav',
  'image/gif': 'gif',
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/svg+xml': 'svg',
  'image/webp': 'webp',
  'text/plain': 'txt',
};

/** An attachment whose data is in a file. */
export type FiledAttachment = Omit<AttachmentPart, 'data'> & { readonly file: string };

/** The data of large attachments, named by content: the same image is one file, and a changed one is another. */
export class AttachmentFiles {
  /** File names and what is in them. */
  readonly contents = new Map<string, Buffer>();

  /** The attachment as a fixture names it. */
  put(part: AttachmentPart): AttachmentPart | FiledAttachment {
    const { data, ...rest } = part;
    if (data === undefined || data.length < LEAST_CHARS) return part;
    const bytes = Buffer.from(data, 'base64');
    // A text that is not what its bytes would be written as must stay as it is.
    if (bytes.toString('base64') !== data) return part;
    const file = `${sha256(data).slice(0, 16)}.${EXTENSIONS[part.mediaType] ?? 'bin'}`;
    this.contents.set(file, bytes);
    return { ...rest, file };
  }
}

/** True for a name as {@link AttachmentFiles} gives them: a fixture must not reach out of its folder. */
export function isAttachmentFile(name: string): boolean {
  return /^[0-9a-f]{16}\.[a-z0-9]+$/.test(name);
}
