import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { chatServer, type Answer, type ChatRequest } from './support/chat-server.ts';
import { user } from './support/lmdeck.ts';

function said({ body }: ChatRequest): unknown[] {
  return body.messages.map((message) => message.content);
}

const count = (request: ChatRequest): Answer => ({ text: [`message ${request.body.messages.length}`] });

describe('lmdeck chat', () => {
  test('every line of stdin is a message of one conversation', async () => {
    await using server = await chatServer(count);
    using anna = user(server.url);
    const { code, stdout, stderr } = await anna.run(['chat', '-s', 'Be brief'], { input: 'one\n\ntwo\nexit\nthree\n' });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'message 2\nmessage 4\n' });
    expect(stderr).toContain('Chatting with local/small');
    expect(server.requests.map(said)).toEqual([
      ['Be brief', 'one'],
      ['Be brief', 'one', 'message 2', 'two'],
    ]);
    const rows = JSON.parse((await anna.run(['logs', '--json'])).stdout);
    expect(rows).toHaveLength(2);
    expect(rows[0].conversation_id).toBe(rows[1].conversation_id);
    await anna.run(['chat', '-c'], { input: 'four' });
    expect(server.requests[2] && said(server.requests[2])).toEqual(['Be brief', 'one', 'message 2', 'two', 'message 4', 'four']);
  });

  test('!multi collects lines up to its !end', async () => {
    await using server = await chatServer(count);
    using anna = user(server.url);
    await anna.run(['chat'], { input: '!multi\none\n\ntwo\n!end\n!multi X\n!end\n!end X\n' });
    expect(server.requests.map((request) => said(request).at(-1))).toEqual(['one\n\ntwo', '!end']);
  });

  test('!edit sends what the editor leaves', async () => {
    await using server = await chatServer(count);
    using anna = user(server.url);
    const editor = join(anna.home, 'editor.sh');
    writeFileSync(editor, '#!/bin/sh\nprintf "first\\nsecond\\n" > "$1"\n', { mode: 0o755 });
    await anna.run(['chat'], { input: '!edit\n', env: { EDITOR: editor } });
    expect(server.requests.map((request) => said(request).at(-1))).toEqual(['first\nsecond']);
  });

  test('!model switches, !undo takes back, a mistyped command is not sent', async () => {
    await using server = await chatServer(count);
    using anna = user(server.url);
    const { stderr } = await anna.run(['chat'], { input: 'one\n!undo\n!modle x\n!model local/big\ntwo\n' });
    expect(stderr).toContain('Did you mean !model?');
    expect(server.requests.map((request) => [request.body.model, said(request)])).toEqual([
      ['small', ['one']],
      ['big', ['two']],
    ]);
  });

  test('an error in one turn ends neither the chat nor its history', async () => {
    await using server = await chatServer((request, index) =>
      index === 1 ? { status: 400, body: '{"error":{"message":"no"}}' } : count(request),
    );
    using anna = user(server.url);
    const { code, stdout, stderr } = await anna.run(['chat'], { input: 'one\nbad\ntwo\n' });
    expect(stdout).toBe('message 1\nmessage 3\n');
    expect(stderr).toMatch(/^Error: .*no/m);
    expect(code).toBe(1);
    expect(server.requests.map(said)).toEqual([['one'], ['one', 'message 1', 'bad'], ['one', 'message 1', 'two']]);
  });

  test('Ctrl-C stops the answer, not the chat; what had come stays', async () => {
    await using server = await chatServer((request, index) => (index === 0 ? { text: ['So far'], hang: true } : count(request)));
    using anna = user(server.url);
    const { child, ended, until } = anna.start(['chat']);
    child.stdin?.write('one\n');
    await until('So far');
    child.kill('SIGINT');
    await until('(stopped)');
    child.stdin?.end('two\n');
    expect(await ended).toMatchObject({ code: 0, stdout: 'So far\nmessage 3\n' });
    expect(server.requests.map(said)).toEqual([['one'], ['one', 'So far', 'two']]);
    const rows = JSON.parse((await anna.run(['logs', '--json'])).stdout);
    expect(rows).toMatchObject([{ status: 'aborted', response: 'So far' }, { status: 'ok' }]);
  });

  test('on a terminal a paste is one message, Ctrl-C clears the line, twice leaves', async () => {
    await using server = await chatServer(count);
    using anna = user(server.url);
    const { runOnTerminal } = await import('./support/terminal.ts');
    const terminal = runOnTerminal(anna, ['chat', '--no-markdown']);
    // Written whenever a line begins to be read, in contrast to the prompt, which is drawn again while it is edited.
    const ready = (times: number): Promise<void> => terminal.until('\u001B[?2004h', times);
    await ready(1);
    terminal.type('\u001B[200~one\r\ntwo\u001B[201~\r');
    await terminal.until('message 1');
    await ready(2);
    terminal.type('not this\u0003');
    await terminal.until('^C');
    terminal.type('three\r');
    await terminal.until('message 3');
    await ready(3);
    terminal.type('\u0003');
    await terminal.until('Ctrl-C again');
    await ready(4);
    terminal.type('\u0003');
    expect(await terminal.ended).toBe(0);
    expect(server.requests.map((request) => said(request).at(-1))).toEqual(['one\ntwo', 'three']);
    expect(readFileSync(join(anna.home, 'chat-history'), 'utf8')).toBe('"one\\ntwo"\n"three"\n');
  });

  test('on a terminal Ctrl-C gives up a message of several lines', async () => {
    await using server = await chatServer(count);
    using anna = user(server.url);
    const { runOnTerminal } = await import('./support/terminal.ts');
    const terminal = runOnTerminal(anna, ['chat', '--no-markdown']);
    let lines = 0;
    const type = async (text: string): Promise<void> => {
      await terminal.until('\u001B[?2004h', ++lines);
      terminal.type(text);
    };
    await type('!multi\r');
    await type('not this\r');
    await type('\u0003');
    await terminal.until('(the message is given up)');
    await type('\u0003');
    await terminal.until('(Ctrl-C again, Ctrl-D or exit to leave)');
    await type('this\r');
    await type('\u0004');
    expect(await terminal.ended).toBe(0);
    expect(server.requests.map(said)).toEqual([['this']]);
  });
});
