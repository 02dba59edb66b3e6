import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { isJsonObject, LmdeckError, ulid, type JsonObject, type JsonValue } from '../core/index.ts';
import { openDeck, type Deck, type DeckOptions } from './index.ts';

let root: string;
let home: string;
let decks: Deck[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lmdeck-deck-'));
  home = join(root, 'home');
  decks = [];
});
afterEach(async () => {
  for (const deck of decks) await deck.close().catch(() => undefined);
  await rm(root, { recursive: true, force: true });
});

/** A deck with a home of its own, an empty environment and no plugins but its own ones. */
async function open(options: DeckOptions = {}, env: Record<string, string> = {}): Promise<Deck> {
  const deck = await openDeck({
    home,
    cwd: root,
    env: { LMDECK_PLUGINS: 'mine,throws,lmdeck-demo,lmdeck-default', ...env },
    retry: false,
    ...options,
  });
  decks.push(deck);
  return deck;
}

async function write(path: string, text: string): Promise<void> {
  const file = join(home, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

describe('opening', () => {
  test('reads and makes nothing', async () => {
    await write('config.json', 'not json');
    await write('endpoints.yaml', '- [');
    const deck = await open();
    expect(await readdir(home)).toEqual(['config.json', 'endpoints.yaml']);
    await deck.close();
    expect(await readdir(home)).toEqual(['config.json', 'endpoints.yaml']);
  });

  test('what is asked for, and only that, has to be right', async () => {
    await write('config.json', '{ "logging": }');
    await write('endpoints.yaml', 'mine: [');
    const deck = await open();
    expect(await deck.keys.list()).toEqual([]);
    await expect(deck.model('echo')).rejects.toMatchObject({ code: 'config', message: expect.stringContaining('config.json:1:14') });
    await write('config.json', '{}');
    expect((await deck.model('echo')).id).toBe('echo');
    expect((await deck.model('vllm/x')).id).toBe('vllm/x');
    await expect(deck.model('mine/x')).rejects.toMatchObject({ code: 'config', message: expect.stringContaining('endpoints.yaml:1:') });
  });
});

describe('names', () => {
  test('built-in models, aliases of aliases, any name of a known endpoint, the same object again', async () => {
    const deck = await open();
    await deck.aliases.set('a', 'b');
    await deck.aliases.set('b', 'ollama/llama3.2:1b');
    expect((await deck.model('a')).id).toBe('ollama/llama3.2:1b');
    expect(await deck.model('a')).toBe(await deck.model('ollama/llama3.2:1b'));
    expect(await deck.resolve('openrouter/org/model')).toBe('openrouter/org/model');
    expect(await (await deck.model('mock')).prompt('Hello').text()).toBe('Hello');
    expect(await (await deck.model('echo')).prompt('Hello').json()).toEqual({ prompt: 'Hello' });
  });

  test('the end of an id, if only one model has it', async () => {
    await write(
      'endpoints.yaml',
      'one: { preset: vllm, models: [small, both] }\ntwo: { preset: vllm, models: [{ id: big, name: org/big, aliases: [b] }, both] }\n',
    );
    const deck = await open();
    expect(await deck.resolve('small')).toBe('one/small');
    expect(await deck.resolve('b')).toBe('two/big');
    expect(await deck.resolve('gpt-5.6-luna')).toBe('openai/gpt-5.6-luna');
    await expect(deck.resolve('both')).rejects.toMatchObject({
      code: 'unknown-model',
      message: '"both" could be any of one/both, two/both. Use the full id.',
    });
  });

  test.each([
    ['opnai/gpt-5.6-luna', 'There is no model "opnai/gpt-5.6-luna". Did you mean openai/gpt-5.6-luna? List them: lmdeck models'],
    ['ech', 'There is no model "ech". Did you mean echo? List them: lmdeck models'],
    [
      'gpt-4o',
      'There is no model "gpt-4o". Models of a server are named after it: openai/…, anthropic/…, ollama/…. List them: lmdeck models',
    ],
    ['openai/', '"openai/" is a server, not a model.'],
    ['/x/y.gguf', 'There is no model "/x/y.gguf".'],
    ['', 'There is no model "".'],
  ])('unknown: %j', async (name, message) => {
    await expect((await open()).model(name)).rejects.toMatchObject({ code: 'unknown-model', message: expect.stringContaining(message) });
  });

  test('one that nobody named here: the error says where it comes from, and how to change it', async () => {
    await write('aliases.json', '{ "fast": "luna", "luna": "nowhere/luna" }');
    await write('config.json', '{ "defaultModel": "fast" }');
    const problem = async (name: string | undefined, env: Record<string, string> = {}): Promise<string> => {
      const deck = await open({}, env);
      const [error] = await Promise.all([deck.resolve(name), deck.model(name)].map((each) => each.catch((thrown: unknown) => thrown)));
      return LmdeckError.isInstance(error) && error.code === 'unknown-model' ? error.message : '';
    };
    const alias = `There is no model "nowhere/luna". List them: lmdeck models. The alias fast stands for it (${join(home, 'aliases.json')}). Change it: lmdeck aliases set fast <id>`;
    expect(await problem('fast')).toBe(alias);
    expect(await problem(undefined)).toBe(
      `${alias}. The default model is "fast" (${join(home, 'config.json')}). Choose another one: lmdeck models default <id>`,
    );
    expect(await problem(undefined, { LMDECK_MODEL: 'nope' })).toMatch(/LMDECK_MODEL asks for "nope": set it to another model\.$/);
    expect(await problem('nope')).not.toContain('default');
  });

  test('a loop of aliases', async () => {
    await write('aliases.json', '{ "a": "b", "b": "a" }');
    await expect((await open()).model('a')).rejects.toMatchObject({ code: 'config', message: expect.stringContaining('a → b → a') });
  });
});

describe('the default model', () => {
  test('LMDECK_MODEL, config.json, an OpenAI key, a plugin, an error', async () => {
    await expect((await open()).defaultModel()).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining('lmdeck models default'),
    });
    await write('plugins/node_modules/lmdeck-default/package.json', '{ "lmdeck": { "plugin": "./p.js", "defaultModel": "tiny" } }');
    expect(await (await open()).defaultModel()).toBe('tiny');
    expect(await (await open({}, { OPENAI_API_KEY: 'sk' })).defaultModel()).toBe('openai/gpt-5.6-luna');
    await (await open()).keys.set('openai', 'sk');
    expect(await (await open()).defaultModel()).toBe('openai/gpt-5.6-luna');
    await write('aliases.json', '{ "e": "echo" }');
    await write('config.json', '{ "defaultModel": "e" }');
    expect(await (await open()).defaultModel()).toBe('echo');
    expect((await (await open()).model()).id).toBe('echo');
    expect(await (await open({}, { LMDECK_MODEL: 'mock' })).defaultModel()).toBe('mock');
  });
});

