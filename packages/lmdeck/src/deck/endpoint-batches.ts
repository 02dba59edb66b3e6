import type { JsonValue } from '../core/index.ts';
import type { BatchProtocol } from '../models/index.ts';
import { ConfigMistake, expectKeys, expectObject, type ConfigPath } from './config-shape.ts';
import { expectCount, expectOneOf } from './endpoint-fields.ts';

const PROTOCOLS = ['openai', 'mistral'] as const;
const LIMITS = ['maxRows', 'maxBytes', 'maxEnqueuedTokens', 'maxSamples'] as const;

/** `batches` of an endpoint: false, a protocol, or an object with what differs. @throws ConfigMistake */
export function expectBatches(value: JsonValue, path: ConfigPath): BatchProtocol | false {
  if (value === false) return false;
  if (typeof value === 'string') return { protocol: expectOneOf(value, path, PROTOCOLS) };
  let protocol: BatchProtocol['protocol'] = 'openai';
  let priceShare: number | undefined;
  const limits: Partial<Record<(typeof LIMITS)[number], number>> = {};
  const object = expectObject(value, path, '{ protocol: openai, priceShare: 0.5, maxEnqueuedTokens: 2000000 }, or false for none');
  for (const [field, each] of expectKeys(object, path, ['protocol', 'priceShare', ...LIMITS])) {
    const at = [...path, field];
    if (field === 'protocol') protocol = expectOneOf(each, at, PROTOCOLS);
    else if (field === 'priceShare') priceShare = share(each, at);
    else limits[field] = expectCount(each, at);
  }
  return { protocol, limits, ...(priceShare === undefined ? {} : { priceShare }) };
}

function share(value: JsonValue, path: ConfigPath): number {
  if (typeof value === 'number' && value >= 0 && value <= 1) return value;
  throw new ConfigMistake(path, '"priceShare" must be a number from 0 to 1: what a request in a job costs of the list price.');
}
