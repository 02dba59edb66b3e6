import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const core = JSON.stringify(new URL('../core/index.ts', import.meta.url).href);
const timeouts = JSON.stringify(new URL('./timeout.ts', import.meta.url).href);

/** What a process prints that has a model with these limits; it is killed when it does not end by itself. */
async function printed(limits: string, work: string): Promise<string> {
  const script = `
    import { languageModel } from ${core};
    import { timeout } from ${timeouts};
    const model = languageModel({
      id: 'm',
      capabilities: {},
      async *generate(request) {
        await (request.options.deaf ? new Promise(() => {}) : new Promise(setImmediate));
        yield { type: 'text-delta', text: 'ok' };
      },
    }, timeout(${limits}));
    ${work}`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { timeout: 20_000 });
  return stdout;
}

test('a process whose calls have ended ends, whatever their limits were', async () => {
  expect(await printed('{ firstTokenMs: 600_000 }', "console.log(await model.prompt('hi').text());")).toBe('ok\n');
});

test('a process does not end while a call may still run into its limit', async () => {
  const work = `
    await model.prompt('hi').text();
    await model.prompt('hi', { options: { deaf: true } }).text().catch((error) => console.log(error.code));`;
  expect(await printed('{ firstTokenMs: 200 }', work)).toBe('timeout\n');
});
