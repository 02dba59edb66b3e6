import type { BatchLines, BatchSubmitOptions } from '../../../core/index.ts';
import { callContext } from '../../batches/call-context.ts';
import { object, text } from '../../batches/fields.ts';
import { jsonAnswer } from '../../batches/json-answer.ts';
import type { EndpointClient } from '../../openai-compatible/endpoint-client.ts';
import { unexpectedAnswer } from '../../openai-compatible/unexpected-answer.ts';

/** Uploads the rows of a job by Google's resumable protocol, in one piece. @returns the file's name, `files/…`. */
export async function uploadFile(client: EndpointClient, lines: BatchLines, options: BatchSubmitOptions): Promise<string> {
  const { name } = client.endpoint;
  const { origin, pathname } = new URL(client.publicUrl);
  const context = callContext(options);
  const start = await client.sendTo(
    `${origin}/upload${pathname}/files`,
    JSON.stringify({ file: { displayName: options.label } }),
    'application/json',
    {
      ...context,
      headers: {
        'x-goog-upload-protocol': 'resumable',
        'x-goog-upload-command': 'start',
        'x-goog-upload-header-content-length': String(lines.bytes),
        'x-goog-upload-header-content-type': 'application/jsonl',
      },
    },
  );
  await start.text();
  const place = start.headers['x-goog-upload-url'];
  if (place === undefined) throw unexpectedAnswer('', name, undefined, 'an address for the upload');
  const body = {
    byteLength: lines.bytes,
    async *read() {
      for await (const { line } of lines.read()) yield Buffer.from(`${line}\n`);
    },
  };
  const headers = { 'x-goog-upload-offset': '0', 'x-goog-upload-command': 'upload, finalize', 'content-type': 'application/jsonl' };
  const answer = await jsonAnswer(await client.sendTo(place, body, 'application/json', { ...context, headers }), name, 'an uploaded file');
  const file = text(object(answer['file'])['name']);
  if (file === undefined) throw unexpectedAnswer(JSON.stringify(answer), name, undefined, 'an uploaded file');
  return file;
}
