import { readAll, type RequestListener } from './loopback.ts';

/**
 * A server of `bytes`, handed to the socket as fast as it takes them; at `/sent` it tells how many that were so far. A POST is answered with
 * the number of characters it brought. The bytes must be many times more than the MiBs that the kernel keeps for every connection.
 */
export function sendsFast(bytes: Buffer, headers: Readonly<Record<string, string>> = {}): RequestListener {
  let sent = 0;
  return async (request, response) => {
    if (request.url === '/sent') return response.end(String(sent));
    if (request.method === 'POST') return response.end(String((await readAll(request)).length));
    response.writeHead(200, headers);
    const pump = (): void => {
      while (sent < bytes.length) {
        const piece = bytes.subarray(sent, sent + 65_536);
        sent += piece.length;
        if (!response.write(piece)) return void response.once('drain', pump);
      }
      response.end();
    };
    pump();
  };
}

/** Asks until the number has been the same for so many times: while other requests come and go, that one must stand still. */
export async function whereItStops(ask: () => Promise<string>, times = 50): Promise<number> {
  let last = -1;
  for (let same = 0; same < times; same++) {
    const now = Number(await ask());
    if (now !== last) same = 0;
    last = now;
  }
  return last;
}
