import type { CliIo } from '../io/cli-io.ts';

/** Tells when an answer did not end by itself. */
export function warnOfEnd(reason: string | undefined, io: CliIo): void {
  if (reason === 'length') io.note('Warning: the answer was cut off at the token limit (-o maxTokens N raises it).');
  if (reason === 'content-filter') io.note('Warning: the provider cut the answer off for its content.');
}
