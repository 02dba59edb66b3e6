import type { StoredCall } from '../core/index.ts';

/** What of a call a fixture keeps: nothing that is another one at each recording. */
export type FixtureCall = Pick<
  StoredCall,
  'model' | 'endpoint' | 'revision' | 'request' | 'samples' | 'error' | 'usage' | 'resolvedModel' | 'chunks' | 'durationMs'
> & { readonly status: 'ok' | 'error' | 'aborted' };

/** The content of a fixture file. */
export interface Fixture {
  /** Whose it is: the full name of the test. */
  readonly title?: string | undefined;
  readonly calls: readonly FixtureCall[];
}

/** The format's version, written into each file. */
export const FIXTURE_VERSION = 1;
