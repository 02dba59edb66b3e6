import type { EndpointPreset } from '../openai-compatible/presets.ts';

/** Anthropic's own server. */
export const anthropicPreset = {
  name: 'anthropic',
  protocol: 'anthropic',
  baseUrl: 'https://api.anthropic.com/v1',
  baseUrlEnv: 'ANTHROPIC_BASE_URL',
  keyName: 'anthropic',
  keyEnv: 'ANTHROPIC_API_KEY',
  keyHeader: 'x-api-key',
  headers: { 'anthropic-version': '2023-06-01' },
} as const satisfies EndpointPreset;
