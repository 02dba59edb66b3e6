import { LmdeckError, type BatchCallOptions } from '../../../core/index.ts';
import { callContext } from '../../batches/call-context.ts';
import type { EndpointClient } from '../endpoint-client.ts';

/** What servers answer that have no such file any more, or that delete none. */
const NOTHING_TO_DELETE: ReadonlySet<number | undefined> = new Set([404, 405, 501]);

/** Takes a file off the account (`DELETE /files/{id}`). One that is gone, and a server that deletes none, are no errors. */
export async function deleteFile(client: EndpointClient, fileId: string, options: BatchCallOptions = {}): Promise<void> {
  try {
    await client.delete(`/files/${encodeURIComponent(fileId)}`, callContext(options));
  } catch (error) {
    if (!NOTHING_TO_DELETE.has(LmdeckError.from(error).status)) throw error;
  }
}
