import type { CallStore, CallTrace } from '../core/index.ts';

/** On the trace itself and not in a WeakMap: collecting garbage costs a multiple when every call has an entry in one. */
const stores = Symbol('stores that record this call');

type RecordedTrace = CallTrace & { [stores]?: readonly CallStore[] };

/** Notes that a call is being recorded in a store. */
export function markRecorded(trace: RecordedTrace, store: CallStore): void {
  const before = trace[stores];
  trace[stores] = before === undefined ? [store] : [...before, store];
}

/** True when a wrapper further out records the call in this store: it must not be written twice. */
export function isRecorded(trace: RecordedTrace, store: CallStore): boolean {
  return trace[stores]?.includes(store) === true;
}
