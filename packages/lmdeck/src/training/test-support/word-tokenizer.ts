import type { ChatTemplate, LocalTokenizer, Message, TokenIds } from '../../core/index.ts';
import { messageText } from '../../core/index.ts';

const SPECIALS = ['<s>', '</s>', '<|im_start|>', '<|im_end|>'];

/** What a word tokenizer is made with. */
export interface WordTokenizerOptions {
  readonly chatTemplate?: ChatTemplate;
  /** Puts `<s>` in front when it is asked for special tokens. */
  readonly addsBos?: boolean;
}

/**
 * A tokenizer for tests: a word with the space before it is a token, anything else a character; ids are given out as texts come, special
 * tokens have the first ones. An emoji is two tokens of two bytes each.
 */
export function wordTokenizer({ chatTemplate, addsBos = true }: WordTokenizerOptions = {}): LocalTokenizer {
  const pieces: Buffer[] = SPECIALS.map((text) => Buffer.from(text));
  const ids = new Map(pieces.map((bytes, id) => [bytes.toString('latin1'), id]));
  const idOf = (bytes: Buffer): number => {
    const key = bytes.toString('latin1');
    const known = ids.get(key);
    if (known !== undefined) return known;
    ids.set(key, pieces.length);
    return pieces.push(bytes) - 1;
  };
  const split = (text: string, special: boolean): { id: number; start: number; end: number }[] => {
    const tokens: { id: number; start: number; end: number }[] = [];
    const pattern = special ? /<\|im_start\|>|<\|im_end\|>|<\/?s>| ?\w+|[^]/gu : / ?\w+|[^]/gu;
    for (const match of text.matchAll(pattern)) {
      const bytes = Buffer.from(match[0]);
      const [start, end] = [match.index, match.index + match[0].length];
      if (bytes.length === 4 && match[0].length === 2) {
        tokens.push({ id: idOf(bytes.subarray(0, 2)), start, end }, { id: idOf(bytes.subarray(2)), start, end });
      } else tokens.push({ id: idOf(bytes), start, end });
    }
    return tokens;
  };
  const encode = (
    text: string,
    options?: { readonly addSpecial?: boolean | undefined; readonly special?: 'token' | 'text' | undefined },
  ): TokenIds => {
    const found = split(text, options?.special === 'token').map((token) => token.id);
    return options?.addSpecial === true && addsBos ? [0, ...found] : found;
  };
  return {
    id: 'test/words',
    bos: { id: 0, text: '<s>' },
    eos: { id: 1, text: '</s>' },
    ...(chatTemplate === undefined ? {} : { chatTemplate }),
    encode,
    decode: (tokens) => Buffer.concat(tokens.map((id) => pieces[id] ?? Buffer.alloc(0))).toString(),
    count: (text, options) => encode(text, options).length,
    bytes: (id) => pieces[id] ?? new Uint8Array(),
    encodeWithOffsets: (text, options) => {
      const tokens = split(text, options?.special === 'token');
      return { ids: tokens.map((token) => token.id), offsets: tokens.map((token) => [token.start, token.end] as const) };
    },
  };
}

/** A template like ChatML, with a BOS. */
export const chatml: ChatTemplate = {
  source: 'ChatML',
  render: (messages, { addGenerationPrompt, tools } = {}) =>
    `<s>${tools === undefined ? '' : `<|im_start|>tools ${tools.map((tool) => tool.name).join()}<|im_end|>\n`}${messages.map(turn).join('')}${
      addGenerationPrompt === true ? '<|im_start|>assistant\n' : ''
    }`,
};

/** A template that opens the answer with a thinking block, and leaves it out of answers that are given. */
export const thinking: ChatTemplate = {
  source: 'thinking',
  render: (messages, { addGenerationPrompt } = {}) =>
    `${messages.map(turn).join('')}${addGenerationPrompt === true ? '<|im_start|>assistant\n<think>\n' : ''}`,
};

function turn(message: Message): string {
  return `<|im_start|>${message.role}\n${messageText(message)}<|im_end|>\n`;
}
