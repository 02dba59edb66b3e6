import { describe, expect, test } from 'vitest';
import { assistant, raw, system, toolResult, user, type Message, type ToolDefinition } from '../../core/index.ts';
import { chatml, llama3, qwen25 } from '../test-support/templates.ts';
import { chatTemplate } from './chat-template.ts';

const chat = [system('Be brief. '), user(' Say "hi"\nin Ελληνικά 😀 '), assistant('γεια'), user('Thanks')];
const weather: ToolDefinition = {
  name: 'get_weather',
  description: 'Weather of a "city" – now',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string', description: "The city's name" }, days: { type: 'number', minimum: 0.00001 } },
    required: ['city'],
  },
};
const calls: Message = {
  role: 'assistant',
  parts: [
    { type: 'tool-call', id: 'a', name: 'get_weather', arguments: '{"city": "Paris", "days": 1.0}' },
    { type: 'tool-call', id: 'b', name: 'get_weather', arguments: '{"city":"Köln","days":2.5,"x":null,"y":[true,1e-7]}' },
  ],
};
const withTools = [
  user('Weather in Paris and Köln?'),
  calls,
  toolResult('a', '{"c": 21.0}'),
  toolResult('b', 'rain'),
  assistant('Sunny and rain.'),
];

describe('equals `render_jinja_template` of transformers 5.18.0:', () => {
  test('ChatML', async () => {
    const template = await chatTemplate(chatml);
    const turns =
      '<|im_start|>system\nBe brief. <|im_end|>\n<|im_start|>user\n Say "hi"\nin Ελληνικά 😀 <|im_end|>\n<|im_start|>assistant\nγεια<|im_end|>\n';
    expect(template.render(chat)).toBe(`${turns}<|im_start|>user\nThanks<|im_end|>\n<|im_start|>assistant\n`);
    expect(template.render(chat.slice(0, 3))).toBe(turns);
    expect(template.render([...chat.slice(0, 2), assistant('The answer: ')], { continueFinalMessage: true })).toBe(
      '<|im_start|>system\nBe brief. <|im_end|>\n<|im_start|>user\n Say "hi"\nin Ελληνικά 😀 <|im_end|>\n<|im_start|>assistant\nThe answer: ',
    );
  });

  test('Llama 3, which trims what it is given', async () => {
    const template = await chatTemplate(llama3, { bos: '<|begin_of_text|>' });
    const turns =
      '<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nSay "hi"\nin Ελληνικά 😀<|eot_id|>';
    expect(template.render(chat)).toBe(
      `${turns}<|start_header_id|>assistant<|end_header_id|>\n\nγεια<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nThanks<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n`,
    );
    expect(template.render([...chat.slice(0, 2), assistant('The answer: ')], { continueFinalMessage: true })).toBe(
      `${turns}<|start_header_id|>assistant<|end_header_id|>\n\nThe answer:`,
    );
  });

  test('Qwen 2.5 with tools', async () => {
    const template = await chatTemplate(qwen25);
    expect(template.render(withTools, { tools: [weather] })).toBe(
      String.raw`<|im_start|>system
You are Qwen, created by Alibaba Cloud. You are a helpful assistant.

# Tools

You may call one or more functions to assist with the user query.

You are provided with function signatures within <tools></tools> XML tags:
<tools>
{"type": "function", "function": {"name": "get_weather", "description": "Weather of a \"city\" – now", "parameters": {"type": "object", "properties": {"city": {"type": "string", "description": "The city's name"}, "days": {"type": "number", "minimum": 1e-05}}, "required": ["city"]}}}
</tools>

For each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:
<tool_call>
{"name": <function-name>, "arguments": <args-json-object>}
</tool_call><|im_end|>
<|im_start|>user
Weather in Paris and Köln?<|im_end|>
<|im_start|>assistant
<tool_call>
{"name": "get_weather", "arguments": {"city": "Paris", "days": 1.0}}
</tool_call>
<tool_call>
{"name": "get_weather", "arguments": {"city": "Köln", "days": 2.5, "x": null, "y": [true, 1e-07]}}
</tool_call><|im_end|>
<|im_start|>user
<tool_response>
{"c": 21.0}
</tool_response>
<tool_response>
rain
</tool_response><|im_end|>
<|im_start|>assistant
Sunny and rain.<|im_end|>
`,
    );
    expect(template.render(withTools.slice(0, 1))).toBe(
      '<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\n<|im_start|>user\nWeather in Paris and Köln?<|im_end|>\n<|im_start|>assistant\n',
    );
  });
});

