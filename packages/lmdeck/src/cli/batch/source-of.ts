import { LineSource, openSource, type RowSource } from '../../batch/index.ts';
import { LmdeckError } from '../../core/index.ts';
import type { CliIo } from '../io/cli-io.ts';
import type { BatchSettings } from './batch-record.ts';

/** The rows of a run. */
export function sourceOf({ source, from, sql }: BatchSettings, io: CliIo): RowSource {
  if (source !== '-') return openSource(source, { format: from, query: sql });
  if (from !== undefined && from !== 'jsonl' && from !== 'text')
    throw new LmdeckError('usage', `Rows can be read from stdin as jsonl or text, not as ${from}: write them into a file first.`);
  return new LineSource(stdinBytes(io), from ?? 'either');
}

async function* stdinBytes(io: CliIo): AsyncGenerator<Uint8Array | string, undefined> {
  for await (const chunk of io.stdin) yield typeof chunk === 'string' ? chunk : new Uint8Array(chunk);
  return undefined;
}
