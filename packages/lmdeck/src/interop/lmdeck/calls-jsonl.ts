import type { StoredCall } from '../../core/index.ts';
import type { CallFormat, ForeignRow, WriteContext } from '../call-format.ts';
import type { ImportSource } from '../import-source.ts';
import { callLine, parseCallLine } from './call-line.ts';

/** lmdeck's own exchange format: everything that the tape has of a call, a line of JSON for each. */
export const callsJsonl: CallFormat = {
  name: 'lmdeck',
  summary: "lmdeck's JSONL: whole calls, to keep, share and merge",
  okOnly: false,
  sniff: ({ firstLine }) => /^\{\s*"lmdeck"\s*:/.test(firstLine),
  read,
  writeText,
};

async function* read(source: ImportSource): AsyncGenerator<ForeignRow, undefined> {
  for await (const { number, text } of source.lines()) {
    const where = `line ${number}`;
    try {
      yield { where, call: parseCallLine(text) };
    } catch (error) {
      yield { where, problem: error instanceof Error ? error.message : String(error) };
    }
  }
  return undefined;
}

async function* writeText(calls: AsyncIterable<StoredCall>, context: WriteContext): AsyncGenerator<string, undefined> {
  for await (const call of calls) {
    if (call.status === 'started') context.passOver('calls that are still running');
    else yield callLine(call);
  }
  return undefined;
}
