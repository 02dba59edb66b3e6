import { canonicalJson } from './canonical-json.ts';
import { chainHashes } from './message-hash.ts';
import type { ModelRequest } from './model-request.ts';
import type { Model } from './model.ts';
import { sha256 } from './sha256.ts';

/** Version of the canonical form: raised when the same request would get another key. */
export const REQUEST_KEY_VERSION = 1;

/**
 * The request key: SHA-256 (hex) over the canonical JSON (RFC 8785) of endpoint, model, revision, tools, tool choice,
 * schema, options, samples, given continuation and the chain hash of the messages. Equal keys mean that the same question goes to the same
 * model; API keys, headers, signals and ids have no part in it.
 *
 * @param tip the hash of the last message, where the caller has it already (see {@link chainHashes}).
 */
export function requestKey(model: Pick<Model, 'id' | 'endpoint' | 'revision'>, request: ModelRequest, tip?: string): string {
  const prompt = tip ?? chainHashes(request.messages).at(-1);
  const { continuation, options, sample, samples, schema, toolChoice, tools } = request;
  // The canonical JSON of these fields, written down in its order: sorting ten known names for every call would cost more than hashing.
  return sha256(
    '{' +
      field('continuation', continuation) +
      field('endpoint', model.endpoint) +
      `"model":${canonicalJson(model.id)},"options":${canonicalJson(options)},` +
      (prompt === undefined ? '"prompt":null,' : `"prompt":"${prompt}",`) +
      field('revision', model.revision) +
      field('sample', sample) +
      field('samples', samples) +
      field('schema', schema) +
      field('toolChoice', toolChoice) +
      field('tools', tools) +
      `"v":${REQUEST_KEY_VERSION}}`,
  );
}

function field(name: string, value: unknown): string {
  return value === undefined ? '' : `"${name}":${canonicalJson(value)},`;
}
