import type { StoredCall } from '../../core/index.ts';
import { openTape } from '../../tape/index.ts';
import type { CallFormat, ForeignCall, ForeignRow, ReadOptions } from '../call-format.ts';
import type { ImportSource } from '../import-source.ts';

/** `PRAGMA application_id` of a tape, see docs/tape-format.md. */
const APPLICATION_ID = 0x4c_4d_64_6b;

/** Another tape: its calls are taken over as they are. */
export const tapeFile: CallFormat = {
  name: 'tape',
  summary: 'another tape of lmdeck (SQLite), to merge it',
  okOnly: false,
  sniff: ({ database }) => database?.applicationId === APPLICATION_ID,
  read,
};

async function* read(source: ImportSource, options: ReadOptions): AsyncGenerator<ForeignRow, undefined> {
  await using tape = openTape(source.file, { readOnly: true });
  let running = 0;
  for (const call of tape.iterate({ order: 'oldest' })) {
    if (call.status === 'started') running++;
    else yield { where: `call ${call.id}`, call: foreignCall(call) };
  }
  if (running > 0) options.ignore('calls that are still running', running);
  return undefined;
}

function foreignCall(call: StoredCall): ForeignCall {
  const { status, error, samples, usage, responseId, resolvedModel, firstTokenMs, durationMs, attempts, costMicros, ...more } = call;
  const { cachedFrom, chunks, tags, requestKey, ...start } = more;
  const extras = { ...(tags === undefined ? {} : { tags }), requestKey };
  if (status !== 'ok' && status !== 'error' && status !== 'aborted') return { start, partial: samples, ...extras };
  return {
    start,
    end: {
      status,
      samples,
      ...(error === undefined ? {} : { error }),
      ...(usage === undefined ? {} : { usage }),
      ...(responseId === undefined ? {} : { responseId }),
      ...(resolvedModel === undefined ? {} : { resolvedModel }),
      ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
      ...(durationMs === undefined ? {} : { durationMs }),
      ...(attempts === undefined ? {} : { attempts }),
      ...(costMicros === undefined ? {} : { costMicros }),
      ...(cachedFrom === undefined ? {} : { cachedFrom }),
      ...(chunks === undefined ? {} : { chunks }),
    },
    ...extras,
  };
}
