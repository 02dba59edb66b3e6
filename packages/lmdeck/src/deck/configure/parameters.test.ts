import { describe, expect, test } from 'vitest';
import { defineOptions } from '../../core/index.ts';
import { parameters, setParameters, withoutSecrets } from './parameters.ts';

// The case of distilabel's tests: a required secret, an optional value, and the same nested.
const inner = {
  first: { type: 'string', description: 'Runtime param 1', required: true, secret: true },
  second: { type: 'integer', description: 'Runtime param 2', minimum: 1, default: 5 },
} as const;
const schema = defineOptions({ nested: { type: 'object', description: 'A part.', properties: inner }, ...inner });

test('parameters are listed in order, nested ones in their object', () => {
  const listed = [
    { name: 'first', type: 'string', description: 'Runtime param 1', secret: true, optional: false },
    { name: 'second', type: 'integer', description: 'Runtime param 2', minimum: 1, default: 5, optional: true },
  ];
  expect(parameters(schema)).toEqual([
    { name: 'nested', type: 'object', description: 'A part.', optional: true, parameters: listed },
    ...listed,
  ]);
  expect(parameters(undefined)).toEqual([]);
});

describe('setting parameters', () => {
  test('changes what is given and keeps the rest, at every depth', () => {
    const before = { second: 2, nested: { first: 'a', second: 3 } };
    expect(setParameters(schema, before, { nested: { second: '4' } })).toEqual({ second: 2, nested: { first: 'a', second: 4 } });
    expect(setParameters(schema, before, { second: undefined })).toEqual({ nested: { first: 'a', second: 3 } });
    expect(before).toEqual({ second: 2, nested: { first: 'a', second: 3 } });
  });

  test('what there is not is left out with a warning that names the nearest, or all', () => {
    const warnings: string[] = [];
    const after = setParameters(schema, {}, { secnd: 1, second: 2, nested: { zzzzzzzz: 1, second: 3 } }, (message) =>
      warnings.push(message),
    );
    expect(after).toEqual({ second: 2, nested: { second: 3 } });
    expect(warnings).toEqual([
      'There is no parameter secnd: it is left out. Did you mean second?',
      'There is no parameter nested.zzzzzzzz: it is left out. There are: first, second.',
    ]);
  });

  test('a value that a parameter does not take is refused by its path', () => {
    expect(() => setParameters(schema, {}, { nested: { second: 0 } })).toThrow('nested.second must be at least 1, not 0.');
    expect(() => setParameters(schema, {}, { nested: 'x' })).toThrow('nested must be an object.');
    expect(() => setParameters(schema, {}, { nested: [] })).toThrow('nested must be an object.');
  });
});

test('secrets are left out at every depth', () => {
  expect(withoutSecrets(schema, { first: 's', second: 1, nested: { first: 's', second: 1 } })).toEqual({
    second: 1,
    nested: { second: 1 },
  });
});
