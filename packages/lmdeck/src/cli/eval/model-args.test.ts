import { expect, test } from 'vitest';
import { modelArgs } from './model-args.ts';

test('arguments of lm-evaluation-harness in our words', () => {
  const args = modelArgs([
    'model=qwen3-8b,base_url=http://127.0.0.1:8000/v1/completions,num_concurrent=8,max_retries=3',
    'timeout=60,max_gen_toks=32',
  ]);
  expect(args).toEqual({
    model: 'qwen3-8b',
    baseUrl: 'http://127.0.0.1:8000/v1',
    concurrency: 8,
    retries: 2,
    timeoutSeconds: 60,
    settings: { maxGenerationTokens: 32 },
    notes: [],
  });
  expect(modelArgs(['{"pretrained": "a", "think_end_token": "</think>"}'])).toMatchObject({
    model: 'a',
    settings: { thinkEnd: '</think>' },
  });
  expect(modelArgs(['pretrained=a,model=b']).model).toBe('b');
});

test('max_length leaves the windows that the harness makes', () => {
  // Its 2048 become 2047, and windows of 2046.
  expect(modelArgs(['max_length=2048']).settings.maxLength).toBe(2046);
});

test('what has no meaning is named, keys and wrong values are refused', () => {
  expect(modelArgs(['tokenizer_backend=huggingface,frobnicate=1']).notes).toEqual([
    'model_args: tokenizer_backend is passed over: it is decided by the model and its endpoint.',
    'model_args: frobnicate is not known and is passed over.',
  ]);
  expect(() => modelArgs(['auth_token=sk-123'])).toThrow('lmdeck keys set');
  expect(() => modelArgs(['num_concurrent=many'])).toThrow('num_concurrent takes a whole number of at least 1, not many');
  expect(() => modelArgs(['verify_certificate=false'])).toThrow('Set tls in endpoints.yaml');
  expect(() => modelArgs(['{oops'])).toThrow('--model_args is no JSON');
});
