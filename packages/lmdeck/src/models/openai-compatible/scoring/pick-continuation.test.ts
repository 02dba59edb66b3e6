import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LmdeckError } from '../../../core/index.ts';
import { pickFromText, placeInText, scoredTokens } from './pick-continuation.ts';
import type { ServedToken } from './served-token.ts';

const ascii = fc.oneof(fc.string({ minLength: 1, maxLength: 4 }), fc.constantFrom(' the', '<s>', '\n'));
const pieces = fc.oneof(
  fc.array(ascii, { minLength: 1, maxLength: 8 }),
  fc.array(fc.oneof(ascii, fc.constantFrom('é', '😀', '\uFFFD')), { minLength: 1, maxLength: 8 }),
);
const outcomeOf = (pick: () => unknown): unknown => {
  try {
    return pick();
  } catch (error) {
    return LmdeckError.from(error).toInfo();
  }
};

test('property: what is picked plainly is what the places of all tokens say, and so is what is refused', () => {
  let picked = 0;
  fc.assert(
    fc.property(
      pieces,
      fc.constantFrom(undefined, '<s>', '', 'é'),
      fc.nat(),
      fc.option(fc.nat(), { freq: 1 }),
      (said, bos, seam, changed) => {
        const text = said.join('').toWellFormed();
        // Mostly between two tokens.
        const cut = seam % 4 === 0 ? seam % text.length : said.slice(0, seam % said.length).join('').length;
        const all = [...(bos === undefined ? [] : [bos]), ...said];
        const tokens = all.map((each, i): ServedToken => ({
          text: changed !== null && i === changed % all.length ? `${each}?` : each,
          logprob: i === 0 ? undefined : -i,
          isGreedy: i % 2 === 0,
        }));
        const [context, continuation] = [text.slice(0, cut), text.slice(cut)];
        const served = { tokens };
        const general = outcomeOf(() => scoredTokens(placeInText(context, continuation, served, 'm'), 'm'));
        expect(outcomeOf(() => pickFromText(context, continuation, served, 'm'))).toEqual(general);
        if (Array.isArray(general)) picked++;
      },
    ),
  );
  expect(picked).toBeGreaterThan(10);
});
