import { afterEach, describe, expect, test, vi } from 'vitest';
import { languageModel, LmdeckError, type ToolDefinition } from '../core/index.ts';
import { openTape } from '../tape/index.ts';
import { record } from './record.ts';
import { replay } from './replay.ts';
import { wantsColors } from './terminal-colors.ts';
import { failure, recorded, replayed, saying, silent } from './test-support/replayed.ts';

afterEach(() => vi.unstubAllEnvs());

test('the closest prompt and the difference, and how to record', async () => {
  vi.stubEnv('FORCE_COLOR', '0');
  await using tape = openTape(':memory:');
  await recorded(tape, 'What is the capital of France?\nAnswer in one word.', 'Paris');
  const [call] = tape.calls();
  const error = await failure(replayed(tape).prompt('What is the capital of Spain?\nAnswer in one word.').text());
  expect(error.code).toBe('replay-miss');
  expect(error.retryable).toBe(false);
  expect(error.message).toBe(
    [
      'Nothing is recorded for this request to saying.',
      `Closest recorded prompt: call ${call?.id} (similarity 0.911).`,
      'From that prompt to this one ([-recorded-] {+asked+}):',
      '  message 1 (user): What is the capital of [-France-]{+Spain+}?',
      '  Answer in one word.',
      "Record it: run once with replay(tape, { on: 'record' }), or with record(tape) in place of replay(tape).",
    ].join('\n'),
  );
  expect(error.data).toEqual({
    closestCallId: call?.id,
    score: expect.closeTo(0.911, 3),
    requestKey: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
});

test('which settings differ, where the text does not', async () => {
  vi.stubEnv('FORCE_COLOR', '0');
  await using tape = openTape(':memory:');
  const tool = (name: string, description: string): ToolDefinition => ({ name, description, parameters: { type: 'object' } });
  await languageModel({ ...saying('Hello'), endpoint: 'http://a/v1' }, record(tape))
    .prompt('Hi', {
      options: { temperature: 0, seed: 1 },
      tools: [tool('look', 'Looks.'), tool('go', 'Goes.')],
      schema: { type: 'string' },
    })
    .text();
  const other = languageModel({ ...silent, id: 'other', endpoint: 'http://b/v1' }, replay(tape));
  const error = await failure(
    other
      .prompt('Hi', {
        options: { temperature: 1, maxTokens: 5 },
        tools: [tool('look', 'Looks at it.')],
        toolChoice: 'required',
        samples: 2,
      })
      .text(),
  );
  expect(error.message.split('\n').slice(2, -1)).toEqual([
    'The prompts are the same.',
    'Settings that differ (recorded → asked):',
    '  model: "saying" → "other"',
    '  endpoint: "http://a/v1" → "http://b/v1"',
    '  tools.look.description: "Looks." → "Looks at it."',
    '  tools.go: {"description":"Goes.","parameters":{"type":"object"}} → not set',
    '  schema: {"type":"string"} → not set',
    '  options.temperature: 0 → 1',
    '  options.seed: 1 → not set',
    '  options.maxTokens: not set → 5',
    '  tool choice: not set → "required"',
    '  samples: not set → 2',
  ]);
});

test('the order of the tools, where it is all that differs', async () => {
  await using tape = openTape(':memory:');
  const tools = ['look', 'go'].map((name): ToolDefinition => ({ name, parameters: { type: 'object' } }));
  await languageModel(saying('Hello'), record(tape)).prompt('Hi', { tools }).text();
  const error = await failure(replayed(tape).prompt('Hi', { tools: tools.toReversed() }).text());
  expect(error.toInfo().message).toContain('  tool order[0]: "look" → "go"\n  tool order[1]: "go" → "look"');
});

test('what is relaxed is not named as a difference', async () => {
  await using tape = openTape(':memory:');
  await recorded(tape, 'Hi', 'Hello');
  const other = languageModel({ ...silent, id: 'other' }, replay(tape, { relax: ['model', 'options.seed'] }));
  const { message } = (await failure(other.prompt('Hi', { options: { seed: 1, temperature: 1 } }).text())).toInfo();
  expect(message).toContain('Settings that differ (recorded → asked):\n  options.temperature: not set → 1\nRecord it');
});

test('an empty tape, a tape with nothing like it, and advice of the caller', async () => {
  await using tape = openTape(':memory:');
  const ask = async () => (await failure(replayed(tape, { advice: 'Run it with a key.' }).prompt('Hi').text())).message;
  const nothing = 'Nothing is recorded for this request to saying.\nNo recorded prompt is at all like it.\nRun it with a key.';
  expect(await ask()).toBe(nothing);
  await recorded(tape, 'A quite different matter, 12345', 'x');
  expect(await ask()).toBe(nothing);
});

test('a search that did not look at everything says so', async () => {
  await using tape = openTape(':memory:');
  await recorded(tape, 'Hi there', 'x');
  const store = {
    start: () => {},
    checkpoint: () => {},
    finish: () => {},
    find: () => undefined,
    flush: async () => {},
    closest: (...given: Parameters<typeof tape.closest>) => ({ ...tape.closest(...given), compared: 20_000, complete: false }),
  };
  const error = await failure(replayed(store).prompt('Hi here').text());
  expect(error.message).toContain('(Only the 20000 newest of the recorded prompts were looked at, and no longer than a few seconds.)');
});

describe('colours', () => {
  test('on a terminal, and never in what is kept', async () => {
    vi.stubEnv('FORCE_COLOR', '1');
    await using tape = openTape(':memory:');
    await recorded(tape, 'one two', 'x');
    await using log = openTape(':memory:');
    const model = languageModel(silent, record(log), replay(tape));
    const error = await failure(model.prompt('one 2').text());
    expect(error.message).toContain('one \u001B[31m[-two-]\u001B[39m\u001B[32m{+2+}\u001B[39m');
    expect(LmdeckError.isInstance(error)).toBe(true);
    expect(log.calls()[0]?.error?.message).toContain('one [-two-]{+2+}');
    expect(JSON.stringify(error)).not.toContain('\\u001b');
  });

  test('FORCE_COLOR, then NO_COLOR and TERM, then whether it is a terminal', () => {
    const wants = (env: Readonly<Record<string, string>>, isTerminal = true): boolean => wantsColors({ env, isTerminal });
    expect(wants({})).toBe(true);
    expect(wants({}, false)).toBe(false);
    expect(wants({ NO_COLOR: '1' })).toBe(false);
    expect(wants({ NO_COLOR: '' })).toBe(true);
    expect(wants({ TERM: 'dumb' })).toBe(false);
    expect(wants({ FORCE_COLOR: '1', NO_COLOR: '1' }, false)).toBe(true);
    expect(wants({ FORCE_COLOR: '0' })).toBe(false);
  });
});
