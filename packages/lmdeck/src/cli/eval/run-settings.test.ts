import { expect, test } from 'vitest';
import type { CommandIo } from '../../deck/index.ts';
import { parseArgs } from '../args/parse-args.ts';
import { CliIo } from '../io/cli-io.ts';
import { processIo } from '../io/process-io.ts';
import { modelArgs } from './model-args.ts';
import { runOptions } from './run-options.ts';
import { generationOf, givenSettings } from './run-settings.ts';

function settings(...words: readonly string[]) {
  const io: CommandIo = { ...processIo(), env: {} };
  const { args, options } = parseArgs({ name: 'run', summary: '', arguments: ['[tasks...]'], options: runOptions }, words, 'run', {});
  return givenSettings(args, options, new CliIo(io), modelArgs(options.texts('modelArgs')));
}

test('long options can be written with dashes and underscores', () => {
  expect(settings('--num_fewshot', '5', '--gen_kwargs=temperature=0.5')).toEqual(
    settings('--num-fewshot=5', '--gen-kwargs', 'temperature=0.5'),
  );
  expect(settings('--num_fewshot', '5')).toEqual({ numFewshot: 5 });
});

test('tasks are names and paths, separated by commas or spaces', () => {
  expect(settings('--tasks', 'a,b', 'c', '--tasks', '/x/d.yaml', '--include_path', '/tasks')).toEqual({
    tasks: ['a', 'b', '/x/d.yaml', 'c'],
    include: ['/tasks'],
  });
});

test('a seed is one for all or four; the third is of generation, the fourth of examples', () => {
  expect(settings('--seed', '7')).toEqual({ seed: 7, fewshotSeed: 7 });
  expect(settings('--seed', '0,None,8,52')).toEqual({ seed: 8, fewshotSeed: 52 });
  expect(settings('--seed', '1,2,3,None')).toEqual({ seed: 3 });
  expect(() => settings('--seed', '1,2')).toThrow('--seed takes one whole number, or four');
});

test('switches with and without a value', () => {
  expect(settings('--apply_chat_template', '--fewshot_as_multiturn', 'False')).toEqual({ chat: true, fewshotAsTurns: false });
  expect(() => settings('--apply_chat_template', 'tool_use')).toThrow("The model's own template is the one that is used");
});

test('limits, documents, folders', () => {
  expect(settings('--limit', '0.5', '--data', 'gsm8k=/data/gsm8k')).toEqual({ limit: 0.5, data: { gsm8k: '/data/gsm8k' } });
  expect(settings('--samples', '{"a": [0, 2]}')).toEqual({ samples: { a: [0, 2] } });
  expect(() => settings('--samples', '{"a": [-1]}')).toThrow('--samples takes a JSON object');
  expect(() => settings('--samples', '{"a": [1]}', '--limit', '3')).toThrow('exclude each other');
  expect(() => settings('--limit', '0')).toThrow('--limit takes a whole number of at least 1');
  expect(() => settings('--data', 'x')).toThrow('--data takes NAME=FOLDER');
});

test('generation options: pairs or JSON', () => {
  expect(generationOf('temperature=0.5,do_sample=true')).toEqual({ temperature: 0.5, do_sample: true });
  expect(generationOf('{"until": ["\\n", "Q:"]}')).toEqual({ until: ['\n', 'Q:'] });
  expect(() => generationOf('hot')).toThrow('"hot" has no "="');
});
