const NAME = 1;
const VALUE = 2;
const nameBytes = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** What a byte may stand in: a header's name (RFC 9110, 5.6.2), its value (5.5). */
const classes = new Uint8Array(256).fill(VALUE, 32);
classes[9] = VALUE;
classes[127] = 0;
for (let i = 0; i < nameBytes.length; i++) classes[nameBytes.charCodeAt(i)] = NAME | VALUE;

export function isNameByte(byte: number | undefined): boolean {
  return ((classes[byte ?? 0] ?? 0) & NAME) !== 0;
}

export function isValueByte(byte: number | undefined): boolean {
  return ((classes[byte ?? 0] ?? 0) & VALUE) !== 0;
}
