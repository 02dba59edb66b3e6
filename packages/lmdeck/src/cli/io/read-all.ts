import { withoutMark } from './without-mark.ts';

/** Everything that a stream still has, as UTF-8 text without a byte order mark. */
export async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  return withoutMark((await readAllBytes(stream)).toString('utf8'));
}

/** Everything that a stream still has. */
export async function readAllBytes(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  return Buffer.concat(chunks);
}
