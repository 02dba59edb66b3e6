import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { deckHome, deckPaths } from './paths.ts';

describe('the home of a deck', () => {
  test('LMDECK_HOME wins and may be relative', () => {
    expect(deckHome({ LMDECK_HOME: '/a/b', XDG_CONFIG_HOME: '/x', HOME: '/h' }, '/cwd', 'linux')).toBe('/a/b');
    expect(deckHome({ LMDECK_HOME: 'conf', HOME: '/h' }, '/cwd', 'linux')).toBe('/cwd/conf');
  });

  test('then XDG_CONFIG_HOME when it is absolute, then ~/.config', () => {
    expect(deckHome({ XDG_CONFIG_HOME: '/x', HOME: '/h' }, '/cwd', 'linux')).toBe('/x/lmdeck');
    expect(deckHome({ XDG_CONFIG_HOME: 'x', HOME: '/h' }, '/cwd', 'linux')).toBe('/h/.config/lmdeck');
    expect(deckHome({ LMDECK_HOME: '', XDG_CONFIG_HOME: '', HOME: '/h' }, '/cwd', 'darwin')).toBe('/h/.config/lmdeck');
  });

  test('APPDATA on Windows', () => {
    expect(deckHome({ APPDATA: '/users/ann/appdata' }, '/cwd', 'win32')).toBe(join('/users/ann/appdata', 'lmdeck'));
    expect(deckHome({ USERPROFILE: '/users/ann' }, '/cwd', 'win32')).toBe(join('/users/ann', 'AppData', 'Roaming', 'lmdeck'));
  });

  test('no HOME at all still names a folder', () => {
    expect(deckHome({}, '/cwd', 'linux')).toMatch(/^\/.*\.config\/lmdeck$/);
  });
});

test('the tape can be elsewhere or nowhere', () => {
  expect(deckPaths('/h').tape).toBe('/h/tape.db');
  expect(deckPaths('/h', '/t.db').tape).toBe('/t.db');
  expect(deckPaths('/h', false).tape).toBeUndefined();
});
