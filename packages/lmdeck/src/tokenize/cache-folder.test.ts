import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { cacheFolder } from './cache-folder.ts';

test.each([
  ['linux', { HOME: '/u' }, '/u/.cache/lmdeck'],
  ['linux', { HOME: '/u', XDG_CACHE_HOME: '/c' }, '/c/lmdeck'],
  ['linux', { HOME: '/u', XDG_CACHE_HOME: 'c' }, '/u/.cache/lmdeck'],
  ['linux', { HOME: '/u', LMDECK_HOME: '/deck' }, '/deck/cache'],
  ['darwin', { HOME: '/u', XDG_CACHE_HOME: '/c' }, '/u/Library/Caches/lmdeck'],
  ['win32', { LOCALAPPDATA: '/local' }, '/local/lmdeck'],
] as const)('on %s with %j', (platform, env, expected) => {
  expect(resolve(cacheFolder(env, platform))).toBe(resolve(join(expected)));
});
