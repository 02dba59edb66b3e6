/** Loaded at the first digest: importing the library must not pay for it. */
let hash: typeof import('node:crypto').hash | undefined;

/** SHA-256 of a text's UTF-8 bytes, lower-case hex. */
export function sha256(text: string): string {
  hash ??= process.getBuiltinModule('node:crypto').hash;
  return hash('sha256', text, 'hex');
}
