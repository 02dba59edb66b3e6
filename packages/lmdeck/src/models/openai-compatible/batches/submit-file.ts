import { LmdeckError, type BatchJob, type BatchLines, type BatchSubmitOptions } from '../../../core/index.ts';
import { creating } from '../../batches/creating.ts';
import type { EndpointClient } from '../endpoint-client.ts';
import { deleteFile } from './delete-file.ts';
import { uploadLines } from './upload-lines.ts';

/** Uploads the rows of a job and makes the job. A file that certainly came to no job is taken off again: nobody would know of it. */
export async function submitFile(
  client: EndpointClient,
  lines: BatchLines,
  options: BatchSubmitOptions,
  create: (fileId: string) => Promise<BatchJob>,
): Promise<BatchJob> {
  const fileId = await uploadLines(client, lines, options);
  try {
    options.onUpload?.(fileId);
    return await creating(() => create(fileId));
  } catch (error) {
    if (LmdeckError.from(error).data?.['uncertain'] !== true) await deleteFile(client, fileId, options).catch(() => undefined);
    throw error;
  }
}
