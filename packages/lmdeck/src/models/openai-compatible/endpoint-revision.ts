import { canonicalJson } from '../../core/index.ts';
import type { ChatModelOptions } from './chat-model.ts';
import { fieldsWithoutSecrets } from './sent-secrets.ts';

/** Fields that every request carries change the answers, so they must be part of the request key; a key of the server's changes none. */
export function endpointRevision({ revision, extraBody }: ChatModelOptions): string | undefined {
  const telling = fieldsWithoutSecrets(extraBody);
  const fields = telling === undefined ? '' : canonicalJson(telling);
  return `${revision ?? ''} ${fields}`.trim() || undefined;
}
