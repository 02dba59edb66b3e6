/** Chat templates and a history for them, in the form that templates expect. */

/** ChatML, as in the documentation of `transformers` (Apache-2.0). */
const chatml = `{%- for message in messages %}
    {{- '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}`;

/** Of the size that templates of chat models have today: tools, tool calls, reasoning, tool results in one turn. */
const tools = `{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0].role == 'system' %}
        {{- messages[0].content + '\\n\\n' }}
    {%- endif %}
    {{- "# Tools\\n\\n<tools>" }}
    {%- for tool in tools %}
        {{- "\\n" }}
        {{- tool | tojson }}
    {%- endfor %}
    {{- "\\n</tools><|im_end|>\\n" }}
{%- elif messages[0].role == 'system' %}
    {{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}
{%- endif %}
{%- set ns = namespace(last_query=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if message.role == 'user' and message.content is string and not message.content.startswith('<tool_response>') %}
        {%- set ns.last_query = index %}
        {%- break %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if message.role == 'user' or (message.role == 'system' and not loop.first) %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
    {%- elif message.role == 'assistant' %}
        {%- set content = message.content or '' %}
        {%- set reasoning = message.reasoning_content if message.reasoning_content is defined else '' %}
        {{- '<|im_start|>assistant\\n' }}
        {%- if reasoning and loop.index0 > ns.last_query %}
            {{- '<think>\\n' + reasoning.strip('\\n') + '\\n</think>\\n\\n' }}
        {%- endif %}
        {{- content.lstrip('\\n') }}
        {%- for call in message.tool_calls or [] %}
            {{- '\\n<tool_call>\\n{"name": "' + call.function.name + '", "arguments": ' }}
            {{- call.function.arguments | tojson }}
            {{- '}\\n</tool_call>' }}
        {%- endfor %}
        {{- '<|im_end|>\\n' }}
    {%- elif message.role == 'tool' %}
        {%- if loop.first or messages[loop.index0 - 1].role != 'tool' %}
            {{- '<|im_start|>user' }}
        {%- endif %}
        {{- '\\n<tool_response>\\n' + message.content + '\\n</tool_response>' }}
        {%- if loop.last or messages[loop.index0 + 1].role != 'tool' %}
            {{- '<|im_end|>\\n' }}
        {%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}`;

export const templates: Readonly<Record<string, string>> = { chatml, tools };

/** A turn of a history, and what it is to a template. */
export interface Turn {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string;
  readonly call?: { readonly id: string; readonly name: string; readonly arguments: Readonly<Record<string, string>> };
  readonly answers?: string;
}

export const turnCount = 24;

/** A system prompt and a history of questions, answers and, where wanted, a tool's results. */
export function history(withTools: boolean): readonly Turn[] {
  const turns: Turn[] = [{ role: 'system', content: 'You are a helpful assistant.' }];
  for (let i = 0; turns.length < turnCount - 1; i++) {
    turns.push({ role: 'user', content: `Question ${i}: how is the weather on day ${i}, and shall I take an umbrella with me?` });
    const call = { id: `call${i}`, name: 'weather', arguments: { city: 'Paris', day: String(i) } };
    if (withTools && i % 3 === 0) {
      turns.push({ role: 'assistant', content: '', call });
      turns.push({ role: 'tool', content: `{"sky": "clear", "day": ${i}}`, answers: call.id });
    }
    turns.push({ role: 'assistant', content: `It is clear on day ${i}. You need no umbrella.` });
  }
  return [...turns.slice(0, turnCount - 1), { role: 'user', content: 'And the day after?' }];
}

export const weatherTool = {
  name: 'weather',
  description: 'Tells the weather.',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string', description: 'Name of the city' }, day: { type: 'string' } },
    required: ['city'],
  },
};
