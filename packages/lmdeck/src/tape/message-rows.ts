import type { AttachmentPart, Message, Part, Role } from '../core/index.ts';
import { sha256 } from '../core/index.ts';

/** Attachments of at least this many characters of base64 are kept apart, once for all messages that have them. */
const BLOB_CHARS = 256;

/** A message as its row keeps it: plain text as it is, anything richer as JSON. */
export interface MessageContent {
  readonly text: string | null;
  readonly json: string | null;
  /** Attachments to keep apart: hash of the base64 text, and that text. */
  readonly blobs: ReadonlyMap<string, string> | undefined;
}

/** An attachment whose data is kept apart, named by the SHA-256 of its base64 text. */
type StoredAttachment = Omit<AttachmentPart, 'data'> & { readonly sha256: string };

export function encodeMessage(message: Message): MessageContent {
  const text = plainText(message);
  if (text !== undefined) return { text, json: null, blobs: undefined };
  let blobs: Map<string, string> | undefined;
  const keepApart = (part: AttachmentPart): AttachmentPart | StoredAttachment => {
    const { data, ...rest } = part;
    if (data === undefined || data.length < BLOB_CHARS) return part;
    const hash = sha256(data);
    (blobs ??= new Map()).set(hash, data);
    return { ...rest, sha256: hash };
  };
  const parts = message.parts.map((part) => {
    if (part.type === 'attachment') return keepApart(part);
    return part.type === 'tool-result' && part.attachments !== undefined ? { ...part, attachments: part.attachments.map(keepApart) } : part;
  });
  return { text: null, json: JSON.stringify({ ...message, parts }), blobs };
}

/** The inverse of {@link encodeMessage}; `blob` gives back the base64 text of a hash. */
export function decodeMessage(
  role: string,
  text: string | undefined,
  json: string | undefined,
  blob: (hash: string) => string | undefined,
): Message {
  if (json === undefined) return { role: asRole(role), parts: [{ type: 'text', text: text ?? '' }] };
  const message: Message = JSON.parse(json);
  if (!json.includes('"sha256"')) return message;
  const putBack = (part: AttachmentPart): AttachmentPart => {
    if (part.data !== undefined || !('sha256' in part) || typeof part.sha256 !== 'string') return part;
    const { sha256: hash, ...rest } = part;
    const data = blob(hash);
    return data === undefined ? part : { ...rest, data };
  };
  const restore = (part: Part): Part => {
    if (part.type === 'attachment') return putBack(part);
    return part.type === 'tool-result' && part.attachments !== undefined ? { ...part, attachments: part.attachments.map(putBack) } : part;
  };
  return { ...message, parts: message.parts.map(restore) };
}

/** Base64 text as bytes where that loses nothing, else as the text it is. */
export function encodeBlob(data: string): Uint8Array | string {
  const bytes = Buffer.from(data, 'base64');
  return bytes.toString('base64') === data ? bytes : data;
}

export function decodeBlob(data: unknown): string | undefined {
  if (typeof data === 'string') return data;
  return data instanceof Uint8Array ? Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64') : undefined;
}

/** The text of a message that is one text part and nothing else. */
export function plainText(message: Message): string | undefined {
  const part = message.parts[0];
  if (part?.type !== 'text' || message.parts.length !== 1) return undefined;
  return keyCount(message) === 2 && keyCount(part) === 2 ? part.text : undefined;
}

function keyCount(object: object): number {
  let count = 0;
  for (const _key in object) count++;
  return count;
}

function asRole(role: string): Role {
  return role === 'system' || role === 'assistant' || role === 'tool' || role === 'raw' ? role : 'user';
}
