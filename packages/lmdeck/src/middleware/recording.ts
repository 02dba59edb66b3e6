import type { CallStore, CallTrace } from '../core/index.ts';

const recorded = new WeakMap<CallTrace, CallStore[]>();

/** Notes that a call is being recorded in a store. */
export function markRecorded(trace: CallTrace, store: CallStore): void {
  const stores = recorded.get(trace);
  if (stores === undefined) recorded.set(trace, [store]);
  else stores.push(store);
}

/** True when a wrapper further out records the call in this store: it must not be written twice. */
export function isRecorded(trace: CallTrace, store: CallStore): boolean {
  return recorded.get(trace)?.includes(store) === true;
}
