/** A process that records a number of calls and ends without closing anything. */
import { openTape } from '../index.ts';
import { callEnd, callStart } from './calls.ts';

const [path = '', name = '', count = '0'] = process.argv.slice(2);
const tape = openTape(path);
for (let i = 0; i < Number(count); i++) {
  const start = callStart(`${name} call ${i}`, { runId: name });
  tape.start(start);
  if (i % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
  tape.finish(start.id, callEnd(`answer ${i}`));
}
if (name === 'flush') await tape.flush();
