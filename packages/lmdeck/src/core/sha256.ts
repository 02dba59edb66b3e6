import { smallSha256 } from './small-sha256.ts';

/** How many bytes are digested before node:crypto is loaded, which takes 4 ms: as much as a short-lived process has. */
const SMALL_BYTES = 8192;
let digested = 0;

let hash: typeof import('node:crypto').hash | undefined;

/** SHA-256 of a text's UTF-8 bytes, lower-case hex. */
export function sha256(text: string): string {
  if (hash !== undefined) return hash('sha256', text, 'hex');
  // No more than three bytes for each code unit: a long text need not be encoded to be seen as long.
  const bytes = text.length > SMALL_BYTES ? undefined : new TextEncoder().encode(text);
  digested += bytes?.length ?? SMALL_BYTES;
  if (bytes !== undefined && digested < SMALL_BYTES) return smallSha256(bytes);
  hash = process.getBuiltinModule('node:crypto').hash;
  return hash('sha256', text, 'hex');
}
