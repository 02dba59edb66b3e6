import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { startOf } from '../core/index.ts';
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
    writeFileSync(path, `${process.ppid} ${startOf(process.ppid) ?? ''}`);
    expect(claimFile(path)).toEqual({ owner: process.ppid });
    // Without its start, where the system does not tell.
    writeFileSync(path, String(process.ppid));
    expect(claimFile(path)).toEqual({ owner: process.ppid });
    if (startOf(process.ppid) === undefined) return;
    writeFileSync(path, `${process.ppid} 1`);
    expect(claimFile(path)).toBeTypeOf('function');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
