import { LmdeckError, type CallStatus, type JsonValue, type StoredCall } from '../../core/index.ts';
import type { Deck } from '../../deck/index.ts';
import type { CallFilter, Tape } from '../../tape/index.ts';
import type { ParsedOptions } from '../args/parsed-options.ts';
import { tagWord } from '../tape/tag-words.ts';
import { parseTime } from './parse-time.ts';

const STATUSES: readonly CallStatus[] = ['ok', 'error', 'aborted', 'interrupted', 'started'];
const DEFAULT_COUNT = 3;

/**
 * The calls that the options of `logs list` ask for: the newest `-n`, oldest first; a search newest first. All of them are
 * read one at a time.
 *
 * @throws LmdeckError `usage`
 */
export async function selectCalls(
  options: ParsedOptions,
  query: string | undefined,
  tape: Tape,
  deck: Deck,
): Promise<Iterable<StoredCall>> {
  const filter = await callFilter(options, query, tape, deck);
  const count = options.integer('count') ?? (filter.conversationId === undefined ? DEFAULT_COUNT : 0);
  const newestFirst = query !== undefined || options.flag('latest');
  const from = options.text('idGte');
  if (from !== undefined) return newestFrom(tape, filter, from, count, newestFirst);
  if (count === 0) return tape.iterate({ ...filter, order: newestFirst ? 'newest' : 'oldest' });
  const calls = tape.calls({ ...filter, limit: count, order: 'newest' });
  return newestFirst ? calls : calls.toReversed();
}

async function callFilter(options: ParsedOptions, query: string | undefined, tape: Tape, deck: Deck): Promise<CallFilter> {
  const model = options.text('model');
  const since = options.text('since');
  const until = options.text('until');
  const after = options.text('idGt');
  const schema = options.text('schema');
  const conversation = conversationId(options, tape);
  const tags = options.texts('tag').map((word) => tagWord(word, '--tag'));
  return {
    ...(query === undefined ? {} : { query }),
    ...(model === undefined ? {} : { model: await fullName(model, deck) }),
    ...statusFilter(options.text('status')),
    ...(tags.length === 0 ? {} : { tags: Object.fromEntries<JsonValue>(tags) }),
    ...(since === undefined ? {} : { since: parseTime(since, '--since') }),
    ...(until === undefined ? {} : { until: parseTime(until, '--until') }),
    ...(after === undefined ? {} : { afterId: after }),
    ...(schema === undefined ? {} : { schema: await schemaText(schema) }),
    ...(conversation === undefined ? {} : { conversationId: conversation }),
  };
}

function statusFilter(status: string | undefined): { status?: CallStatus } {
  if (status === undefined) return {};
  const known = STATUSES.find((each) => each === status);
  if (known === undefined) throw new LmdeckError('usage', `--status is one of ${STATUSES.join(', ')}, not "${status}".`);
  return { status: known };
}

/** An alias stands for its model; a model that is not configured any more can still be looked for. */
async function fullName(model: string, deck: Deck): Promise<string> {
  try {
    return await deck.resolve(model);
  } catch {
    return model;
  }
}

function conversationId(options: ParsedOptions, tape: Tape): string | undefined {
  const id = options.text('conversation');
  if (id !== undefined) {
    const found = tape.conversation(id);
    if (found === undefined) throw new LmdeckError('usage', `There is no conversation ${id}. List them: lmdeck logs conversations`);
    return found.id;
  }
  if (!options.flag('current')) return undefined;
  const [latest] = tape.conversations({ limit: 1 });
  if (latest === undefined) throw new LmdeckError('usage', 'There is no conversation yet.');
  return latest.id;
}

async function schemaText(input: string): Promise<string> {
  if (/^[0-9a-f]{64}$/.test(input)) return input;
  const { schemaInput } = await import('../prompt/schema-input.ts');
  return JSON.stringify(schemaInput(input));
}

function newestFrom(tape: Tape, filter: CallFilter, id: string, count: number, newestFirst: boolean): StoredCall[] {
  const calls: StoredCall[] = [];
  for (const call of tape.iterate({ ...filter, order: 'newest' })) {
    if (call.id < id || (count > 0 && calls.length === count)) break;
    calls.push(call);
  }
  return newestFirst ? calls : calls.toReversed();
}
