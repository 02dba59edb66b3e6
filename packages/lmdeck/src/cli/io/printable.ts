import { harmless } from '../markdown/ansi.ts';
import type { CliIo } from './cli-io.ts';

/** Text of models and files as it may go to stdout: a terminal gets no control characters, a pipe gets everything. */
export function printable(text: string, io: CliIo): string {
  return io.stdout.isTTY === true ? harmless(text) : text;
}
