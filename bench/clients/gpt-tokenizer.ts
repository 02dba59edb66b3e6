import { countTokens, encode } from 'gpt-tokenizer/encoding/o200k_base';
import { longText, shortMessages } from '../token-texts.ts';
import type { Tasks } from '../task.ts';

export function open(): Tasks {
  const text = longText();
  const messages = shortMessages();
  return {
    'count long': { run: () => String(countTokens(text)) },
    'encode long': { run: () => String(encode(text).length) },
    'count short': {
      run: () => {
        let tokens = 0;
        for (const message of messages) tokens += countTokens(message);
        return String(tokens);
      },
    },
  };
}
