import { BLOCK_BYTES, fileBlocks } from './file-blocks.ts';
import type { SourcePrefix } from './row-source.ts';

/**
 * Digests of the beginnings of a file, made while it is read: a chain over its whole blocks, each digest covering the one before it, and one
 * of what is left. So a run that goes on needs neither what was before nor the state of a hash.
 */
export class PrefixDigest implements SourcePrefix {
  readonly #path: string;
  #begun = false;
  /** Over this many whole blocks. */
  #chain = '';
  #blocks = 0;
  /** What was read after them. */
  readonly #held: Buffer[] = [];
  /** Blocks that can be read into again. */
  readonly free: Buffer[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  /** The next block of the file, its lines cut. */
  add(block: Buffer): void {
    if (this.#begun) this.#held.push(block);
    else if (block.length === BLOCK_BYTES) this.free.push(block);
  }

  advance(offset: number): void {
    while ((this.#blocks + 1) * BLOCK_BYTES <= offset) {
      const block = this.#held.shift();
      if (block === undefined) throw new RangeError('the digest of something that was not read');
      this.#chain = chained(this.#chain, block);
      this.#blocks++;
      if (block.length === BLOCK_BYTES) this.free.push(block);
    }
  }

  digest(offset: number): string {
    this.advance(offset);
    const rest = offset - this.#blocks * BLOCK_BYTES;
    if (rest < 0) throw new RangeError('the digest of something that was advanced over');
    return `${this.#blocks}:${this.#chain}:${chained('', this.#held[0]?.subarray(0, rest) ?? Buffer.alloc(0))}`;
  }

  async matches(offset: number, digest: string): Promise<boolean> {
    const other = new PrefixDigest(this.#path);
    other.begin();
    for await (const block of fileBlocks(this.#path, 0, other.free)) {
      other.add(block);
      const end = other.#blocks * BLOCK_BYTES + block.length;
      if (end >= offset) return other.digest(offset) === digest;
      if (block.length < BLOCK_BYTES) return false;
      other.advance(end);
    }
    return offset === 0 && other.digest(0) === digest;
  }

  begin(digest = '0::'): void {
    const [blocks = '', chain = ''] = digest.split(':');
    this.#begun = true;
    this.#blocks = Number(blocks);
    this.#chain = chain;
    this.#held.length = 0;
  }
}

function chained(before: string, block: Uint8Array): string {
  const hash = process.getBuiltinModule('node:crypto').createHash('sha256');
  return hash.update(before).update(block).digest('hex');
}
