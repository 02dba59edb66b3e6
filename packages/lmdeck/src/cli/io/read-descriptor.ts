import { read } from 'node:fs';

/**
 * Everything that a pipe or socket still has. Its stream, `process.stdin`, takes five times as long to its first byte. Not complete when the
 * descriptor is set not to wait and has nothing just now: the stream can go on from there.
 *
 * Meanwhile a thread of the process waits, which `process.exit` would wait for in turn: leave Ctrl-C to the system.
 */
export async function readDescriptor(fd: number): Promise<{ readonly bytes: Buffer; readonly complete: boolean }> {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = await readSome(fd);
    if (chunk === undefined || chunk.length === 0) return { bytes: Buffer.concat(chunks), complete: chunk !== undefined };
    chunks.push(chunk);
  }
}

function readSome(fd: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const buffer = Buffer.allocUnsafe(65_536);
    read(fd, buffer, 0, buffer.length, null, (error, length) => {
      if (error === null) resolve(buffer.subarray(0, length));
      else if (error.code === 'EAGAIN') resolve(undefined);
      // Windows reports the end of a pipe as an error.
      else if (error.code === 'EOF') resolve(buffer.subarray(0, 0));
      else reject(error);
    });
  });
}
