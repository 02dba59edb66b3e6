import { expect, test } from 'vitest';
import { ulidAsUuid } from './ulid-as-uuid.ts';

test('a ULID as a UUID has the same 128 bits', () => {
  expect(ulidAsUuid('01jex3m8mkcd3phpq18x2gds5z')).toBe('0193ba3a-2293-6347-68da-e1474506e4bf');
  expect(ulidAsUuid('00000000000000000000000000')).toBe('00000000-0000-0000-0000-000000000000');
});
