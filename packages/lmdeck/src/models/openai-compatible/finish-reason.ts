import type { FinishReason } from '../../core/index.ts';

/** The words that OpenAI-compatible servers use, in lower case. */
const REASONS: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  eos: 'stop',
  eos_token: 'stop',
  end_turn: 'stop',
  stop_sequence: 'stop',
  length: 'length',
  max_tokens: 'length',
  model_length: 'length',
  max_output_tokens: 'length',
  tool_calls: 'tool-calls',
  tool_call: 'tool-calls',
  tool_use: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'content-filter',
  safety: 'content-filter',
  sensitive: 'content-filter',
  recitation: 'content-filter',
  error: 'error',
  network_error: 'error',
  insufficient_system_resource: 'error',
};

/**
 * The unified reason for a server's own word. Some servers say `stop` for an answer that ends in tool calls (OpenAI does
 * when a tool was forced): that counts as `tool-calls`.
 */
export function finishReason(raw: string, hasToolCalls: boolean): FinishReason {
  const word = raw.toLowerCase();
  const reason = Object.hasOwn(REASONS, word) ? (REASONS[word] ?? 'other') : 'other';
  return reason === 'stop' && hasToolCalls ? 'tool-calls' : reason;
}
