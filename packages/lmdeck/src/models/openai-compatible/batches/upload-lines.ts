import type { BatchLines, BatchSubmitOptions } from '../../../core/index.ts';
import type { StreamedBody } from '../../../transport/index.ts';
import { text } from '../../batches/fields.ts';
import { jsonAnswer } from '../../batches/json-answer.ts';
import type { EndpointClient } from '../endpoint-client.ts';
import { callContext } from '../../batches/call-context.ts';
import { unexpectedAnswer } from '../unexpected-answer.ts';

/** Uploads the rows of a job as a file (`POST /files`), as they are read. @returns the file's id. */
export async function uploadLines(client: EndpointClient, lines: BatchLines, options: BatchSubmitOptions): Promise<string> {
  const boundary = `lmdeck-${options.label}`;
  const context = callContext(options);
  const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` };
  const body = multipart(lines, boundary, `${options.label}.jsonl`);
  const { name } = client.endpoint;
  const answer = await jsonAnswer(
    await client.sendTo('/files', body, 'application/json', { ...context, headers }),
    name,
    'an uploaded file',
  );
  const id = text(answer['id']);
  if (id === undefined) throw unexpectedAnswer(JSON.stringify(answer), name, undefined, 'an uploaded file');
  return id;
}

/** A form with the purpose and the file (RFC 7578). */
function multipart(lines: BatchLines, boundary: string, filename: string): StreamedBody {
  const disposition = 'Content-Disposition: form-data; name=';
  const start =
    `--${boundary}\r\n${disposition}"purpose"\r\n\r\nbatch\r\n` +
    `--${boundary}\r\n${disposition}"file"; filename="${filename}"\r\nContent-Type: application/jsonl\r\n\r\n`;
  const end = `\r\n--${boundary}--\r\n`;
  return {
    byteLength: Buffer.byteLength(start) + lines.bytes + Buffer.byteLength(end),
    async *read() {
      yield Buffer.from(start);
      for await (const { line } of lines.read()) yield Buffer.from(`${line}\n`);
      yield Buffer.from(end);
    },
  };
}
