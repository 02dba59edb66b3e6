import { didYouMean, LmdeckError } from '../core/index.ts';

/** What is recorded; see `RecordedOptions.record`. */
export type RecordMode = 'never' | 'new' | 'missing' | 'all';

const MODES: readonly RecordMode[] = ['never', 'new', 'missing', 'all'];

/**
 * What LMDECK_RECORD says, else what the test says, else `new`, or `never` where CI is set.
 * @throws LmdeckError `config` for a value of LMDECK_RECORD that is none.
 */
export function recordMode(asked: RecordMode | undefined, env: Readonly<Record<string, string | undefined>>): RecordMode {
  const forced = env['LMDECK_RECORD'] ?? '';
  if (forced !== '') {
    const mode = MODES.find((each) => each === forced);
    if (mode !== undefined) return mode;
    throw new LmdeckError(
      'config',
      `LMDECK_RECORD cannot be ${JSON.stringify(forced)}.${didYouMean(forced, MODES)} It can be ${MODES.join(', ')}.`,
    );
  }
  return asked ?? (isCi(env['CI']) ? 'never' : 'new');
}

function isCi(value = ''): boolean {
  return value !== '' && value !== '0' && value !== 'false';
}
