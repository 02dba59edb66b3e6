import { expect, test } from 'vitest';

import { mediaTypeOfName, sniffMediaType } from './media-type.ts';

test.each([
  ['png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], 'image/png'],
  ['jpeg', [0xff, 0xd8, 0xff, 0xe0], 'image/jpeg'],
  ['pdf', [...Buffer.from('%PDF-1.7')], 'application/pdf'],
  ['wav', [...Buffer.from('RIFF\u0000\u0000\u0000\u0000WAVEfmt ')], 'audio/wav'],
  ['webp', [...Buffer.from('RIFF\u0000\u0000\u0000\u0000WEBPVP8 ')], 'image/webp'],
  ['mp4', [0, 0, 0, 0x20, ...Buffer.from('ftypisom')], 'video/mp4'],
  ['utf-8', [...Buffer.from('Grüße')], 'text/plain'],
])('%s is known by its bytes', (_, bytes, expected) => {
  expect(sniffMediaType(Uint8Array.from(bytes), 'file')).toBe(expected);
});

test('bytes win over the name, the name over a guess', () => {
  expect(sniffMediaType(Uint8Array.from([0xff, 0xd8, 0xff]), 'lie.png')).toBe('image/jpeg');
  expect(sniffMediaType(Buffer.from('# Title'), 'notes.md')).toBe('text/markdown');
  expect(sniffMediaType(Uint8Array.from([0, 1, 2]), 'blob')).toBeUndefined();
  expect(mediaTypeOfName('https://example.com/a.JPG?size=2')).toBe('image/jpeg');
  expect(mediaTypeOfName('constructor.constructor')).toBeUndefined();
});

test.each([
  ['BMW makes cars.', 'cars', 'text/plain'],
  ['The new WAVE of music', 'music.md', 'text/markdown'],
  ['ID3 is a learner of decision trees', 'trees.txt', 'text/plain'],
  ['%PDF-1.7 all in ASCII', 'paper', 'application/pdf'],
])('a text may begin like a picture or a sound: %s', (text, name, expected) => {
  expect(sniffMediaType(Buffer.from(text), name)).toBe(expected);
});
