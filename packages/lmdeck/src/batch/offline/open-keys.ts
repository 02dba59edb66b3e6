import { mismatch } from '../run/mismatch.ts';
import { callIdOf } from './call-id.ts';
import type { PartIndex } from './part-file.ts';
import { customIdOf } from './part-rows.ts';
import type { RunContext } from './run-context.ts';
import type { PartState } from './run-state.ts';

/** The requests of a part that its job has not answered as they were asked, as far as the tape knows. */
export function openKeys({ api, folder, options }: RunContext, part: PartState, index: PartIndex): readonly string[] {
  const label = folder.label(part.part);
  return [...index.keys()].filter((key) => {
    const call = part.job === undefined ? undefined : options.tape.call(callIdOf(api.provider, part, customIdOf(label, key)));
    return call?.status !== 'ok' || mismatch(call.request, call.samples) !== undefined;
  });
}
