import { assistant, system, toolResult, user, type Message } from 'lmdeck/core';
import { afterAll, expect, test } from 'vitest';
import { loadModel } from '../loaded-model.ts';
import { tinyModelPath } from '../tiny.ts';

const { model, chat, close } = await loadModel('llama/tiny', tinyModelPath, {});
afterAll(close);

const tools = [{ name: 'f', description: 'Does f', parameters: { type: 'object', properties: { x: { type: 'string' } } } }];
const calling: Message = {
  role: 'assistant',
  parts: [
    { type: 'text', text: 'Let me see.' },
    { type: 'tool-call', id: '1', name: 'f', arguments: '{"x":"a"}' },
    { type: 'tool-call', id: '2', name: 'f', arguments: '' },
  ],
};

function rendered(...args: Parameters<typeof chat.render>): string {
  return model.detokenize(chat.render(...args), true);
}

test('messages become the text that the template of the file has', () => {
  expect(rendered([system('Be brief.'), user('Hi'), assistant('Hello'), user('Bye')])).toBe(
    '<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHello<|im_end|>\n' +
      '<|im_start|>user\nBye<|im_end|>\n<|im_start|>assistant\n',
  );
});

test('no system prompt is invented', () => {
  expect(rendered([user('Hi')])).toBe('<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n');
});

test('a last message of the assistant is continued', () => {
  expect(rendered([user('Hi'), assistant('Hel')])).toBe('<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHel');
});

test('calls go back to the byte, results in the spacing of the template or as the text that they are', () => {
  expect(rendered([user('Hi'), calling, toolResult('1', '{"y":1,"z":[2,3]}'), toolResult('2', 'so "so"')], tools)).toBe(
    '<|im_start|>system\n# Tools\n\nYou may call one or more functions to assist with the user query.\n\n' +
      'You are provided with function signatures within <tools></tools> XML tags:\n<tools>\n' +
      '{"type": "function", "function": {"name": "f", "description": "Does f", "parameters": {"type": "object", "properties": {"x": {"type": "string"}}}}}\n' +
      '</tools>\n\nFor each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:\n' +
      '<tool_call>\n{"name": <function-name>, "arguments": <args-json-object>}\n</tool_call><|im_end|>\n' +
      '<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nLet me see.\n' +
      '<tool_call>\n{"name": "f", "arguments": {"x":"a"}}\n</tool_call>\n<tool_call>\n{"name": "f", "arguments": {}}\n</tool_call><|im_end|>\n' +
      '<|im_start|>user\n<tool_response>\n{"y": 1, "z": [2, 3]}\n</tool_response>\n<tool_response>\nso "so"\n</tool_response><|im_end|>\n' +
      '<|im_start|>assistant\n',
  );
});

test('what the model cannot take is an error', () => {
  const image: Message = { role: 'user', parts: [{ type: 'attachment', mediaType: 'image/png', data: '' }] };
  expect(() => chat.render([image])).toThrow(
    expect.objectContaining({ code: 'capability', message: expect.stringContaining('image/png') }),
  );
  expect(() => chat.render([user('Hi'), calling])).toThrow(expect.objectContaining({ code: 'invalid-request' }));
});
