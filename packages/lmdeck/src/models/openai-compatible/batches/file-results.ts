import type { BatchCallOptions, BatchResult } from '../../../core/index.ts';
import { callContext } from '../../batches/call-context.ts';
import { jsonLines } from '../../batches/json-answer.ts';
import type { EndpointClient } from '../endpoint-client.ts';
import { rowResult } from './row-result.ts';

/** What the files of a job say: that of the answers, and that of the errors. */
export async function* fileResults(
  client: EndpointClient,
  fileIds: readonly (string | undefined)[],
  options: BatchCallOptions = {},
): AsyncGenerator<BatchResult, undefined> {
  const { name } = client.endpoint;
  for (const fileId of fileIds) {
    if (fileId === undefined) continue;
    const file = await client.sendTo(`/files/${encodeURIComponent(fileId)}/content`, undefined, '*/*', callContext(options));
    for await (const line of jsonLines(file, name)) {
      const result = rowResult(line, name);
      if (result !== undefined) yield result;
    }
  }
  return undefined;
}
