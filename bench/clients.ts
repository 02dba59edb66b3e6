import type { Client } from './task.ts';

/** The adapters by name, each loaded only in its own process. */
export const clients: Readonly<Record<string, () => Promise<Client>>> = {
  'node:http': () => import('./clients/node-http.ts'),
  undici: () => import('./clients/undici.ts'),
  fetch: () => import('./clients/fetch.ts'),
  openai: () => import('./clients/openai.ts'),
  ai: () => import('./clients/ai.ts'),
  lmdeck: () => import('./clients/lmdeck.ts'),
  'lmdeck recorded': () => import('./clients/lmdeck-recorded.ts'),
  'lmdeck tape': () => import('./clients/lmdeck-tape.ts'),
  'node:sqlite': () => import('./clients/node-sqlite.ts'),
  sse: () => import('./clients/sse.ts'),
};
