import { createReadStream } from 'node:fs';

/** A line of a text file and its number, from 1. */
export interface Line {
  readonly text: string;
  readonly number: number;
}

/**
 * The lines of a UTF-8 file, without their ends (`\n`, `\r\n`); a byte order mark is passed over. `.gz` files are unpacked. Not node:readline,
 * which also breaks lines at U+2028, and that may stand inside a JSON string.
 */
export async function* readLines(path: string): AsyncIterable<Line> {
  const decoder = new TextDecoder();
  let rest = '';
  let number = 0;
  for await (const chunk of bytesOf(path)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield { text: line.endsWith('\r') ? line.slice(0, -1) : line, number: ++number };
  }
  rest += decoder.decode();
  if (rest !== '') yield { text: rest, number: number + 1 };
}

async function* bytesOf(path: string): AsyncIterable<Uint8Array> {
  const file = createReadStream(path, { highWaterMark: 1 << 18 });
  const source = path.endsWith('.gz') ? file.pipe(process.getBuiltinModule('node:zlib').createGunzip()) : file;
  // A pipe does not pass errors on.
  file.once('error', (error) => source.destroy(error));
  for await (const chunk of source) if (chunk instanceof Uint8Array) yield chunk;
}
