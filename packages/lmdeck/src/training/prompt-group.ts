import { canonicalJson, chainHashes, sha256, type ModelRequest } from '../core/index.ts';

/**
 * A name (32 hex digits) that all calls with the same prompt share, whichever model answered and with whatever options: messages, tools and schema.
 */
export function promptGroup({ messages, tools, schema }: ModelRequest): string {
  const tip = chainHashes(messages).at(-1) ?? '';
  return sha256(`${tip}\n${canonicalJson(tools ?? null)}\n${canonicalJson(schema ?? null)}`).slice(0, 32);
}
