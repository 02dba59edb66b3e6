/**
 * An OpenAI-compatible mock server, a process of its own: HTTP/1.1 by hand on node:net with answers made beforehand, so that it costs
 * a fraction of what any client costs. How it streams is chosen by the model's name; see server-answers.ts. Tells its port when
 * it listens, and its CPU time (microseconds) whenever it gets a message.
 */
import { createServer, type Socket } from 'node:net';
import { echoAnswer } from './echo-answers.ts';
import { completion, streamShape, streamWrites } from './server-answers.ts';

const jsonHead = (body: string): string =>
  'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: req_0123456789\r\nopenai-processing-ms: 1\r\n' +
  `content-length: ${Buffer.byteLength(body)}\r\nconnection: keep-alive\r\n\r\n`;
const json = (body: string): Buffer => Buffer.from(jsonHead(body) + body);
const models = json(JSON.stringify({ object: 'list', data: [{ id: 'mock', object: 'model', created: 1763660000, owned_by: 'bench' }] }));
const answer = json(completion);
const eventStreamHead = Buffer.from(
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\nx-request-id: req_0123456789\r\ncache-control: no-cache\r\n' +
    'connection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n',
);
const writesPerTurn = 8;

function serve(socket: Socket): void {
  let waiting = '';
  let busy = false;
  // A client that is done closes as it likes; nothing is left to be told.
  socket.on('error', () => {});
  socket.on('data', (bytes: Buffer) => {
    waiting += bytes.toString('latin1');
    next();
  });

  function next(): void {
    while (!busy) {
      const headEnd = waiting.indexOf('\r\n\r\n');
      if (headEnd === -1) return;
      const head = waiting.slice(0, headEnd);
      const end = headEnd + 4 + Number(/content-length:\s*(\d+)/i.exec(head)?.[1] ?? 0);
      if (waiting.length < end) return;
      const body = waiting.slice(headEnd + 4, end);
      waiting = waiting.slice(end);
      if (head.startsWith('GET')) socket.write(models);
      else if (body.includes('"stream":true')) stream(/"model"\s*:\s*"([^"]*)"/.exec(body)?.[1] ?? '');
      else if (body.includes('"echo":true')) socket.write(json(echoAnswer(body)));
      else socket.write(answer);
    }
  }

  function stream(model: string): void {
    busy = true;
    const shape = streamShape(model);
    const writes = streamWrites(shape);
    let position = 0;
    const send = (): boolean => socket.write(writes[position++] ?? '');
    const done = (): void => {
      busy = false;
      next();
    };
    socket.write(eventStreamHead);
    if (shape.paceMs > 0) {
      const timer = setInterval(() => {
        if (position < writes.length && !socket.destroyed) return send();
        clearInterval(timer);
        done();
      }, shape.paceMs);
      return;
    }
    const pump = (): void => {
      for (let n = 0; position < writes.length && !socket.destroyed;) {
        if (!send()) return void socket.once('drain', pump);
        if (++n === writesPerTurn) return void setImmediate(pump);
      }
      done();
    };
    pump();
  }
}

const server = createServer({ noDelay: true }, serve);
server.listen(0, '127.0.0.1', 4096, () => {
  const address = server.address();
  if (typeof address === 'object') process.send?.({ port: address?.port });
});
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuUs: user + system });
});
process.on('disconnect', () => process.exit());
