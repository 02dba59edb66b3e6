import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { addEndpoint, parseEndpoints, removeEndpoint, type EndpointFile } from './endpoint-file.ts';

let home: string;
let file: EndpointFile;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'lmdeck-endpoints-'));
  file = { path: join(home, 'endpoints.yaml'), presets: ['openai', 'vllm'] };
});
afterEach(() => rm(home, { recursive: true, force: true }));

describe('reading', () => {
  test('every field, as a map', async () => {
    const text = `
# our servers
office:
  preset: vllm
  baseUrl: https://llm.example/v1
  key: office
  headers: { X-Team: search, x-token: { env: TOKEN }, x-other: { key: other } }
  extraBody: { top_k: 40 }
  refuses: [seed]
  maxTokensField: max_tokens
  reasoningField: thoughts
  sendBack: [details]
  sendReasoning: { field: reasoning, when: always }
  tls: { ca: ./ca.pem, verify: true }
  proxy: http://proxy:3128
  timeouts: { connectMs: 10, firstTokenMs: 20, idleMs: 30, totalMs: 40 }
  capabilities: { tools: false, attachments: ["image/*"] }
  concurrency: 8
  limits: { requestsPerMinute: 500, requestsPerSecond: 20, tokensPerMinute: 2e5, inputTokensPerMinute: 1.5e5, outputTokensPerMinute: 5e4, fixed: true }
  models:
    - small
    - id: big
      name: org/Big-70B
      aliases: [b]
      options: { temperature: 0 }
      capabilities: { logprobs: true }
      limits: { tokensPerMinute: 1000 }
      price: { input: 0.15, output: 0.6, cachedInput: 0.075, cacheWrite: 0 }
local: { baseUrl: "http://127.0.0.1:1", proxy: false, key: { env: K }, limits: false }
`;
    expect(await parseEndpoints(file, text)).toEqual([
      {
        name: 'office',
        preset: 'vllm',
        baseUrl: 'https://llm.example/v1',
        key: 'office',
        headers: { 'x-team': 'search', 'x-token': { env: 'TOKEN' }, 'x-other': { key: 'other' } },
        extraBody: { top_k: 40 },
        refuses: ['seed'],
        maxTokensField: 'max_tokens',
        reasoningField: 'thoughts',
        sendBack: ['details'],
        sendReasoning: { field: 'reasoning', when: 'always' },
        tls: { ca: './ca.pem', verify: true },
        proxy: 'http://proxy:3128',
        timeouts: { connectMs: 10, firstTokenMs: 20, idleMs: 30, totalMs: 40 },
        capabilities: { tools: false, attachments: ['image/*'] },
        concurrency: 8,
        limits: {
          requestsPerMinute: 500,
          requestsPerSecond: 20,
          tokensPerMinute: 200_000,
          inputTokensPerMinute: 150_000,
          outputTokensPerMinute: 50_000,
          fixed: true,
        },
        models: [
          { id: 'small' },
          {
            id: 'big',
            name: 'org/Big-70B',
            aliases: ['b'],
            options: { temperature: 0 },
            capabilities: { logprobs: true },
            limits: { tokensPerMinute: 1000 },
            price: { input: 0.15, output: 0.6, cachedInput: 0.075, cacheWrite: 0 },
          },
        ],
      },
      { name: 'local', baseUrl: 'http://127.0.0.1:1', proxy: false, key: { env: 'K' }, limits: false },
    ]);
  });

  test('a list; anchors; nothing', async () => {
    const text =
      '- &a { name: one, preset: vllm }\n- { name: two, baseUrl: "http://h/v1", headers: &h { a: b } }\n- { name: three, baseUrl: "http://h/v1", headers: *h }\n';
    expect((await parseEndpoints(file, text)).map(({ name, headers }) => [name, headers])).toEqual([
      ['one', undefined],
      ['two', { a: 'b' }],
      ['three', { a: 'b' }],
    ]);
    expect(await parseEndpoints(file, '# nothing yet\n')).toEqual([]);
  });

  test.each([
    ['a: { baseUrl: "http://h/v1",\n  kee: x }', '2:3: unknown key "kee". Did you mean key?'],
    ['- name: a\n  baseURL: http://h/v1', '2:3: unknown key "baseURL". Did you mean baseUrl?'],
    ['a:\n  models: [x]', '1:1: the endpoint a needs a "baseUrl", such as http://127.0.0.1:8000/v1, or a "preset": openai, vllm.'],
    ['- name: a\n  preset: vllm\n- preset: vllm\n  name: a', '4:3: there are two endpoints called "a".'],
    ['a: { preset: vllm }\na: { preset: vllm }', '2:1: not valid YAML: Map keys must be unique'],
    ['a:\n  preset: vlm', '2:3: "preset" must be one of openai, vllm. Did you mean vllm?'],
    ['a:\n  baseUrl: localhost:8000', '2:3: "baseUrl" must be a URL that begins with http:// or https://'],
    ['a:\n  baseUrl: http://me:secret@h/v1', '2:3: "baseUrl" must not contain a user name or password'],
    ['a:\n  baseUrl: 8000', '2:3: "baseUrl" must be a text: a URL such as'],
    ['a:\n  preset: vllm\n  models:\n    - x\n    - { name: y }', '5:7: a model needs an "id"'],
    ['a:\n  preset: vllm\n  models:\n    - id: x\n      capabilities: { tool: true }', '5:23: unknown key "tool". Did you mean tools?'],
    ['a:\n  preset: vllm\n  capabilities: { tools: yes }', '3:19: "tools" must be true or false.'],
    ['a:\n  preset: vllm\n  headers:\n    x-a: { file: b }', '4:12: unknown key "file".'],
    ['a:\n  preset: vllm\n  headers:\n    x-a: {}', '4:5: expected a text or { env: NAME } or { key: NAME }.'],
    ['a:\n  preset: vllm\n  headers: { "a b": c }', '3:14: "a b" cannot be the name of an HTTP header.'],
    ['a:\n  preset: vllm\n  tls: { verify: 1 }', '3:10: "verify" must be true or false.'],
    ['a:\n  preset: vllm\n  timeouts: { idleMs: fast }', '3:15: "idleMs" must be a number of milliseconds'],
    ['a:\n  preset: vllm\n  sendReasoning: { field: reasoning }', '3:3: "when" must be one of always, with-tool-calls.'],
    ['a:\n  preset: vllm\n  limits: { requestPerMinute: 5 }', '3:13: unknown key "requestPerMinute". Did you mean requestsPerMinute'],
    ['a:\n  preset: vllm\n  limits:\n    tokensPerMinute: 0', '4:5: "tokensPerMinute" must be a number above 0.'],
    ['a:\n  preset: vllm\n  limits: { fixed: 1 }', '3:13: "fixed" must be true or false.'],
    ['a:\n  preset: vllm\n  limits: 500', '3:3: "limits" must be an object, such as { requestsPerMinute: 500, tokensPerMinute: 200000 }.'],
    [
      'a:\n  preset: vllm\n  models:\n    - id: x\n      price: { input: 1 }',
      '5:7: a price needs "input" and "output", in dollars per million',
    ],
    ['a:\n  preset: vllm\n  models:\n    - id: x\n      price: { input: -1, output: 2 }', '5:16: "input" must be a number of dollars'],
    ['a:\n  preset: vllm\n  models:\n    - id: x\n      price: { in: 1, output: 2 }', '5:16: unknown key "in".'],
    ['a/b:\n  preset: vllm', '1:1: "a/b" cannot be the name of an endpoint'],
    ['- preset: vllm', '1:3: an endpoint needs a "name"'],
    ['a:\n  name: b\n  preset: vllm', '2:3: "name" is b, but the entry is called a.'],
    ['a: [1', '1:6: not valid YAML'],
    ['just text', '1:1: the file must be an object'],
    ['- x', '1:3: entry 1 of the list must be an object'],
  ])('%j', async (text, message) => {
    await expect(parseEndpoints(file, text)).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining(`${file.path}:${message}`),
    });
  });
});