describe('default options', () => {
  test('are in the request and on the tape, below those of the call', async () => {
    await write('config.json', '{ "models": { "echo": { "options": { "temperature": 0, "seed": 1 } } } }');
    const deck = await open();
    const model = await deck.model('echo');
    const response = model.prompt('Hi', { options: { seed: 2 } });
    expect(response.prompt.options).toEqual({ temperature: 0, seed: 2 });
    expect(await response.json()).toMatchObject({ options: { temperature: 0, seed: 2 } });
    await response.reply('Again').text();
    await model
      .conversation({ options: { seed: 3 } })
      .prompt('Hi')
      .text();
    for await (const _ of model.generate({ messages: response.prompt.messages, options: {} }, contextOf(model))) void _;
    const options = (await deck.tape()).calls({ order: 'oldest' }).map((call) => call.request.options);
    expect(options).toEqual([
      { temperature: 0, seed: 2 },
      { temperature: 0, seed: 2 },
      { temperature: 0, seed: 3 },
      { temperature: 0, seed: 1 },
    ]);
  });

  function contextOf(model: Awaited<ReturnType<Deck['model']>>): Parameters<typeof model.generate>[1] {
    return { callId: ulid(), model, startedAt: Date.now(), signal: new AbortController().signal, stream: false, trace: { attempts: 0 } };
  }
});

