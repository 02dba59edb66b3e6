const SECRET = /authorization|(?:^|[-_])auth$|(?:api|access|private)[-_]?key|[-_]key$|token$|secret|passw(?:or)?d|cookie|credential/i;
/** Special tokens of a model, and where texts end. */
const HARMLESS = /^(?:bos|eos|pad|unk|sep|cls|mask|stop|end|start)[-_]?token$/i;

/**
 * True for a name (of an environment variable, a header, a parameter, a field) whose value is a secret.
 *
 * @example
 * ```ts
 * import { isSecretName } from 'lmdeck';
 *
 * console.log(['OPENAI_API_KEY', 'x-auth-token', 'apiKey', 'max_tokens', 'eos_token', 'author'].map(isSecretName)); // [ true, true, true, false, false, false ]
 * ```
 */
export function isSecretName(name: string): boolean {
  return SECRET.test(name) && !HARMLESS.test(name);
}
