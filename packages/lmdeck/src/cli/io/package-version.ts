import { LmdeckError } from '../../core/index.ts';

/** The version of this package. */
export async function packageVersion(): Promise<string> {
  const { readFileSync } = await import('node:fs');
  const manifest: unknown = JSON.parse(readFileSync(new URL(import.meta.resolve('lmdeck/package.json')), 'utf8'));
  if (typeof manifest !== 'object' || manifest === null || !('version' in manifest))
    throw new LmdeckError('internal', 'package.json has no version.');
  return String(manifest.version);
}