describe('the tape', () => {
  test('records unless the configuration or the caller says no', async () => {
    const count = async (options: DeckOptions, log?: boolean, text = 'Hello'): Promise<number> => {
      const deck = await open(options);
      await (await deck.model('mock')).prompt(text, log === undefined ? {} : { log }).text();
      await deck.close();
      const reader = await open();
      return (await reader.tape()).count();
    };
    expect(await count({})).toBe(1);
    expect(await count({}, false)).toBe(1);
    expect(await count({ log: false })).toBe(1);
    expect(await count({ readOnlyTape: true })).toBe(1);
    expect(await count({ cache: true, log: false }, undefined, 'Never asked')).toBe(1);
    await write('config.json', '{ "logging": false }');
    expect(await count({})).toBe(1);
    expect(await count({ log: true })).toBe(2);
  });

  test('cache and replay answer from it', async () => {
    const first = await open();
    await (await first.model('mock')).prompt('Hello').text();
    await first.close();

    const cached = await open({ cache: true });
    const hit = (await cached.model('mock')).prompt('Hello');
    expect(await hit.text()).toBe('Hello');
    const [call] = (await cached.tape()).calls({ limit: 1 });
    expect(call).toMatchObject({ status: 'ok', cachedFrom: expect.any(String) });
    await cached.close();

    const replayed = await open({ replay: true });
    const model = await replayed.model('mock');
    expect(await model.prompt('Hello').text()).toBe('Hello');
    await expect(model.prompt('Something else').text()).rejects.toMatchObject({ code: 'replay-miss' });
    expect((await replayed.tape()).count()).toBe(2);
  });

  test('a home that cannot be written costs the record, not the answer', async () => {
    await writeFile(home, 'a file');
    const deck = await open();
    // The files of the configuration are not there, so only the tape is in the way.
    await rm(home);
    const model = await deck.model('mock');
    await writeFile(home, 'a file');
    expect(await model.prompt('Hello').text()).toBe('Hello');
    await expect(deck.close()).rejects.toMatchObject({ code: 'tape' });
    await expect(deck.close()).rejects.toMatchObject({ code: 'tape' });
  });

  test('a deck without one', async () => {
    const deck = await open({ tape: false });
    expect(deck.paths.tape).toBeUndefined();
    await (await deck.model('mock')).prompt('Hello').text();
    await expect(deck.tape()).rejects.toMatchObject({ code: 'usage' });
    await deck.close();
    await expect(readdir(home)).rejects.toThrow('ENOENT');
    await expect(deck.model('mock')).rejects.toMatchObject({ code: 'usage' });
  });

  test('lies where it is told, from the working directory', async () => {
    const deck = await open({ tape: 'here.db' });
    expect((await deck.tape()).path).toBe(join(root, 'here.db'));
  });
});

