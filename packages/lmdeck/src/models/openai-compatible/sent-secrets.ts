import { isSecretName, LmdeckError, type JsonObject } from '../../core/index.ts';

/** Shorter ones are words that may stand anywhere. */
const LEAST_CHARS = 8;

/** The secrets among named values, whole and word by word: a scheme stands before a token (`Bearer …`). */
export function secretValues(named: Iterable<readonly [name: string, value: string]>): readonly string[] {
  return Array.from(named).flatMap(([name, value]) => (isSecretName(name) ? [value, ...value.split(/\s+/)] : []));
}

/** Fields of a body but for those that are secret; `undefined` when none are left. */
export function fieldsWithoutSecrets(fields: JsonObject = {}): JsonObject | undefined {
  const plain = Object.entries(fields).filter(([name, value]) => typeof value !== 'string' || !isSecretName(name));
  return plain.length === 0 ? undefined : Object.fromEntries(plain);
}

/** An error without the secrets that it quotes: servers repeat what they refuse. */
export function withoutSecrets(error: unknown, secrets: Iterable<string>): unknown {
  if (!LmdeckError.isInstance(error)) return error;
  const known = [...new Set(secrets)].filter((secret) => secret.length >= LEAST_CHARS).sort((a, b) => b.length - a.length);
  const hidden = (text: string): string => known.reduce((clean, secret) => clean.replaceAll(secret, '…'), text);
  const { message, data, code, status, retryable, retryAfterMs } = error;
  const text = JSON.stringify(data ?? {}, (_, value: unknown) => (typeof value === 'string' ? hidden(value) : value));
  if (hidden(message) === message && text === JSON.stringify(data ?? {})) return error;
  const clean: JsonObject = JSON.parse(text);
  // Its cause would tell them all the same.
  return new LmdeckError(code, hidden(message), {
    retryable,
    ...(status === undefined ? {} : { status }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(data === undefined ? {} : { data: clean }),
  });
}
