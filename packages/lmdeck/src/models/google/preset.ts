import type { EndpointPreset } from '../openai-compatible/presets.ts';

/** Google's own server of the Gemini API. */
export const geminiPreset = {
  name: 'gemini',
  protocol: 'gemini',
  baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
  baseUrlEnv: 'GEMINI_BASE_URL',
  keyName: 'gemini',
  keyEnv: 'GEMINI_API_KEY',
  keyHeader: 'x-goog-api-key',
} as const satisfies EndpointPreset;
