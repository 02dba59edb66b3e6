import type { OfflineJob, OfflineStatus } from './offline-options.ts';
import { isFinished, type PartState, type RunState } from './run-state.ts';

/** How a run stands, by its journal alone. */
export function statusOf(state: RunState): OfflineStatus {
  const { head, parts, prepared, cancelled } = state;
  const asked = parts.filter(({ rows }) => rows > 0);
  const sum = (of: (part: PartState) => number): number => asked.reduce((total, part) => total + of(part), 0);
  const missing = sum(({ fetched, stage, rows }) => {
    if (fetched !== undefined) return fetched.retry === undefined ? fetched.missing : 0;
    return cancelled && stage === 'planned' ? rows : 0;
  });
  const finished = isFinished(state);
  return {
    run: head.run,
    model: head.model,
    provider: head.provider,
    ...(head.source === undefined ? {} : { source: head.source }),
    startedAt: head.at,
    state: prepared === undefined ? 'unprepared' : !finished ? 'running' : cancelled && missing > 0 ? 'cancelled' : 'finished',
    rows: prepared?.rows ?? 0,
    refused: prepared?.refused ?? 0,
    ok: sum(({ fetched }) => fetched?.ok ?? 0),
    failed: sum(({ fetched }) => fetched?.failed ?? 0),
    missing,
    expired: sum(({ fetched }) => (fetched?.retry === undefined ? (fetched?.expired ?? 0) : 0)),
    jobs: asked.map(jobOf),
  };
}

function jobOf(part: PartState): OfflineJob {
  const { job, stage, state, counts, rows, attempt, fetched, refused } = part;
  const error = fetched?.error ?? (stage === 'planned' ? refused : undefined);
  return {
    part: part.part,
    ...(job === undefined ? {} : { id: job }),
    state: stage === 'planned' || stage === 'uncertain' ? stage : fetched?.gone !== undefined ? 'gone' : (state ?? 'waiting'),
    rows,
    attempt,
    ...(counts === undefined ? {} : { counts }),
    fetched: stage === 'fetched',
    ...(error === undefined ? {} : { error: { code: error.code, message: error.message } }),
  };
}
