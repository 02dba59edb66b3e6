import { InsufficientMemoryError } from 'node-llama-cpp';
import { expect, test } from 'vitest';
import { loadError } from './load-error.ts';

test('too little memory, told by the engine or in the log', () => {
  for (const error of [
    loadError('llama/big', '/m/big.gguf', new InsufficientMemoryError('A context size of 9 is too large for the available RAM'), ''),
    loadError(
      'llama/big',
      '/m/big.gguf',
      new Error('Failed to load model'),
      'ggml_backend_cpu_buffer: failed to allocate buffer of size 99',
    ),
  ])
    expect(error).toMatchObject({ code: 'config', message: expect.stringMatching(/not enough memory for \/m\/big\.gguf.*contextSize/) });
});

test('an architecture that is too new', () => {
  const log = "llama_model_load: error loading model: unknown model architecture: 'zebra'\n";
  expect(loadError('m', '/m.gguf', new Error('x'), log).message).toContain('does not know the architecture "zebra"');
});

test('anything else: the first line of the log, or what was thrown', () => {
  expect(loadError('m', '/m.gguf', new Error('x'), 'gguf_init: bad tensor.\nmore').message).toContain(
    '/m.gguf cannot be loaded: bad tensor. The file',
  );
  expect(loadError('m', '/m.gguf', new Error('thrown\nstack'), '').message).toContain('/m.gguf cannot be loaded: thrown. The file');
});
