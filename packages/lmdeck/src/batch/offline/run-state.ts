import { LmdeckError, type BatchJob, type ErrorInfo } from '../../core/index.ts';
import type { FetchedRecord, JournalRecord, PartPlan, RunHead } from './journal.ts';

/**
 * How a part stands. `planned`: no job yet; `uncertain`: handed in, and nobody knows whether there is a job; `open`: there is a job;
 * `fetched`: what it brought is on the tape.
 */
export interface PartState extends PartPlan {
  readonly stage: 'planned' | 'uncertain' | 'open' | 'fetched';
  /** When it was last handed in. */
  readonly submittedAt?: number;
  readonly account?: string;
  /** What was uploaded for a job that may not have been made. */
  readonly file?: string;
  readonly job?: string;
  readonly createdAt?: number;
  readonly state?: BatchJob['state'];
  readonly rawState?: string;
  readonly counts?: BatchJob['counts'];
  readonly fetched?: FetchedRecord;
  /** Why the last try to hand it in failed. */
  readonly refused?: ErrorInfo;
}

/** What a journal says. */
export interface RunState {
  readonly head: RunHead;
  readonly parts: readonly PartState[];
  /** All rows are in parts. */
  readonly prepared?: { readonly rows: number; readonly refused: number; readonly digest: string };
  readonly cancelled: boolean;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Puts records together. @throws LmdeckError `config` when they are not those of a run. */
export function runState(records: readonly JournalRecord[], path: string): RunState {
  const [head] = records;
  if (head?.type !== 'run') throw new LmdeckError('config', `${path} does not say which run it is of.`);
  const parts = new Map<number, Mutable<PartState>>();
  const state: Mutable<RunState> = { head, parts: [], cancelled: false };
  for (const record of records) apply(record, state, parts, path);
  return { ...state, parts: [...parts.values()] };
}

function apply(record: JournalRecord, state: Mutable<RunState>, parts: Map<number, Mutable<PartState>>, path: string): void {
  switch (record.type) {
    case 'run':
      return;
    case 'prepared':
      state.prepared = record;
      return;
    case 'cancelled':
      state.cancelled = true;
      return;
    case 'part':
      plan(record, parts);
      return;
    default:
      break;
  }
  const part = parts.get(record.part);
  if (part === undefined) throw new LmdeckError('config', `${path} tells of a part ${record.part} that it does not have.`);
  switch (record.type) {
    case 'submitting':
      part.stage = 'uncertain';
      part.submittedAt = record.at;
      if (record.account !== undefined) part.account = record.account;
      break;
    case 'uploaded':
      part.file = record.file;
      break;
    case 'submitted':
      delete part.file;
      part.stage = 'open';
      part.job = record.job;
      part.createdAt = record.createdAt;
      break;
    case 'refused':
      delete part.file;
      part.stage = 'planned';
      part.refused = record.error;
      break;
    case 'state':
      part.state = record.state;
      part.rawState = record.rawState;
      if (record.counts !== undefined) part.counts = record.counts;
      break;
    case 'fetched':
      part.stage = 'fetched';
      part.fetched = record;
      if (record.retry !== undefined) plan(record.retry, parts);
      break;
    case 'found':
      part.stage = 'open';
      delete part.fetched;
      break;
  }
}

function plan({ part, rows, bytes, tokens, attempt, crowded, of }: PartPlan, parts: Map<number, Mutable<PartState>>): void {
  const planned = { part, rows, bytes, tokens, attempt, stage: 'planned' } as const;
  parts.set(part, { ...planned, ...(crowded === undefined ? {} : { crowded }), ...(of === undefined ? {} : { of }) });
}

/** True for the state of a job that goes on no more. */
export function isFinal(state: BatchJob['state'] | undefined): boolean {
  return state === 'completed' || state === 'failed' || state === 'expired' || state === 'cancelled';
}

/** True when nothing is left to be done: every part that has rows was fetched, or will not be handed in any more. */
export function isFinished({ parts, prepared, cancelled }: RunState): boolean {
  return (
    prepared !== undefined && parts.every(({ stage, rows }) => rows === 0 || stage === 'fetched' || (cancelled && stage === 'planned'))
  );
}
