import { expect, test } from 'vitest';
import { pythonFloat, type PythonValue } from '../../python/index.ts';
import { normalizeGenerationOptions } from './generation-options.ts';

// From tests/models/test_model_utils.py of EleutherAI/lm-evaluation-harness (0.4.13), and values that its normalize_gen_kwargs gave.
const plain = { do_sample: false, until: [], max_gen_toks: 256 };
test.each<[Readonly<Record<string, PythonValue>>, object]>([
  [{}, plain],
  [{ until: 'stop' }, { ...plain, until: ['stop'] }],
  [{ until: ['stop1', 'stop2'] }, { ...plain, until: ['stop1', 'stop2'] }],
  [{ until: null }, { ...plain, until: [null] }],
  [{ max_gen_toks: 100 }, { ...plain, max_gen_toks: 100 }],
  [{ max_gen_toks: '64' }, { ...plain, max_gen_toks: 64 }],
  [{ max_new_tokens: 150 }, { ...plain, max_gen_toks: 150 }],
  [{ max_tokens: 200 }, { ...plain, max_gen_toks: 200 }],
  [{ max_completion_tokens: 250 }, { ...plain, max_gen_toks: 250 }],
  [
    { max_gen_toks: 100, max_new_tokens: 200, max_tokens: 300 },
    { ...plain, max_gen_toks: 100 },
  ],
  [
    { max_new_tokens: 200, max_tokens: 300, max_completion_tokens: 400 },
    { ...plain, max_gen_toks: 200 },
  ],
  [
    { max_tokens: 300, max_completion_tokens: 400 },
    { ...plain, max_gen_toks: 300 },
  ],
  [
    { max_gen_toks: null, max_tokens: 5 },
    { ...plain, max_gen_toks: 5 },
  ],
  [{ temperature: 0 }, { ...plain, temperature: 0 }],
  [{ temperature: 0.7 }, { ...plain, temperature: 0.7, do_sample: true }],
  [
    { temperature: 0.7, do_sample: null },
    { ...plain, temperature: 0.7, do_sample: true },
  ],
  [{ do_sample: false }, { ...plain, temperature: 0 }],
  [
    { do_sample: false, temperature: 0.8 },
    { ...plain, temperature: 0 },
  ],
  [
    { do_sample: true, temperature: 0.9 },
    { ...plain, temperature: 0.9, do_sample: true },
  ],
  [
    { do_sample: true, temperature: 0 },
    { ...plain, temperature: 0, do_sample: true },
  ],
  [
    { top_p: 0.95, top_k: 50, repetition_penalty: 1.1 },
    { ...plain, top_p: 0.95, top_k: 50, repetition_penalty: 1.1 },
  ],
])('%j becomes %j', (given, expected) => {
  const before = structuredClone(given);
  expect(normalizeGenerationOptions(given).options).toEqual(expected);
  expect(given).toEqual(before);
});

test('the default for the token limit can be chosen, floats of a task file count as numbers', () => {
  expect(normalizeGenerationOptions({ temperature: pythonFloat(1) }, 10).options).toEqual({
    temperature: pythonFloat(1),
    do_sample: true,
    until: [],
    max_gen_toks: 10,
  });
});

test('what was decided is said', () => {
  const { warnings } = normalizeGenerationOptions({ do_sample: false, temperature: 0.8, max_tokens: 1, max_new_tokens: 2 });
  expect(warnings).toEqual([
    'generation options: max_new_tokens, max_tokens all limit the tokens; max_new_tokens counts.',
    'generation options: do_sample is false, so temperature 0.8 becomes 0.',
  ]);
  expect(normalizeGenerationOptions({ do_sample: true }).warnings).toEqual([
    'generation options: do_sample is true with temperature 0; set it above 0 to sample.',
  ]);
  expect(normalizeGenerationOptions({ temperature: 0.5, max_tokens: 1 }).warnings).toEqual([]);
});

test.each<[string, Readonly<Record<string, PythonValue>>]>([
  ['max_gen_toks', { max_gen_toks: 'many' }],
  ['temperature', { temperature: null }],
  ['do_sample', { do_sample: 'yes' }],
])('a %s of the wrong kind is refused', (name, options) => {
  expect(() => normalizeGenerationOptions(options)).toThrow(
    expect.objectContaining({ code: 'config', message: expect.stringContaining(name) }),
  );
});
