import { expect, test } from 'vitest';
import { pythonFloat, type PythonValue } from '../../python/index.ts';
import { harnessRequestKey, type RequestType } from './harness-request-key.ts';

// Keys that hash_args of EleutherAI/lm-evaluation-harness (0.4.13) gave on Python 3.11.
test.each<[RequestType, PythonValue[], string]>([
  ['loglikelihood', ['The sky is', ' blue'], '3ddb09c92be4828d31cb036e288bc507e4483f53720a2e04a58b7fe30309b03e'],
  ['loglikelihood_rolling', ['Hello'], '592c5c11801994d5f6c611112c11a1e79c94bcdb49142b3a18940e561a636e49'],
  [
    'generate_until',
    ['Q: 1+1?\nA:', { until: ['\n\n'], max_gen_toks: 256, temperature: pythonFloat(0), do_sample: false }],
    'b1649b5e5bbb8b9326e24d8d4608b2e4d0cb2f9bf9e7c699edd5025f0eb21ea4',
  ],
  ['generate_until', ['café 😀', { until: [] }], 'f6d37817ea97518fa14287a6e35b98bfd21fbd5c9acc8417bdff040f512ab714'],
  [
    'generate_until',
    ['x', { temperature: 0, top_p: 1e-5, big: pythonFloat(1e16), f: pythonFloat(1) }],
    'ac7097ce1e002b41119fde579fa5d47c51e2a1ccd01bc53b615d12b789d14f91',
  ],
])('the key of %s %j', (type, args, key) => {
  expect(harnessRequestKey(type, args)).toBe(key);
});
