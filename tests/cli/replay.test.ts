import { join } from 'node:path';
import { expect, test } from 'vitest';
import { user } from './support/lmdeck.ts';
import { runOnTerminal } from './support/terminal.ts';

test('what a replay misses is told with the lines of the comparison', async () => {
  using anna = user();
  const env = { LMDECK_REPLAY: join(anna.home, 'tape.db') };
  expect((await anna.run(['-m', 'mock', '-s', 'Be brief.', 'Say hello\nto my little friend'])).code).toBe(0);
  const replayed = await anna.run(['-m', 'mock', '-s', 'Be brief.', 'Say hello\nto my little friend'], { env });
  expect(replayed).toEqual({ code: 0, stdout: 'Say hello\nto my little friend\n', stderr: '' });
  const missed = await anna.run(['-m', 'mock', '-s', 'Be brief.', 'Say hello\nto my \u001B[2Jsmall friend'], { env });
  expect([missed.code, missed.stdout]).toEqual([1, '']);
  expect(missed.stderr).toMatch(
    /^Error: Nothing is recorded for this request to mock\.\nClosest recorded prompt: call \w+ \(similarity 0\.\d+\)\.\nFrom that prompt/,
  );
  // Text of prompts must not steer the terminal.
  expect(missed.stderr).toContain('  message 2 (user): Say hello\n  to my [-little-]{+\\u{1b}[2Jsmall+} friend\n');
  expect(missed.stderr).toContain('\nThe calls of this process are replayed from ');
  expect(JSON.parse((await anna.run(['logs', 'list', '--json', '-n', '0'])).stdout)).toHaveLength(1);
});

test('on a terminal it is coloured', async () => {
  using anna = user();
  await anna.run(['-m', 'mock', 'Say hello']);
  const run = runOnTerminal(anna, ['-m', 'mock', 'Say goodbye'], { LMDECK_REPLAY: join(anna.home, 'tape.db') });
  expect(await run.ended).toBe(1);
  expect(run.shown()).toContain('\u001B[31m[-hello-]\u001B[39m\u001B[32m{+goodbye+}\u001B[39m');
});
