import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';

import { user, type User } from './support/lmdeck.ts';
import { chatAnswer, rowServer, say } from './support/row-server.ts';

interface Line {
  readonly id: string;
  readonly status: string;
  readonly text?: string;
  readonly error?: { readonly code: string; readonly message: string; readonly attempts: number };
}

function writeRows(anna: User, count: number): void {
  const rows = Array.from({ length: count }, (_, i) => JSON.stringify({ id: `r${i}`, prompt: `row ${i}` }));
  writeFileSync(join(anna.home, 'in.jsonl'), `${rows.join('\n')}\n`);
}

function output(anna: User, name = 'out.jsonl'): Line[] {
  return readFileSync(join(anna.home, name), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** Numbers from 0 to 1 that are the same every time (Park and Miller). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

const RUN = ['batch', 'run', 'in.jsonl', '-o', 'out.jsonl'];

describe('lmdeck batch run', () => {
  test(
    'killed at 20 random points: every row is asked once but for those under way, and the output is whole',
    { timeout: 180_000 },
    async () => {
      const [rows, kills, concurrency] = [5000, 20, 16];
      const random = numbers(4711);
      let onRequest = (_prompt: string): void => undefined;
      await using server = await rowServer((prompt, response) => {
        onRequest(prompt);
        say(response, `re ${prompt}`);
      });
      using anna = user(server.url);
      writeRows(anna, rows);
      const repeated: number[] = [];
      for (let kill = 0; kill <= kills; kill++) {
        const before = new Set(server.asked.keys());
        const again = new Set<string>();
        const { child, ended } = anna.start([...RUN, '--concurrency', String(concurrency)]);
        // The last one is let come to its end.
        const last = kill === kills ? Infinity : 1 + Math.floor(random() * ((1.6 * rows) / kills));
        let requests = 0;
        onRequest = (prompt) => {
          if (before.has(prompt)) again.add(prompt);
          if (++requests === last) child.kill('SIGKILL');
        };
        const { code, stderr } = await ended;
        // What it had sent before it died may come in after its end.
        await server.idle();
        repeated.push(again.size);
        expect([code, stderr]).toEqual(kill < kills ? [null, expect.anything()] : [0, expect.stringContaining('5,000 rows, 5,000 ok')]);
      }
      expect(Math.max(...repeated)).toBeLessThanOrEqual(concurrency);
      expect(server.count).toBe(rows + repeated.reduce((sum, each) => sum + each, 0));
      expect(server.asked.size).toBe(rows);
      expect(output(anna).map(({ id, status, text }) => [id, status, text])).toEqual(
        Array.from({ length: rows }, (_, i) => [`r${i}`, 'ok', `re row ${i}`]),
      );
      // Every answer that stands in the output is on the tape, under the run.
      const database = new DatabaseSync(join(anna.home, 'tape.db'), { readOnly: true });
      const row = database.prepare("SELECT count(*) AS made, count(DISTINCT run) AS runs FROM calls WHERE status = 'ok'").get();
      database.close();
      expect([row?.['made'], row?.['runs']]).toEqual([rows, 1]);
    },
  );

  test('a server with resets, errors, 429 storms, slow bodies and garbage: every row is ok or says why', { timeout: 120_000 }, async () => {
    const random = numbers(99);
    let healthy = false;
    await using server = await rowServer(async (prompt, response, count) => {
      const number = Number(prompt.slice(4));
      if (number % 97 === 5)
        return void response.writeHead(400, { 'content-type': 'application/json' }).end('{"error": {"message": "no such thing"}}');
      if (healthy) return say(response, `re ${prompt}`);
      // Storms: everybody is turned away for a while.
      if (count % 200 >= 160) return void response.writeHead(429, { 'retry-after-ms': '30' }).end('{"error": {"message": "slow down"}}');
      const fate = random();
      if (fate < 0.05) return void response.socket?.resetAndDestroy();
      if (fate < 0.1) return void response.writeHead(500).end('oops');
      if (fate < 0.13) return void response.writeHead(200, { 'content-type': 'application/json' }).end('<html>gateway</html>');
      const answer = chatAnswer(`re ${prompt}`);
      if (fate < 0.16) {
        // Cut in the middle.
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': String(answer.length) });
        return void response.write(answer.slice(0, 60), () => response.socket?.destroy());
      }
      if (fate < 0.26) {
        response.writeHead(200, { 'content-type': 'application/json' });
        for (const piece of answer.match(/[^]{1,40}/g) ?? []) {
          response.write(piece);
          await new Promise((resolve) => setImmediate(resolve));
        }
        return void response.end();
      }
      say(response, `re ${prompt}`);
    });
    using anna = user(server.url);
    writeRows(anna, 400);
    const first = await anna.run([...RUN, '--retries', '3']);
    const lines = output(anna);
    expect(lines.map(({ id }) => id)).toEqual(Array.from({ length: 400 }, (_, i) => `r${i}`));
    for (const [i, { status, text, error }] of lines.entries()) {
      if (status === 'ok') expect(text).toBe(`re row ${i}`);
      else expect(error).toMatchObject({ code: expect.stringMatching(/^[a-z-]+$/), message: expect.stringMatching(/.{10}/) });
    }
    expect(first.code).toBe(3);
    expect(first.stderr).toMatch(/400 rows, \d+ ok, \d+ failed \(/);
    const failed = lines.filter(({ status }) => status === 'error');
    // Garbage and bad rows are not repeated; all else is, until its attempts are used up.
    const codes = new Set(failed.map(({ error }) => error?.code));
    expect([codes.has('invalid-response'), codes.has('invalid-request')]).toEqual([true, true]);
    for (const { error } of failed) if (error?.code.startsWith('invalid-') === false) expect(error.attempts).toBe(4);
    expect(failed.length).toBeLessThan(60);
    healthy = true;
    const second = await anna.run(['batch', 'retry-failed', '--json']);
    expect(second.code).toBe(3);
    expect(JSON.parse(second.stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
      type: 'end',
      status: 'incomplete',
      failed: 5,
      errors: { 'invalid-request': 5 },
    });
    expect(output(anna).filter(({ status }) => status === 'ok').length).toBe(395);
    expect(output(anna)[5]).toMatchObject({ status: 'error', error: { message: expect.stringContaining('no such thing') } });
    const { stdout } = await anna.run(['batch', 'show', '--failed']);
    expect(stdout.trim().split('\n').length).toBe(5);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s lets the rows under way come to their end; the next run goes on',
    async (signal) => {
      const held: (() => void)[] = [];
      await using server = await rowServer((prompt, response, count) => {
        if (count > 8) return say(response, `re ${prompt}`);
        held.push(() => say(response, `re ${prompt}`));
        if (count === 8) child.kill(signal);
      });
      using anna = user(server.url);
      writeRows(anna, 30);
      const { child, ended, until } = anna.start([...RUN, '--concurrency', '8']);
      await until('Ctrl-C again stops at once');
      for (const answer of held) answer();
      const { code, stderr } = await ended;
      expect([code, stderr]).toEqual([130, expect.stringContaining('Nothing is lost')]);
      expect([server.count, output(anna).length]).toEqual([8, 8]);
      expect((await anna.run(RUN)).code).toBe(0);
      expect([server.count, output(anna).length]).toEqual([30, 30]);
    },
  );

  // Node itself would end: it sets signals that are ignored back to what they do by default.
  test.skipIf(process.platform === 'win32')('under nohup a terminal that is closed ends nothing', async () => {
    await using server = await rowServer((prompt, response, count) => {
      if (count === 8) child.kill('SIGHUP');
      say(response, `re ${prompt}`);
    });
    using anna = user(server.url);
    writeRows(anna, 30);
    const { child, ended } = anna.start([...RUN, '--concurrency', '4'], { env: { _: '/usr/bin/nohup' } });
    expect((await ended).code).toBe(0);
    expect(output(anna)).toHaveLength(30);
  });

  test.skipIf(process.platform === 'win32')(
    'two processes on one run, or on one output under whatever name: the second one is refused',
    async () => {
      const asked = Promise.withResolvers<void>();
      const go = Promise.withResolvers<void>();
      await using server = await rowServer(async (prompt, response) => {
        asked.resolve();
        await go.promise;
        say(response, `re ${prompt}`);
      });
      using anna = user(server.url);
      writeRows(anna, 3);
      symlinkSync('out.jsonl', join(anna.home, 'link.jsonl'));
      const { ended } = anna.start(RUN);
      await asked.promise;
      for (const args of [
        RUN,
        ['batch', 'retry-failed'],
        [...RUN, '--new', '--overwrite'],
        ['batch', 'run', 'in.jsonl', '-o', 'link.jsonl', '--overwrite'],
      ])
        expect(await anna.run(args)).toMatchObject({
          code: 2,
          stderr: expect.stringMatching(/Process \d+ is working on|Another process works on/),
        });
      go.resolve();
      expect((await ended).code).toBe(0);
      expect(output(anna)).toHaveLength(3);
    },
  );

  test.skipIf(process.platform === 'win32')('when nobody reads the output any more, the calls under way come onto the tape', async () => {
    const rest = Promise.withResolvers<void>();
    await using server = await rowServer(async (prompt, response, count) => {
      if (count > 1) await rest.promise;
      say(response, `re ${prompt}`);
    });
    using anna = user(server.url);
    writeRows(anna, 30);
    const { child, ended, until } = anna.start(['batch', 'run', 'in.jsonl', '-o', '-', '--concurrency', '4']);
    await until('re row 0');
    child.stdout?.destroy();
    rest.resolve();
    expect((await ended).code).toBe(0);
    expect(server.count).toBeLessThan(10);
    const calls: readonly { readonly status: string }[] = JSON.parse((await anna.run(['logs', '--json', '-n', '0'])).stdout);
    expect(calls.map(({ status }) => status)).toEqual(Array.from({ length: server.count }, () => 'ok'));
  });

  test('a second Ctrl-C stops at once', async () => {
    await using server = await rowServer((prompt, response, count) => {
      if (count <= 4) return say(response, `re ${prompt}`);
      if (count === 8) child.kill('SIGINT');
    });
    using anna = user(server.url);
    writeRows(anna, 30);
    const { child, ended, until } = anna.start([...RUN, '--concurrency', '4']);
    await until('Ctrl-C again stops at once');
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect(output(anna).map(({ id }) => id)).toEqual(['r0', 'r1', 'r2', 'r3']);
  });

  test('a run of the first rows goes on with the others when more are wanted, and never with fewer', async () => {
    await using server = await rowServer((prompt, response) => say(response, `re ${prompt}`));
    using anna = user(server.url);
    writeRows(anna, 20);
    expect((await anna.run([...RUN, '--limit', '5'])).code).toBe(0);
    expect((await anna.run([...RUN, '--limit', '8'])).stderr).toContain('Going on with run');
    expect([server.count, output(anna).length]).toEqual([8, 8]);
    expect(await anna.run([...RUN, '--limit', '6'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('another setting of limit'),
    });
    expect((await anna.run(RUN)).code).toBe(0);
    expect([server.count, output(anna).map(({ id }) => id)]).toEqual([20, Array.from({ length: 20 }, (_, i) => `r${i}`)]);
    const { stdout } = await anna.run(['batch', 'ls', '--json']);
    expect(JSON.parse(stdout)).toHaveLength(1);
  });

  test('what is wrong is said before anything is asked', async () => {
    await using server = await rowServer((prompt, response) => say(response, prompt));
    using anna = user(server.url);
    writeRows(anna, 3);
    const problem = async (...args: string[]): Promise<readonly [number | null, string]> => {
      const { code, stderr } = await anna.run(['batch', 'run', ...args]);
      return [code, stderr.split('\n')[0] ?? ''];
    };
    expect(await problem('in.jsonl', '-o', 'in.jsonl')).toEqual([2, expect.stringContaining('is the file that the rows are read from')]);
    writeFileSync(join(anna.home, 'in.csv'), 'text\nmine\n');
    expect(await problem('in.csv', '-o', 'in.csv', '--overwrite')).toEqual([
      2,
      expect.stringContaining('is the file that the rows are read'),
    ]);
    expect(await problem('in.jsonl', '-o', '.', '--overwrite')).toEqual([2, expect.stringContaining('is a folder')]);
    expect(await problem('in.jsonl', '-o', '.', '-f', 'csv', '--overwrite')).toEqual([2, expect.stringContaining('is a folder')]);
    // Not by its own name: a mistake here would take it off the system.
    symlinkSync('/dev/null', join(anna.home, 'null.jsonl'));
    expect(await problem('in.jsonl', '-o', 'null.jsonl', '--overwrite')).toEqual([2, expect.stringContaining('is no file')]);
    expect(await problem('in.jsonl', '-o', '/dev/stdout')).toEqual([2, expect.stringContaining('- prints them')]);
    expect(await problem('in.jsonl', '-o', 'in.csv/out.csv')).toEqual([1, expect.stringContaining('Cannot write')]);
    expect(await problem('in.jsonl', '-o', 'out.jsonl.gz')).toEqual([2, expect.stringContaining('not as .gz')]);
    expect(await problem('in.jsonl', '-o', '-', '-f', 'csv')).toEqual([2, expect.stringContaining('-o out.csv')]);
    expect(await problem('in.jsonl', '--max-rows', '1')).toEqual([2, expect.stringContaining('add --offline')]);
    expect(await problem('nope.jsonl')).toEqual([1, expect.stringContaining('nope.jsonl')]);
    expect(await problem('in.jsonl', '--max-cost', '1')).toEqual([2, expect.stringContaining('prices.yaml')]);
    expect(await problem('in.jsonl', '-t', '{{ nope')).toEqual([2, expect.stringContaining('template')]);
    writeFileSync(join(anna.home, 'taken.jsonl'), 'mine\n');
    expect(await problem('in.jsonl', '-o', 'taken.jsonl')).toEqual([2, expect.stringContaining('--overwrite')]);
    expect(server.count).toBe(0);
    expect((await anna.run(RUN)).code).toBe(0);
    expect(await problem('in.jsonl', '-o', 'out.jsonl', '-s', 'Be brief')).toEqual([
      2,
      expect.stringContaining('another setting of system'),
    ]);
    for (const options of [['--dry-run'], ['--new'], ['-m', 'local/other'], ['-o', 'other.jsonl'], ['--offline']])
      expect(await problem('--run', 'latest', ...options)).toEqual([2, expect.stringContaining('leave --run out')]);
    expect((await anna.run(['batch', 'run', '--run', 'latest', '--concurrency', '2'])).code).toBe(0);
    expect(await anna.run(['batch', 'retry-failed', '--resubmit'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--offline'),
    });
    expect(server.count).toBe(3);
    expect(readFileSync(join(anna.home, 'taken.jsonl'), 'utf8')).toBe('mine\n');
    expect(readFileSync(join(anna.home, 'in.csv'), 'utf8')).toBe('text\nmine\n');
  });

  test.skipIf(process.platform === 'win32')('rows out of a named pipe; a table in a folder that is not there yet', async () => {
    await using server = await rowServer((prompt, response) => say(response, `re ${prompt}`));
    using anna = user(server.url);
    const pipe = join(anna.home, 'rows.jsonl');
    execFileSync('mkfifo', [pipe]);
    const run = async (rows: string) => {
      writeFileSync(join(anna.home, 'rows.txt'), rows);
      // Opening a pipe waits for the other end: here in a process that can be ended.
      const writer = spawn('cp', [join(anna.home, 'rows.txt'), pipe]);
      try {
        return await anna.run(['batch', 'run', pipe, '-o', 'new/out.csv']);
      } finally {
        writer.kill();
      }
    };
    expect(await run('{"prompt": "a"}\n{"prompt": "b"}\n')).toMatchObject({ code: 0 });
    // It is read from the start again: what was asked is found on the tape.
    expect(await run('{"prompt": "a"}\n{"prompt": "b"}\n{"prompt": "c"}\n')).toMatchObject({ code: 0 });
    expect(server.count).toBe(3);
    expect(readFileSync(join(anna.home, 'new/out.csv'), 'utf8').match(/re [abc]/g)).toEqual(['re a', 're b', 're c']);
  });

  test('two processes do not work on one run', async () => {
    await using server = await rowServer((prompt, response, count) => {
      if (count > 1) say(response, prompt);
    });
    using anna = user(server.url);
    writeRows(anna, 3);
    const { child, ended } = anna.start([...RUN, '--concurrency', '1', '--json']);
    await new Promise<void>((resolve) => {
      child.stdout?.once('data', () => resolve());
    });
    const { code, stderr } = await anna.run(RUN);
    expect([code, stderr]).toEqual([2, expect.stringContaining('is working on the run')]);
    // Nor on one output, whatever the run.
    const other = await anna.run([...RUN, '-s', 'Be brief', '--new', '--overwrite']);
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('which writes') });
    child.kill('SIGKILL');
    await ended;
  });

  test('a template over CSV, and a table out of it', async () => {
    await using server = await rowServer((prompt, response) => say(response, JSON.stringify({ said: prompt })));
    using anna = user(server.url);
    writeFileSync(join(anna.home, 'in.csv'), 'word,text\ncat,"a ""b"""\nbroken\ndog,x\n');
    const args = ['batch', 'run', 'in.csv', '-t', 'Plural of {{ word }} ({{ text }})?', '-o', 'out.csv'];
    const { code, stderr } = await anna.run(args);
    expect([code, stderr]).toEqual([3, expect.stringContaining('in.csv:3: 1 cells, and there are 2 columns')]);
    const [names, ...rows] = readFileSync(join(anna.home, 'out.csv'), 'utf8').trim().split('\r\n');
    expect(names).toBe(
      'id,index,status,text,json,finish_reason,model,input_tokens,output_tokens,calls,word,input_text,error_code,error_message',
    );
    expect(rows.map((row) => row.replace(/"\[""\w+""\]"/, 'CALLS'))).toEqual([
      '0,0,ok,"{""said"":""Plural of cat (a \\""b\\"")?""}","{""said"":""Plural of cat (a \\""b\\"")?""}",stop,local/small,5,2,CALLS,cat,"a ""b""",,',
      '1,1,error,,,,,,,,,,invalid-request,"in.csv:3: 1 cells, and there are 2 columns."',
      '2,2,ok,"{""said"":""Plural of dog (x)?""}","{""said"":""Plural of dog (x)?""}",stop,local/small,5,2,CALLS,dog,x,,',
    ]);
    // The table is made anew out of what is kept.
    expect((await anna.run(args)).code).toBe(3);
    expect(server.count).toBe(2);
  });

  test("lines of OpenAI's batch API give lines of its output; stdin and stdout", async () => {
    await using server = await rowServer((prompt, response) => {
      if (prompt === 'bad') response.writeHead(422, { 'content-type': 'application/json' }).end('{"error": {"message": "too odd"}}');
      else say(response, `re ${prompt}`);
    });
    using anna = user(server.url);
    const line = (id: string, content: string): string =>
      JSON.stringify({
        custom_id: id,
        method: 'POST',
        url: '/v1/chat/completions',
        body: { model: 'local/other', messages: [{ role: 'user', content }] },
      });
    const input = `${line('a', 'hi')}\n${line('b', 'bad')}\n${line('a', 'again')}\n`;
    const { code, stdout } = await anna.run(['batch', 'run', '-', '-o', '-'], { input, env: { LMDECK_MODEL: '' } });
    expect(code).toBe(3);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((each): unknown => JSON.parse(each)),
    ).toMatchObject([
      {
        custom_id: 'a',
        response: {
          status_code: 200,
          body: {
            model: 'local/other',
            choices: [{ index: 0, message: { role: 'assistant', content: 're hi' }, finish_reason: 'stop' }],
            usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
          },
        },
        error: null,
      },
      { custom_id: 'b', response: { status_code: 422 }, error: { code: 'invalid-request', message: expect.stringContaining('too odd') } },
      { status: 'error', error: { message: expect.stringContaining('the custom_id "a" occurs before') } },
    ]);
  });

  test('failed rows of a run that writes nothing, or whose output is gone or was changed, are told by the tape', async () => {
    await using server = await rowServer((prompt, response) => {
      if (prompt === 'bad') response.writeHead(422, { 'content-type': 'application/json' }).end('{"error": {"message": "too odd"}}');
      else say(response, `re ${prompt}`);
    });
    using anna = user(server.url);
    writeFileSync(join(anna.home, 'in.jsonl'), '{"prompt": "good"}\n{"prompt": "bad", "id": "b"}\nno JSON\n');
    const told = async (): Promise<readonly unknown[]> => {
      const { stdout } = await anna.run(['batch', 'show', '--failed']);
      return stdout
        .trim()
        .split('\n')
        .map((each): unknown => JSON.parse(each));
    };
    const byTape = [
      { id: 'b', index: 1, status: 'error', model: 'local/small', error: { code: 'invalid-request', status: 422 } },
      { id: '2', index: 2, status: 'error' },
    ];
    expect((await anna.run(['batch', 'run', 'in.jsonl'])).code).toBe(3);
    expect(await told()).toMatchObject(byTape);
    expect((await anna.run(RUN)).code).toBe(3);
    expect(await told()).toMatchObject([{}, { index: 2, error: { message: expect.stringContaining('in.jsonl:3') } }]);
    writeFileSync(join(anna.home, 'out.jsonl'), 'a letter\n'.repeat(200));
    expect(await told()).toMatchObject(byTape);
    rmSync(join(anna.home, 'out.jsonl'));
    expect(await told()).toMatchObject(byTape);
  });

  test('a dry run counts and asks nothing', async () => {
    await using server = await rowServer((prompt, response) => say(response, prompt));
    using anna = user(server.url);
    writeFileSync(join(anna.home, 'in.jsonl'), '{"prompt": "four chars"}\n{"nothing": 1}\n');
    const { code, stdout } = await anna.run(['batch', 'run', 'in.jsonl', '--dry-run', '--json', '-p', 'max_tokens', '9']);
    expect([code, server.count]).toEqual([3, 0]);
    expect(JSON.parse(stdout)).toMatchObject({
      rows: 2,
      malformed: 1,
      answers: 1,
      input_tokens: 2.5,
      counted: 'characters',
      max_output_tokens: 9,
      max_cost_micros: null,
    });
  });
});
