import { LmdeckError, type CallStatus, type JsonValue } from '../../core/index.ts';
import type { Deck } from '../../deck/index.ts';
import type { CallFilter, Tape } from '../../tape/index.ts';
import type { CommandOption } from '../args/command.ts';
import type { ParsedOptions } from '../args/parsed-options.ts';
import { parseTime } from '../logs/parse-time.ts';
import { tagWord } from './tag-words.ts';

/** Which calls to export. */
export const filterOptions: readonly CommandOption[] = [
  { flags: '-q, --query <words>', description: 'Only calls whose prompt or answer has these (FTS5 syntax)' },
  { flags: '-m, --model <id>', description: 'Only calls of this model (id or alias)', completes: 'model' },
  { flags: '--run <name>', description: 'Only calls of this run' },
  { flags: '--cid, --conversation <id>', description: 'Only this conversation', completes: 'conversation' },
  { flags: '--tag <name=value>', description: 'Only calls with this tag or metadata', repeatable: true },
  { flags: '--status <status>', description: 'ok, error, aborted or interrupted (default: ok; all for the format lmdeck)' },
  { flags: '--since <time>', description: 'Not before: 2026-11-20, today, yesterday, or an age: 90m, 2h, 3d' },
  { flags: '--until <time>', description: 'Before this time' },
  { flags: '--limit <number>', description: 'The first so many' },
];

const STATUSES: readonly CallStatus[] = ['ok', 'error', 'aborted', 'interrupted'];

/** @throws LmdeckError `usage` */
export async function exportFilter(options: ParsedOptions, tape: Tape, deck: Deck): Promise<CallFilter> {
  const [query, model, runId, since, until] = ['query', 'model', 'run', 'since', 'until'].map((name) => options.text(name));
  const limit = options.integer('limit', 1);
  const tags = options.texts('tag').map((word) => tagWord(word, '--tag'));
  const conversation = options.text('conversation');
  return {
    ...(query === undefined ? {} : { query }),
    ...(model === undefined ? {} : { model: await fullName(model, deck) }),
    ...(runId === undefined ? {} : { runId }),
    ...(conversation === undefined ? {} : { conversationId: conversationOf(tape, conversation) }),
    ...(tags.length === 0 ? {} : { tags: Object.fromEntries<JsonValue>(tags) }),
    ...statusFilter(options.text('status')),
    ...(since === undefined ? {} : { since: parseTime(since, '--since') }),
    ...(until === undefined ? {} : { until: parseTime(until, '--until') }),
    ...(limit === undefined ? {} : { limit }),
  };
}

function statusFilter(status: string | undefined): { status?: CallStatus } {
  if (status === undefined) return {};
  const known = STATUSES.find((each) => each === status);
  if (known === undefined) throw new LmdeckError('usage', `--status is one of ${STATUSES.join(', ')}, not "${status}".`);
  return { status: known };
}

function conversationOf(tape: Tape, id: string): string {
  const found = tape.conversation(id);
  if (found === undefined) throw new LmdeckError('usage', `There is no conversation ${id}. List them: lmdeck logs conversations`);
  return found.id;
}

/** An alias stands for its model; a model that is not configured any more can still be looked for. */
async function fullName(model: string, deck: Deck): Promise<string> {
  try {
    return await deck.resolve(model);
  } catch {
    return model;
  }
}
