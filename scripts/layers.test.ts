import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkLayers, violations } from './layers.ts';

test('an import that goes up is named with its file and what the folder may use', () => {
  expect(violations('core/ulid.ts', `import { openTape } from '../tape/index.ts';`)).toEqual([
    'core/ulid.ts: imports ../tape/index.ts; core/ may use nothing',
  ]);
});

test('an import sideways between capabilities is refused', () => {
  expect(violations('tape/tape.ts', `export { mock } from '../models/index.ts';`)).toHaveLength(1);
});

test('a capability is entered through its index.ts', () => {
  expect(violations('tape/tape.ts', `import type { Message } from '../core/message.ts';`)).toEqual([
    'tape/tape.ts: imports ../core/message.ts; go through core/index.ts',
  ]);
});

test('dynamic imports count, imports down and inside the folder are fine', () => {
  expect(violations('deck/deck.ts', `const { main } = await import('../cli/main.ts');`)).toHaveLength(1);
  expect(violations('deck/deck.ts', `import { a } from './a.ts';\nimport { ulid } from '../core/index.ts';`)).toEqual([]);
});

test('costly builtins are refused as static imports, not as types', () => {
  expect(violations('transport/a.ts', `import http from 'node:http';`)).toHaveLength(1);
  expect(violations('transport/a.ts', `import type { Agent } from 'node:http';`)).toEqual([]);
});

test('the one import that goes up is that of its file, and late', () => {
  expect(violations('core/forced-replay.ts', `await import('../testing/environment-replay.ts')`)).toEqual([]);
  expect(violations('core/forced-replay.ts', `import { a } from '../testing/environment-replay.ts';`)).toHaveLength(1);
  expect(violations('core/forced-replay.ts', `await import('../testing/index.ts')`)).toHaveLength(1);
  expect(violations('core/ulid.ts', `await import('../testing/environment-replay.ts')`)).toHaveLength(1);
});

test('a folder without a rule is refused', () => {
  expect(violations('utils/a.ts', '')).toEqual(['utils/a.ts: folder "utils" has no place in scripts/layers.ts']);
});

test('this checkout keeps its layers', () => {
  expect(checkLayers(join(import.meta.dirname, '..'))).toEqual([]);
});
