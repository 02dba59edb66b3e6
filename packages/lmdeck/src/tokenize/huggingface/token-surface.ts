import { isJsonObject, type JsonObject, type JsonValue } from '../../core/index.ts';

/** How a tokenizer's tokens are written down. */
export interface Surface {
  /** Every character of a token is a byte, see {@link byteOf}. */
  readonly byteLevel: boolean;
  /** What stands for a space: `▁` in those of SentencePiece. */
  readonly space: string | undefined;
  /** Tokens like `<0xE2>` are one byte. */
  readonly byteFallback: boolean;
  /** Marks a token that goes on with a word: `##`. */
  readonly continuingPrefix: string;
  /** Marks a token that ends a word: `</w>`. */
  readonly endOfWordSuffix: string;
}

/** What a `tokenizer.json` says about it. */
export function surfaceOf(tokenizer: JsonObject): Surface {
  const model = isJsonObject(tokenizer['model']) ? tokenizer['model'] : {};
  const parts = [...steps(tokenizer['pre_tokenizer']), ...steps(tokenizer['decoder'])];
  const normalizers = steps(tokenizer['normalizer']);
  const replaced = normalizers.find(
    (step) => step['type'] === 'Replace' && isJsonObject(step['pattern']) && step['pattern']['String'] === ' ',
  );
  const metaspace = parts.find((step) => step['type'] === 'Metaspace');
  return {
    byteLevel: parts.some((step) => step['type'] === 'ByteLevel'),
    space: text(metaspace?.['replacement']) ?? (metaspace === undefined ? text(replaced?.['content']) : '▁'),
    byteFallback: model['byte_fallback'] === true || parts.some((step) => step['type'] === 'ByteFallback'),
    continuingPrefix: text(model['continuing_subword_prefix']) ?? (model['type'] === 'WordPiece' ? '##' : ''),
    endOfWordSuffix: text(model['end_of_word_suffix']) ?? '',
  };
}

/**
 * How many spaces at the beginning decoding takes away, where the text is that of the tokens' bytes; `undefined` where it takes more than
 * that to decode.
 */
export function strippedSpaces(tokenizer: JsonObject): number | undefined {
  const decoders = steps(tokenizer['decoder']);
  const types = decoders.map((step) => text(step['type']) ?? '');
  if (types.includes('ByteLevel')) return surfaceOf(tokenizer).endOfWordSuffix === '' ? 0 : undefined;
  const known = types.every((type) => ['Replace', 'ByteFallback', 'Fuse', 'Strip'].includes(type));
  if (!known || !types.includes('ByteFallback')) return undefined;
  const strip = decoders.find((step) => step['type'] === 'Strip');
  return typeof strip?.['start'] === 'number' && strip['content'] === ' ' ? strip['start'] : 0;
}

/** The byte that a character of a byte-level token stands for; `undefined` for a character that stands for none. */
export function byteOf(char: string): number | undefined {
  return BYTES.get(char);
}

/** Printable bytes stand for themselves, the others for characters from U+0100 on (openai/gpt-2, src/encoder.py). */
const BYTES: ReadonlyMap<string, number> = new Map(
  Array.from({ length: 256 }, (_, byte) => byte)
    .filter(isHidden)
    .map((byte, index): [string, number] => [String.fromCharCode(256 + index), byte])
    .concat(
      Array.from({ length: 256 }, (_, byte): [string, number] => [String.fromCharCode(byte), byte]).filter(([, byte]) => !isHidden(byte)),
    ),
);

function isHidden(byte: number): boolean {
  return byte < 0x21 || (byte > 0x7e && byte < 0xa1) || byte === 0xad;
}

/** The byte of a token like `<0xE2>`. */
export function fallbackByte(token: string): number | undefined {
  const found = /^<0x([0-9A-F]{2})>$/.exec(token);
  return found === null ? undefined : Number.parseInt(found[1] ?? '', 16);
}

/** The bytes that a token of the model's vocabulary stands for. */
export function surfaceBytes(token: string, surface: Surface): Uint8Array {
  const utf8 = new TextEncoder();
  if (surface.byteLevel) {
    const bytes = Array.from(token, byteOf);
    return bytes.some((byte) => byte === undefined) ? utf8.encode(token) : Uint8Array.from(bytes, (byte) => byte ?? 0);
  }
  const byte = surface.byteFallback ? fallbackByte(token) : undefined;
  return byte === undefined ? utf8.encode(surfaceText(token, surface)) : Uint8Array.of(byte);
}

/** The text that a token stands for, of a tokenizer whose tokens are text. */
export function surfaceText(token: string, { space, continuingPrefix, endOfWordSuffix }: Surface): string {
  let plain = token;
  if (continuingPrefix !== '' && plain.startsWith(continuingPrefix)) plain = plain.slice(continuingPrefix.length);
  if (endOfWordSuffix !== '' && plain.endsWith(endOfWordSuffix)) plain = plain.slice(0, -endOfWordSuffix.length);
  return space === undefined ? plain : plain.replaceAll(space, ' ');
}

/** A part of a `tokenizer.json` and what it is a sequence of. */
function steps(value: JsonValue | undefined): readonly JsonObject[] {
  if (!isJsonObject(value)) return [];
  const inner = value['pretokenizers'] ?? value['normalizers'] ?? value['decoders'];
  return Array.isArray(inner) ? inner.flatMap(steps) : [value];
}

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