describe('plugins', () => {
  const plugin = (body: string): string =>
    `let loads = 0;
     const model = (id) => ({ id, capabilities: {}, unload: async () => { globalThis.unloaded = id; }, async *generate() { yield { type: 'text-delta', text: 'from ' + id }; yield { type: 'finish', reason: 'stop' }; } });
     export const plugin = { name: 'mine', ${body} };`;

  test('their models get the same wrappers, and are unloaded with the deck', async () => {
    await write('mine.ts', plugin("models: (registry) => registry.register(model('own'), { aliases: ['o'] })"));
    await write('config.json', '{ "plugins": ["./mine.ts"], "models": { "own": { "options": { "x": 1 } } } }');
    const deck = await open();
    expect(await (await deck.model('o')).prompt('Hi').text()).toBe('from own');
    expect((await deck.tape()).calls()[0]).toMatchObject({ model: 'own', status: 'ok', request: { options: { x: 1 } } });
    expect(await deck.models()).toContainEqual({ id: 'own', aliases: ['o'], source: 'mine', capabilities: {} });
    await deck.close();
    expect(Reflect.get(globalThis, 'unloaded')).toBe('own');
  });

  test('a model that an endpoint has already is not listed twice', async () => {
    await write('mine.ts', plugin("models: (registry) => registry.register(model('lab/x'))"));
    await write('config.json', '{ "plugins": ["./mine.ts"] }');
    await write('endpoints.yaml', 'lab: { preset: vllm, models: [x] }');
    const listed = (await (await open()).models()).filter((each) => each.id === 'lab/x' || each.warning !== undefined);
    expect(listed).toMatchObject([
      { id: 'lab/x', source: 'lab' },
      { id: 'mine', warning: 'mine lists the model lab/x, which lab has already: that one is used.' },
    ]);
  });

  test('one that throws is told of where it matters, and only there', async () => {
    await write('throws.ts', 'throw new Error("boom");');
    await write('config.json', '{ "plugins": ["./throws.ts"] }');
    const deck = await open();
    expect(await (await deck.model('mock')).prompt('Hi').text()).toBe('Hi');
    expect(await deck.plugins()).toMatchObject([{ name: 'throws', loaded: false }]);
    await expect(deck.model('nobody')).rejects.toMatchObject({ code: 'unknown-model', message: expect.stringContaining('boom') });
    expect((await deck.models()).find((each) => each.warning !== undefined)).toMatchObject({
      source: 'throws',
      warning: expect.stringContaining('boom'),
    });
    expect(await deck.pluginCommands()).toEqual([]);
    expect(await deck.plugins()).toMatchObject([{ name: 'throws', loaded: false, error: { code: 'plugin' } }]);
  });

  test('what a file brings is known when it is loaded', async () => {
    const provider = "{ prefix: 'many', resolve: () => undefined, list: () => [] }";
    await write(
      'mine.ts',
      plugin(`models: (registry) => { registry.register(model('one'), { aliases: ['1'] }); registry.registerProvider(${provider}); },
        commands: [{ name: 'greet', summary: 'Greets', run: async () => 0 }]`),
    );
    await write('config.json', '{ "plugins": ["./mine.ts"] }');
    const deck = await open();
    expect(await deck.plugins()).toEqual([{ name: 'mine', path: join(home, 'mine.ts'), loaded: false }]);
    expect(await deck.plugins({ load: true })).toMatchObject([{ loaded: true, brings: { models: ['one', 'many/'], commands: ['greet'] } }]);
  });

  test('a path that a plugin takes is a model', async () => {
    await write(
      'plugins/node_modules/lmdeck-demo/package.json',
      '{ "name": "lmdeck-demo", "type": "module", "lmdeck": { "plugin": "./p.js", "models": ["demo/"], "extensions": [".demo"] } }',
    );
    await write(
      'plugins/node_modules/lmdeck-demo/p.js',
      plugin(
        "models: (r) => r.registerProvider({ prefix: 'demo', list: () => [], claims: (path) => path.endsWith('.demo'), resolve: (name) => model('demo/' + name) })",
      ),
    );
    const deck = await open();
    expect((await deck.model('./x.demo')).id).toBe('demo/./x.demo');
    expect((await deck.model('demo/y')).id).toBe('demo/y');
    expect(await deck.model('demo/y')).toBe(await deck.model('demo/y'));
  });
});

