// A process of its own for the tests: makes two requests (URL, proxy) one after the other and has nothing more to do.
import { httpTransport } from '../http-transport.ts';

const [url = '', proxy] = process.argv.slice(2);
const http = httpTransport({ env: {}, idleSocketMs: Infinity });
for (let i = 0; i < 2; i++) {
  const response = await http({ method: 'GET', url, ...(proxy === undefined ? {} : { proxy }) });
  if ((await response.text()) !== 'x') process.exitCode = 1;
}
