import type { RetryInfo } from '../../middleware/index.ts';
import type { CliIo } from '../io/cli-io.ts';
import { withoutSecrets } from '../io/report-error.ts';
import { seconds } from './usage-text.ts';

/** Tells people why they wait; scripts only when they debug: what they get in the end says how many attempts there were. */
export function tellRetry({ attempt, attempts, delayMs, error }: RetryInfo, secrets: readonly string[], io: CliIo): void {
  if (io.stderr.isTTY !== true && io.env['LMDECK_DEBUG'] !== '1') return;
  const why = withoutSecrets(error.message, secrets, io);
  io.note(`Retrying in ${seconds(delayMs)} (attempt ${attempt + 1} of ${attempts}): ${why}`);
}
