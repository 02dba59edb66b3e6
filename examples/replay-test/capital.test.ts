/**
 * Tests of code that asks a model: `node --test examples/replay-test/*.test.ts`. They were recorded once, with the model; now they run without it, in
 * milliseconds. Change a word of the prompt in capital.ts and see what they say; `LMDECK_RECORD=all` records them anew.
 */
// oxlint-disable typescript/no-floating-promises -- node:test waits for its tests by itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recorded, type RecordedOptions } from 'lmdeck/testing';
import { capitalOf } from './capital.ts';

/** Which build of the model has answered does not matter here. */
const options: RecordedOptions = { relax: ['revision'] };

test(
  'knows the capital of France',
  recorded(async () => {
    assert.equal(await capitalOf('France'), 'Paris');
  }, options),
);

test(
  'knows others at the same time',
  recorded(async () => {
    assert.deepEqual(await Promise.all(['Italy', 'Spain'].map(capitalOf)), ['Rome', 'Madrid']);
  }, options),
);
