import { canonicalJson } from './canonical-json.ts';
import type { Message } from './message.ts';
import type { AttachmentPart, Part } from './part.ts';
import { sha256 } from './sha256.ts';

const known = new WeakMap<Message, { readonly parent: string | undefined; readonly hash: string }>();

/** Hashes of system prompts by their text: every call has its own object for what is one text in thousands of calls. */
const systemPrompts = new Map<string, string>();
const SYSTEM_PROMPTS = 64;
const SYSTEM_PROMPT_CHARS = 65_536;

/**
 * The content hash of a message in its place: SHA-256 (hex) over the canonical JSON of the message and the hash of the
 * message before it. Two histories share a hash exactly when they are the same up to and including this message.
 * Attachments enter by the SHA-256 of their base64 text. Pinned by tests with literal digests.
 */
export function messageHash(message: Message, parent: string | undefined): string {
  return sha256(plainForm(message, parent) ?? canonicalJson({ message: hashable(message), parent: parent ?? null, v: 1 }));
}

/** The hashes of a whole history, one per message, oldest first. */
export function chainHashes(messages: readonly Message[]): string[] {
  const hashes: string[] = [];
  const last = messages.length - 1;
  for (const [i, message] of messages.entries()) {
    const parent = hashes[i - 1];
    // Only what others follow is met again, turn after turn; remembering the last message of every call costs more than hashing it.
    hashes.push(i === last ? messageHash(message, parent) : rememberedHash(message, parent));
  }
  return hashes;
}

function rememberedHash(message: Message, parent: string | undefined): string {
  const text = parent === undefined && message.role === 'system' ? plainText(message) : undefined;
  if (text !== undefined && text.length <= SYSTEM_PROMPT_CHARS) return systemPromptHash(text, message);
  const before = known.get(message);
  if (before !== undefined && before.parent === parent) return before.hash;
  const hash = messageHash(message, parent);
  known.set(message, { parent, hash });
  return hash;
}

function systemPromptHash(text: string, message: Message): string {
  let hash = systemPrompts.get(text);
  if (hash === undefined) {
    hash = messageHash(message, undefined);
    // A program that makes a system prompt for every call must not fill the memory.
    if (systemPrompts.size >= SYSTEM_PROMPTS) systemPrompts.clear();
    systemPrompts.set(text, hash);
  }
  return hash;
}

/** Well-formed text that JSON has no escapes for; to see that takes half the time of encoding it. */
const UNESCAPED = /^[ !#-[\]-\uffff]*$/;

/** The canonical JSON of the most frequent kind of message, one text part and nothing else, without going through its keys. */
function plainForm(message: Message, parent: string | undefined): string | undefined {
  const content = plainText(message);
  if (content === undefined || !content.isWellFormed()) return undefined;
  const text = UNESCAPED.test(content) ? `"${content}"` : JSON.stringify(content);
  const before = parent === undefined ? 'null' : `"${parent}"`;
  return `{"message":{"parts":[{"text":${text},"type":"text"}],"role":"${message.role}"},"parent":${before},"v":1}`;
}

/** The text of a message that is one text part and nothing else. */
function plainText(message: Message): string | undefined {
  const part = message.parts[0];
  if (part?.type !== 'text' || message.parts.length !== 1 || keyCount(message) !== 2 || keyCount(part) !== 2) return undefined;
  return part.text;
}

function keyCount(object: object): number {
  let count = 0;
  for (const _key in object) count++;
  return count;
}

function hashable(message: Message): unknown {
  return message.parts.some(carriesData) ? { ...message, parts: message.parts.map(hashablePart) } : message;
}

function carriesData(part: Part): boolean {
  return (part.type === 'attachment' && part.data !== undefined) || (part.type === 'tool-result' && part.attachments !== undefined);
}

function hashablePart(part: Part): unknown {
  if (part.type === 'attachment') return hashableAttachment(part);
  if (part.type === 'tool-result' && part.attachments !== undefined) {
    return { ...part, attachments: part.attachments.map(hashableAttachment) };
  }
  return part;
}

function hashableAttachment(part: AttachmentPart): unknown {
  return part.data === undefined ? part : { ...part, data: undefined, sha256: sha256(part.data) };
}
