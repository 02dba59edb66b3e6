import type { Client } from './task.ts';

/** The adapters by name, each loaded only in its own process. */
export const clients: Readonly<Record<string, () => Promise<Client>>> = {
  'node:http': () => import('./clients/node-http.ts'),
  undici: () => import('./clients/undici.ts'),
  fetch: () => import('./clients/fetch.ts'),
  openai: () => import('./clients/openai.ts'),
  ai: () => import('./clients/ai.ts'),
  lmdeck: () => import('./clients/lmdeck.ts'),
  'lmdeck transport': () => import('./clients/lmdeck-transport.ts'),
  'lmdeck recorded': () => import('./clients/lmdeck-recorded.ts'),
  'lmdeck import': () => import('./clients/lmdeck-import.ts'),
  'lmdeck replay': () => import('./clients/lmdeck-replay.ts'),
  'lmdeck closest': () => import('./clients/lmdeck-closest.ts'),
  'fastest-levenshtein': () => import('./clients/fastest-levenshtein.ts'),
  'lmdeck tape': () => import('./clients/lmdeck-tape.ts'),
  'node:sqlite': () => import('./clients/node-sqlite.ts'),
  'node:sqlite copy': () => import('./clients/node-sqlite-copy.ts'),
  'lmdeck llama': () => import('./clients/lmdeck-llama.ts'),
  'llama prefill': () => import('./clients/llama-prefill.ts'),
  'lmdeck tokens': () => import('./clients/lmdeck-tokens.ts'),
  'gpt-tokenizer': () => import('./clients/gpt-tokenizer.ts'),
  'lmdeck evaluation': () => import('./clients/lmdeck-evaluation.ts'),
  'openai evaluation': () => import('./clients/openai-evaluation.ts'),
  'hand tokens': () => import('./clients/hand-tokens.ts'),
  jinja: () => import('./clients/jinja.ts'),
  sse: () => import('./clients/sse.ts'),
};
