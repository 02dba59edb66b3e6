import { expect, test } from 'vitest';
import { sanitizeModelName } from './sanitize-model-name.ts';

test('what paths cannot have becomes two underscores a run', () => {
  expect(sanitizeModelName('org/model:v1')).toBe('org__model__v1');
  expect(sanitizeModelName('a<>:"/\\|?*[]b')).toBe('a__b');
});