describe('messages', () => {
  const dump = async (messages: readonly Message[]): Promise<unknown> =>
    JSON.parse((await chatTemplate('{{ messages | tojson }}')).render(messages));

  test('have reasoning, names of tools, parts when there is more than text, and the speaker', async () => {
    const image = { type: 'attachment', mediaType: 'image/png', url: 'https://example.org/a.png' } as const;
    const messages: readonly Message[] = [
      { ...user('What is this?', [image]), name: 'ann' },
      {
        role: 'assistant',
        parts: [{ type: 'reasoning', text: 'hm' }, { type: 'text', text: 'A ' }, { type: 'text', text: 'cat' }, ...calls.parts.slice(0, 1)],
      },
      {
        role: 'tool',
        parts: [
          { type: 'tool-result', toolCallId: 'a', output: 'x' },
          {
            type: 'tool-result',
            toolCallId: 'z',
            name: 'other',
            output: 'y',
            attachments: [{ type: 'attachment', mediaType: 'application/pdf', data: '' }],
          },
        ],
      },
    ];
    expect(await dump(messages)).toEqual([
      {
        role: 'user',
        name: 'ann',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image', url: 'https://example.org/a.png' },
        ],
      },
      {
        role: 'assistant',
        content: 'A cat',
        reasoning_content: 'hm',
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'get_weather', arguments: { city: 'Paris', days: 1 } } }],
      },
      { role: 'tool', tool_call_id: 'a', name: 'get_weather', content: 'x' },
      { role: 'tool', tool_call_id: 'z', name: 'other', content: [{ type: 'text', text: 'y' }, { type: 'file' }] },
    ]);
  });

  test.each([
    ['', {}],
    ['{"a": [1, {"b": 2.0}]}', { a: [1, { b: 2 }] }],
    ['{"a": 1', '{"a": 1'],
    ['[1]', '[1]'],
  ])('arguments %j of a call become %j', async (text, expected) => {
    const message: Message = { role: 'assistant', parts: [{ type: 'tool-call', id: 'a', name: 'f', arguments: text }] };
    const template = await chatTemplate('{{ messages[0].tool_calls[0].function.arguments | tojson }}');
    expect(JSON.parse(template.render([message]))).toEqual(expected);
  });

  test('that are raw have no place in a template', async () => {
    const template = await chatTemplate(chatml);
    expect(() => template.render([raw('x')])).toThrow(expect.objectContaining({ code: 'invalid-request' }));
  });
});

describe('variables', () => {
  test('special tokens, tools that are none, those of the template and those of the call', async () => {
    const template = await chatTemplate('{{ bos_token }}{{ eos_token }}{{ tools is none }}{{ documents is none }}{{ a }}{{ b }}', {
      bos: '<s>',
      eos: '</s>',
      variables: { a: 1, b: 2 },
    });
    expect(template.render([user('x')], { variables: { b: 3 } })).toBe('<s></s>TrueTrue13');
    expect(template.renderVariables({ b: 4 })).toBe('<s></s>FalseFalse14');
  });

  test('tools in a form of their own come as a variable', async () => {
    const template = await chatTemplate('{{ tools | tojson }}');
    expect(template.render([user('x')], { variables: { tools: [{ name: 'f' }] } })).toBe('[{"name": "f"}]');
  });

  test('the generation prompt is there unless the assistant spoke last, or as asked', async () => {
    const template = await chatTemplate('{{ add_generation_prompt }}');
    expect(template.render([user('x')])).toBe('True');
    expect(template.render([user('x'), assistant('y')])).toBe('False');
    expect(template.render([user('x'), assistant('y')], { addGenerationPrompt: true })).toBe('True');
    expect(template.render([user('x')], { addGenerationPrompt: false })).toBe('False');
  });

  test('an own clock', async () => {
    const template = await chatTemplate("{{ strftime_now('%d %b %Y') }}", { now: () => new Date(2024, 1, 29) });
    expect(template.render([])).toBe('29 Feb 2024');
  });
});

describe('errors', () => {
  const failing = async (source: string): Promise<() => string> => {
    const template = await chatTemplate(source, { name: 'm' });
    return () => template.render([user('x')]);
  };

  test('of the template itself are told when it is read', async () => {
    await expect(chatTemplate('{% for x in y %}', { name: 'm' })).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining('m: this is no Jinja template'),
    });
  });

  test('are refusals with their reason, or what cannot be run', async () => {
    expect(await failing("{{ raise_exception('Only one user!') }}")).toThrow(
      expect.objectContaining({ code: 'invalid-request', message: 'm: the template refuses these messages: Only one user!' }),
    );
    expect(await failing('{{ messages | unheard_of }}')).toThrow(expect.objectContaining({ code: 'invalid-request' }));
    expect(await failing('{{ nothing | tojson }}')).toThrow('Undefined is not JSON serializable');
  });

  test('a message that cannot be continued', async () => {
    const template = await chatTemplate(chatml, { name: 'm' });
    const dropping = await chatTemplate('{{ messages[0].content }}', { name: 'm' });
    expect(() => template.render([{ role: 'assistant', parts: [] }, calls], { continueFinalMessage: true })).not.toThrow();
    expect(() => template.render([], { continueFinalMessage: true })).toThrow('m: the last message has no text that could be continued.');
    expect(() => dropping.render([user('a'), assistant('b')], { continueFinalMessage: true })).toThrow('it cannot be continued');
    expect(() => template.render(chat, { continueFinalMessage: true, addGenerationPrompt: true })).toThrow(
      expect.objectContaining({ code: 'usage' }),
    );
  });
});
