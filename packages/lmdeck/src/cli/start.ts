import { processIo } from './io/process-io.ts';
import { main } from './main.ts';

// Connections that are kept alive for a next request would keep the process alive too.
void main(process.argv.slice(2), processIo()).then((code) => process.exit(code));