describe('editing keeps what people wrote', () => {
  const text = '# Ours\na:\n  preset: vllm # fast\n\n# The other\nb:\n  baseUrl: http://h/v1\n  headers: {x: "1"}\n';

  test('add to a map, to a list and to no file', async () => {
    await writeFile(file.path, text);
    await addEndpoint(file, { name: 'c', baseUrl: 'http://c/v1', models: [{ id: 'm', aliases: ['mm'] }] });
    const after = await readFile(file.path, 'utf8');
    for (const kept of ['# Ours', '# fast', '# The other', 'c:\n  baseUrl: http://c/v1\n']) expect(after).toContain(kept);
    expect((await parseEndpoints(file, after)).map((each) => each.name)).toEqual(['a', 'b', 'c']);

    await writeFile(file.path, '# list\n- name: a\n  preset: vllm\n');
    await addEndpoint(file, { name: 'c', preset: 'vllm' });
    expect(await readFile(file.path, 'utf8')).toBe('# list\n- name: a\n  preset: vllm\n- name: c\n  preset: vllm\n');

    await rm(file.path);
    await addEndpoint(file, { name: 'c', preset: 'vllm' });
    expect(await readFile(file.path, 'utf8')).toBe('c:\n  preset: vllm\n');
  });

  test('remove', async () => {
    await writeFile(file.path, text);
    expect(await removeEndpoint(file, 'b')).toBe(true);
    expect(await removeEndpoint(file, 'b')).toBe(false);
    expect(await readFile(file.path, 'utf8')).toContain('preset: vllm # fast');
    expect(await removeEndpoint(file, 'a')).toBe(true);
    expect(await parseEndpoints(file, await readFile(file.path, 'utf8'))).toEqual([]);
    await addEndpoint(file, { name: 'c', preset: 'vllm' });
    expect(await parseEndpoints(file, await readFile(file.path, 'utf8'))).toEqual([{ name: 'c', preset: 'vllm' }]);
  });

  test('what would be wrong is refused and nothing is written', async () => {
    await writeFile(file.path, text);
    await expect(addEndpoint(file, { name: 'a', preset: 'vllm' })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('already'),
    });
    await expect(addEndpoint(file, { name: 'c' })).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining('"baseUrl"') });
    await expect(addEndpoint(file, { name: 'c d', preset: 'vllm' })).rejects.toMatchObject({ code: 'usage' });
    expect(await readFile(file.path, 'utf8')).toBe(text);
    await writeFile(file.path, 'a: [1');
    await expect(addEndpoint(file, { name: 'c', preset: 'vllm' })).rejects.toMatchObject({ code: 'config' });
  });
});
