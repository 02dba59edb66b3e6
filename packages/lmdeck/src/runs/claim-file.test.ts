import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { claimFile, claimOwner } from './claim-file.ts';

test('one holds a claim at a time; what a dead process left is taken over', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lmdeck-claim-'));
  const path = join(folder, 'process');
  try {
    const release = claimFile(path);
    expect(release).toBeTypeOf('function');
    expect(claimOwner(path)).toBe(process.pid);
    expect(claimFile(path)).toEqual({ owner: process.pid });
    if (typeof release === 'function') release();
    expect(claimOwner(path)).toBeUndefined();
    // Process numbers come again, in containers nearly always.
    for (const dead of [process.pid, 2 ** 22 + 1]) {
      writeFileSync(path, String(dead));
      expect(claimOwner(path)).toBeUndefined();
      const taken = claimFile(path);
      expect(taken).toBeTypeOf('function');
      if (typeof taken === 'function') taken();
    }
    writeFileSync(path, String(process.ppid));
    expect(claimFile(path)).toEqual({ owner: process.ppid });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
