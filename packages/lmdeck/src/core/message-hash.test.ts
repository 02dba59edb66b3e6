import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from './canonical-json.ts';
import { chainHashes, messageHash } from './message-hash.ts';
import { assistant, system, user, type Message } from './message.ts';
import { sha256 } from './sha256.ts';

/** The definition, without the short cuts. */
function defined(messages: readonly Message[]): string[] {
  const hashes: string[] = [];
  for (const message of messages) hashes.push(sha256(canonicalJson({ message, parent: hashes.at(-1) ?? null, v: 1 })));
  return hashes;
}

test('plain text has the hash that its definition gives, whatever characters are in it', () => {
  for (let unit = 0; unit < 0x10000; unit++) {
    const text = `a${String.fromCharCode(unit)}`;
    if (text.isWellFormed()) expect(messageHash(user(text), undefined)).toBe(defined([user(text)])[0]);
  }
  const history = fc.array(
    fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => user(text)),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(history, (messages) => {
      expect(chainHashes(messages)).toEqual(defined(messages));
    }),
  );
});

test('system prompts that are met again have their own hash each, also where there are many and long ones', () => {
  const prompts = [...Array.from({ length: 200 }, (_, i) => `You are number ${i}.`), 'x'.repeat(70_000), 'y'.repeat(70_000), ''];
  for (const text of [...prompts, ...prompts]) {
    const messages = [system(text), user('hi'), assistant('hello'), user('bye')];
    expect(chainHashes(messages)).toEqual(defined(messages));
  }
});

test('a system prompt in another place or with more to it is another message', () => {
  const plain = system('Be brief.');
  const named: Message = { ...plain, name: 'boss' };
  const rich: Message = { role: 'system', parts: [{ type: 'text', text: 'Be brief.', providerMetadata: { anthropic: { cache: true } } }] };
  const histories = [
    [plain, user('hi')],
    [named, user('hi')],
    [rich, user('hi')],
    [user('Be brief.'), user('hi')],
    [user('first'), plain, user('hi')],
    [plain, plain, user('hi')],
  ];
  for (const messages of [...histories, ...histories]) expect(chainHashes(messages)).toEqual(defined(messages));
  expect(new Set(histories.map((messages) => chainHashes(messages).at(-1))).size).toBe(histories.length);
});