describe('an endpoint of the user', () => {
  interface Seen {
    readonly url: string;
    readonly headers: IncomingHttpHeaders;
    readonly body: JsonObject;
  }
  const served = { data: [{ id: 'org/Big' }, { id: 'served' }] };
  const answer = {
    id: 'r1',
    model: 'org/Big',
    choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
  };
  let server: Server;
  let baseUrl: string;
  let seen: Seen[];

  beforeEach(async () => {
    seen = [];
    server = createServer((request, response) => {
      let text = '';
      request.setEncoding('utf8');
      request.on('data', (chunk: string) => (text += chunk));
      request.on('end', () => {
        const body: JsonValue = JSON.parse(text || '{}');
        seen.push({ url: request.url ?? '', headers: request.headers, body: isJsonObject(body) ? body : {} });
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(request.url === '/v1/models' ? served : answer));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    baseUrl = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/v1`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  test('everything in its entry arrives, and the secrets do not stay', async () => {
    await write(
      'endpoints.yaml',
      `
lab:
  baseUrl: ${baseUrl}
  headers: { x-team: search, x-env: { env: TOKEN }, x-key: { key: other } }
  extraBody: { top_k: 5 }
  models:
    - { id: big, name: org/Big, aliases: [b], options: { temperature: 0.5, seed: 1 } }
`,
    );
    await write('config.json', '{ "models": { "lab/big": { "options": { "seed": 2 } } } }');
    const deck = await open({}, { TOKEN: 'env-secret' });
    await deck.keys.set('lab', 'lab-secret');
    await deck.keys.set('other', 'other-secret');
    const model = await deck.model('b');
    expect(model).toMatchObject({ id: 'lab/big', endpoint: baseUrl });
    expect(await model.prompt('Hello').text()).toBe('hi');
    expect(seen).toMatchObject([
      {
        url: '/v1/chat/completions',
        headers: { authorization: 'Bearer lab-secret', 'x-team': 'search', 'x-env': 'env-secret', 'x-key': 'other-secret' },
        body: { model: 'org/Big', top_k: 5, temperature: 0.5, seed: 2 },
      },
    ]);
    const [call] = (await deck.tape()).calls();
    expect(call).toMatchObject({ model: 'lab/big', endpoint: baseUrl, status: 'ok', request: { options: { temperature: 0.5, seed: 2 } } });
    expect(JSON.stringify(call)).not.toContain('secret');
  });

  test('any name, without a key, and the key of a call', async () => {
    await write('endpoints.yaml', `lab: { baseUrl: "${baseUrl}" }`);
    const model = await (await open()).model('lab/what/ever');
    await model.prompt('Hello').text();
    await model.prompt('Hello', { apiKey: 'mine' }).text();
    expect(seen.map((each) => [each.body['model'], each.headers.authorization])).toEqual([
      ['what/ever', undefined],
      ['what/ever', 'Bearer mine'],
    ]);
  });

  test("a preset's key goes to the preset's server, or where the user says", async () => {
    await write(
      'endpoints.yaml',
      `office: { preset: openai, baseUrl: "${baseUrl}" }\nopenai: { baseUrl: "${baseUrl}" }\nexplicit: { preset: openai, baseUrl: "${baseUrl}", key: openai }\nfromenv: { baseUrl: "${baseUrl}", key: { env: MY_KEY } }\n`,
    );
    const deck = await open({}, { OPENAI_API_KEY: 'sk-openai', MY_KEY: 'my-key' });
    await deck.keys.set('openai', 'sk-stored');
    for (const name of ['office', 'openai', 'explicit', 'fromenv']) await (await deck.model(`${name}/x`)).prompt('Hello').text();
    expect(seen.map((each) => each.headers.authorization)).toEqual([undefined, 'Bearer sk-stored', 'Bearer sk-stored', 'Bearer my-key']);
  });

  test('addresses from the environment', async () => {
    const host = new URL(baseUrl).host;
    const deck = await open({}, { OPENAI_BASE_URL: baseUrl, OPENAI_API_KEY: 'sk-env', OLLAMA_HOST: host, VLLM_BASE_URL: baseUrl });
    for (const name of ['openai', 'ollama', 'vllm']) await (await deck.model(`${name}/x`)).prompt('Hello').text();
    expect(seen.map((each) => each.headers.authorization)).toEqual(['Bearer sk-env', undefined, undefined]);
  });

  test.each([
    ['localhost', 'http://localhost:11434/v1'],
    [':1234', 'http://127.0.0.1:1234/v1'],
    ['0.0.0.0:1234', 'http://127.0.0.1:1234/v1'],
    ['0.0.0.0', 'http://127.0.0.1:11434/v1'],
    ['https://ollama.example/', 'https://ollama.example/v1'],
    ['http://h:1/sub', 'http://h:1/sub/v1'],
  ])('OLLAMA_HOST=%s', async (host, url) => {
    expect(await (await open({}, { OLLAMA_HOST: host })).endpoints.get('ollama')).toMatchObject({ baseUrl: url });
  });

  test('what is missing is named', async () => {
    await write(
      'endpoints.yaml',
      `a: { baseUrl: "${baseUrl}", key: { env: NOT_SET } }\nb: { baseUrl: "${baseUrl}", headers: { x: { env: NOT_SET } } }\nc: { baseUrl: "${baseUrl}", key: nothing }\nd: { baseUrl: "${baseUrl}", tls: { ca: ./no.pem } }\n`,
    );
    const deck = await open();
    const failure = async (name: string): Promise<unknown> =>
      (await deck.model(name))
        .prompt('Hello')
        .text()
        .catch((error: unknown) => error);
    expect(await failure('a/x')).toMatchObject({ code: 'missing-key', message: expect.stringContaining('NOT_SET') });
    await expect(failure('b/x')).rejects.toMatchObject({
      code: 'config',
      message: 'b: the header x needs the environment variable NOT_SET, which is not set.',
    });
    expect(await failure('c/x')).toMatchObject({ code: 'missing-key', message: expect.stringContaining('lmdeck keys set nothing') });
    await expect(failure('d/x')).rejects.toMatchObject({ code: 'config', message: expect.stringContaining(join(home, 'no.pem')) });
    expect(await failure('openai/x')).toMatchObject({ code: 'missing-key', message: expect.stringContaining('lmdeck keys set openai') });
    expect(seen).toEqual([]);
  });

  test('models, listed and asked for', async () => {
    await write(
      'endpoints.yaml',
      `lab: { baseUrl: "${baseUrl}", models: [{ id: big, name: org/Big }] }\ndown: { baseUrl: "http://127.0.0.1:1/v1", models: [m] }\n`,
    );
    const deck = await open();
    await deck.aliases.set('mirror', 'echo');
    const ids = (await deck.models()).map(({ id, source, aliases }) => [id, source, aliases]);
    expect(ids).toEqual([
      ['mock', 'lmdeck', []],
      ['echo', 'lmdeck', ['mirror']],
      ['lab/big', 'lab', []],
      ['down/m', 'down', []],
      ['openai/gpt-5.6-luna', 'openai', []],
    ]);
    expect(seen).toEqual([]);
    const remote = await deck.models({ remote: true });
    expect(remote.map((each) => each.id)).toEqual(expect.arrayContaining(['lab/big', 'lab/served']));
    expect(remote.filter((each) => each.warning !== undefined)).toMatchObject([{ source: 'down' }]);
  });

  test('everything that is sent goes through the given transport', async () => {
    await write('endpoints.yaml', `lab: { baseUrl: "${baseUrl}" }`);
    const urls: string[] = [];
    const deck = await open({
      transport: async (request) => {
        urls.push(request.url);
        throw new LmdeckError('network', 'no way');
      },
    });
    await expect((await deck.model('lab/x')).prompt('Hello').text()).rejects.toMatchObject({
      code: 'network',
      message: expect.stringContaining('no way'),
    });
    expect(urls).toEqual([`${baseUrl}/chat/completions`]);
    expect(seen).toEqual([]);
  });
});

test('a file that cannot be read says why', async () => {
  await mkdir(join(home, 'config.json'), { recursive: true });
  await chmod(home, 0o755);
  await expect((await open()).model('mock')).rejects.toMatchObject({
    code: 'config',
    message: expect.stringContaining('it is a folder, not a file'),
  });
});
