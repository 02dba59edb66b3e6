import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tinyModelPath } from '../tiny.ts';

/** A temporary folder for variants of the tiny model, gone at the end of the block. */
export class GgufFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'lmdeck-llama-'));

  /** The tiny model with a text of its header replaced by one of the same length. */
  variant(name: string, from: string, to: string): string {
    const bytes = readFileSync(tinyModelPath);
    const at = bytes.indexOf(from);
    if (at < 0 || from.length !== to.length) throw new Error(`cannot replace ${from} by ${to}`);
    bytes.write(to, at, 'latin1');
    return this.write(name, bytes);
  }

  write(name: string, content: Uint8Array | string): string {
    const path = join(this.path, name);
    writeFileSync(path, content);
    return path;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
