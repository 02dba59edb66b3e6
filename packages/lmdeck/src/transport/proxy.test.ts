import { describe, expect, test } from 'vitest';
import { proxyFor } from './proxy.ts';

const forUrl = (url: string, env: Record<string, string>) => proxyFor(new URL(url), undefined, env)?.host;

describe('proxyFor', () => {
  test.each([
    ['https://api.example.com/', { HTTPS_PROXY: 'http://a:1', HTTP_PROXY: 'http://b:1', ALL_PROXY: 'http://c:1' }, 'a'],
    ['http://api.example.com/', { HTTPS_PROXY: 'http://a:1', HTTP_PROXY: 'http://b:1', ALL_PROXY: 'http://c:1' }, 'b'],
    ['http://api.example.com/', { HTTPS_PROXY: 'http://a:1', ALL_PROXY: 'http://c:1' }, 'c'],
    ['http://api.example.com/', { https_proxy: 'http://a:1' }, undefined],
    ['https://api.example.com/', { https_proxy: 'http://a:1', HTTPS_PROXY: 'http://b:1' }, 'a'],
    ['https://api.example.com/', { https_proxy: '', HTTPS_PROXY: 'http://b:1' }, 'b'],
    ['https://api.example.com/', { all_proxy: 'http://a:1' }, 'a'],
    ['https://api.example.com/', {}, undefined],
  ])('%s with %j: %s', (url, env, host) => expect(forUrl(url, env)).toBe(host));

  test.each([
    ['*', true],
    ['api.example.com', true],
    ['API.Example.com', true],
    ['example.com', true],
    ['.example.com', true],
    ['*.example.com', true],
    ['other.org, example.com', true],
    ['other.org example.com', true],
    ['api.example.com:443', true],
    ['api.example.com:8443', false],
    ['ample.com', false],
    ['api.example.com.org', false],
    ['example', false],
    ['', false],
  ])('NO_PROXY=%s exempts api.example.com: %s', (list, exempt) => {
    for (const name of ['NO_PROXY', 'no_proxy'])
      expect(forUrl('https://api.example.com/v1', { HTTPS_PROXY: 'http://proxy:1', [name]: list })).toBe(exempt ? undefined : 'proxy');
  });

  test.each([
    ['http://10.1.2.3:8000/', '10.1.2.3', true],
    ['http://10.1.2.3:8000/', '10.1.2.3:8000', true],
    ['http://10.1.2.3:8000/', '10.1.2.3:80', false],
    ['http://[fd00::1]:8000/', '[fd00::1]', true],
    ['http://[fd00::1]:8000/', 'fd00::1', true],
    ['http://[fd00::1]:8000/', '[fd00::1]:8000', true],
    ['http://[fd00::1]:8000/', '[fd00::1]:80', false],
    ['http://[fd00::1]:8000/', 'fd00::2', false],
  ])('%s with NO_PROXY=%s exempt: %s', (url, list, exempt) => {
    expect(forUrl(url, { HTTP_PROXY: 'http://proxy:1', NO_PROXY: list })).toBe(exempt ? undefined : 'proxy');
  });

  test.each(['http://localhost:11434/', 'http://a.localhost/', 'http://127.0.0.1/', 'http://127.9.9.9/', 'http://[::1]:8000/'])(
    '%s never uses a proxy from the environment, but one that is given',
    (url) => {
      expect(forUrl(url, { HTTP_PROXY: 'http://proxy:1' })).toBeUndefined();
      expect(proxyFor(new URL(url), 'http://given:1', {})?.host).toBe('given');
    },
  );

  test('a given proxy wins over the environment and its exceptions, false switches it off', () => {
    const url = new URL('https://api.example.com/');
    expect(proxyFor(url, 'http://given:1', { HTTPS_PROXY: 'http://env:1', NO_PROXY: '*' })?.host).toBe('given');
    expect(proxyFor(url, false, { HTTPS_PROXY: 'http://env:1' })).toBeUndefined();
  });

  test.each([
    ['http://proxy:3128', { secure: false, host: 'proxy', port: 3128 }],
    ['proxy:3128', { secure: false, host: 'proxy', port: 3128 }],
    ['proxy', { secure: false, host: 'proxy', port: 80 }],
    ['https://proxy/', { secure: true, host: 'proxy', port: 443 }],
    ['http://[::1]:3128', { secure: false, host: '::1', port: 3128 }],
    ['http://me:p%40ss@proxy:1', { secure: false, host: 'proxy', port: 1, authorization: `Basic ${btoa('me:p@ss')}` }],
  ])('reads %s', (text, expected) => expect(proxyFor(new URL('https://x.org'), text, {})).toEqual(expected));

  test.each(['socks5://me:secret@proxy:1080', 'http://', '', 'http://me:secret@pro xy'])('%j is no HTTP proxy', (text) => {
    const make = (): unknown => proxyFor(new URL('https://x.org'), text, {});
    expect(make).toThrow(expect.objectContaining({ code: 'config', message: expect.stringContaining('http://user:password@host:3128') }));
    expect(make).not.toThrow('secret');
  });

  test('an error names the variable', () => {
    expect(() => forUrl('https://x.org', { ALL_PROXY: 'socks5://proxy' })).toThrow('ALL_PROXY');
  });
});
