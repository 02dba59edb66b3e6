/** Training text with real tokenizers and templates, against what TapeAgents made of the same calls. */
import { beforeAll, describe, expect, test } from 'vitest';
import { assistant, system, user, type ChatTemplate, type JsonObject, type LocalTokenizer } from '../core/index.ts';
import { chatTemplate, huggingFaceTokenizer } from '../tokenize/index.ts';
import { MASKED } from './predicted-tokens.ts';
import { trainingSample } from './training-sample.ts';
import { trainingText } from './training-text.ts';

/** The chat template of meta-llama/Meta-Llama-3-8B-Instruct. */
const LLAMA_3 =
  "{% set loop_messages = messages %}{% for message in loop_messages %}{% set content = '<|start_header_id|>' + message['role'] + " +
  "'<|end_header_id|>\n\n'+ message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set content = bos_token + content %}" +
  "{% endif %}{{ content }}{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}";

const CHATML =
  "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

/** The first entry of tests/examples/res/llama_agent/traces.json of TapeAgents (Apache-2.0, commit e22d5e39), which is the text of a call in the tapedata.sqlite beside it. */
const ANSWER =
  `"Ah, fair sir, I doth thrive, in sooth, by virtue of thy query. 'Tis a pleasure to converse with thee, and mayhap, in this brief exchange, ` +
  `our words shall dance with wit and merriment, as sunbeams do upon a summer's day."`;
const PROMPT = [
  system('Respond to the user using the style of Shakespeare books. Be very brief, 50 words max.'),
  user('Hello, how are you?'),
];
const TRACE = {
  text:
    '<|start_header_id|>system<|end_header_id|>\n\nRespond to the user using the style of Shakespeare books. Be very brief, 50 words max.' +
    '<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nHello, how are you?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n' +
    `${ANSWER}<|eot_id|>`,
  n_predicted: 231,
};

test('Llama 3: text and n_predicted are those of TapeAgents', async () => {
  const bos = { id: 128000, text: '<|begin_of_text|>' };
  const template = await chatTemplate(LLAMA_3, { bos: bos.text });
  const tokenizer = { id: 'llama-3', bos, chatTemplate: template, encode: () => [bos.id] };
  const { text, nPredicted } = trainingText({ messages: PROMPT, answer: assistant(ANSWER) }, { tokenizer });
  expect({ text, n_predicted: nPredicted }).toEqual(TRACE);
});

describe('a byte-level BPE with ChatML', () => {
  let tokenizer: LocalTokenizer;
  let template: ChatTemplate;
  beforeAll(async () => {
    template = await chatTemplate(CHATML);
    tokenizer = await huggingFaceTokenizer({ tokenizer: byteLevelBpe(['h e', 'l l', 'he ll', 'hell o']) });
  });

  test('labels decode to the answer, special tokens are one token each', async () => {
    const sample = await trainingSample({ messages: PROMPT, answer: assistant('hello 😀') }, { tokenizer, template });
    expect(tokenizer.decode(sample.inputIds)).toBe(sample.text);
    const learnt = sample.labels.filter((label) => label !== MASKED);
    expect(tokenizer.decode(learnt)).toBe('hello 😀<|im_end|>\n');
    // "hello" is one token by its merges, then a space, four bytes, the end of the turn and a line feed.
    expect(learnt).toHaveLength(1 + 1 + 4 + 1 + 1);
    expect(sample.labels.slice(0, -learnt.length).every((label) => label === MASKED)).toBe(true);
  });

  test('recorded tokens of a character in pieces keep their log-probabilities', async () => {
    const ids = tokenizer.encode('hello 😀');
    const logprobs = ids.map((id, i) => ({ token: '', bytes: [...tokenizer.bytes(id)], logprob: -i }));
    const call = {
      id: '01aaaaaaaaaaaaaaaaaaaaaaaa',
      startedAt: 0,
      model: 'm',
      requestKey: '',
      stream: false,
      status: 'ok' as const,
      request: { messages: PROMPT, options: {} },
      samples: [{ message: assistant('hello 😀'), logprobs }],
    };
    expect((await trainingSample(call, { tokenizer, template, logprobs: 'required' })).logprobs).toEqual([-0, -1, -2, -3, -4, -5]);
  });
});

/** A tokenizer.json with the alphabet of GPT-2, these merges and the two tokens of ChatML. */
function byteLevelBpe(merges: readonly string[]): JsonObject {
  const shown = Array.from({ length: 256 }, (_, byte) => (isPrinted(byte) ? String.fromCodePoint(byte) : undefined));
  let next = 256;
  const alphabet = shown.map((letter) => letter ?? String.fromCodePoint(next++));
  const vocab = Object.fromEntries([...alphabet, ...merges.map((merge) => merge.replace(' ', ''))].map((token, id) => [token, id]));
  const size = Object.keys(vocab).length;
  const added = ['<|im_start|>', '<|im_end|>'].map((content, i) => ({
    id: size + i,
    content,
    special: true,
    lstrip: false,
    rstrip: false,
    normalized: false,
    single_word: false,
  }));
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false };
  return {
    version: '1.0',
    added_tokens: added,
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: { type: 'BPE', vocab, merges },
  };
}

function isPrinted(byte: number): boolean {
  return (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
}
