// A process of its own for the tests: makes one request and has nothing more to do.
import { nodeHttpTransport } from '../node-http.ts';

const response = await nodeHttpTransport({ env: {} })({ method: 'GET', url: process.argv[2] ?? '' });
process.exitCode = (await response.text()) === 'x' ? 0 : 1;
