import { expect, test } from 'vitest';
import { fixturePath } from './fixture-path.ts';
import { recordMode } from './record-mode.ts';

test('LMDECK_RECORD, then what the test says, then whether it is CI', () => {
  expect(recordMode(undefined, {})).toBe('new');
  for (const CI of ['true', '1', 'yes']) expect(recordMode(undefined, { CI })).toBe('never');
  for (const CI of ['', '0', 'false']) expect(recordMode(undefined, { CI })).toBe('new');
  expect(recordMode('missing', { CI: 'true' })).toBe('missing');
  expect(recordMode('never', { CI: 'true', LMDECK_RECORD: 'all' })).toBe('all');
  expect(() => recordMode(undefined, { LMDECK_RECORD: 'al' })).toThrow('LMDECK_RECORD cannot be "al". Did you mean all');
});

test('a test has a file of its own beside its test file', () => {
  const path = (name: string, given?: string): string => fixturePath('/repo/src/a.test.ts', name, given);
  expect(path('knows capitals')).toBe('/repo/src/__recordings__/a.test.ts/knows-capitals.yaml');
  expect(path('x', '../fixtures/y.yaml')).toBe('/repo/fixtures/y.yaml');
  // Names that look alike as files are told apart.
  const names = [
    'a b',
    'a > b',
    'a - b',
    'a: b',
    'a b!',
    'Straße',
    'Strasse',
    '1 + 1',
    '1 - 1',
    '',
    '日本',
    'x'.repeat(200),
    `${'x'.repeat(200)}y`,
    '../../etc',
  ];
  expect(new Set(names.map((name) => path(name))).size).toBe(names.length);
  for (const name of names) expect(path(name)).toMatch(/^\/repo\/src\/__recordings__\/a\.test\.ts\/[^/]{1,85}\.yaml$/);
});
