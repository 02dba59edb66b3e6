import { maxTokens, promptText, temperature } from '../workload.ts';

const system = 'You answer questions about geography. Say what is asked and nothing else; where you are not sure, say so. '
  .repeat(2)
  .trim();

/** Lines of OpenAI's batch format, each with its line feed. */
export function* batchLines(count: number): Generator<string, undefined> {
  for (let index = 0; index < count; index++) {
    const messages = [
      { role: 'system', content: system },
      { role: 'user', content: promptText(index) },
    ];
    const body = { model: 'mock', messages, temperature, max_tokens: maxTokens };
    yield `${JSON.stringify({ custom_id: `request-${index}`, method: 'POST', url: '/v1/chat/completions', body })}\n`;
  }
  return undefined;
}
