import { LmdeckError } from '../core/index.ts';

/** An error about a model that nobody named here: it also says who did, and what to change. Other errors stay as they are. */
export function unknownFrom(thrown: unknown, change: string): unknown {
  if (!LmdeckError.isInstance(thrown) || thrown.code !== 'unknown-model') return thrown;
  const { code, message, data } = thrown;
  const sentence = message.endsWith('.') ? message : `${message}.`;
  return new LmdeckError(code, `${sentence} ${change}`, { cause: thrown, ...(data === undefined ? {} : { data }) });
}
