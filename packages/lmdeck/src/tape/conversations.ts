import { conversationName, type Message, messageText, type StoredCall } from '../core/index.ts';
import type { CallQuery } from './call-query.ts';
import { ambiguous } from './call-query.ts';
import { asNumber, asText, type Database, type Row } from './database.ts';
import type { MessageStore } from './message-store.ts';
import type { CallFilter, ConversationFilter, ConversationSummary, StoredConversation } from './tape.ts';

/** The calls of one conversation: those that carry its id, and the one whose own id it is. */
const OF_CONVERSATION = '(c.conversation = ?1 OR (c.id = ?1 AND c.conversation IS NULL))';

/** Conversations: a view over the calls. A call outside any other conversation is one of its own. */
export class Conversations {
  readonly #database: Database;
  readonly #messages: MessageStore;
  readonly #query: CallQuery;

  constructor(database: Database, messages: MessageStore, query: CallQuery) {
    this.#database = database;
    this.#messages = messages;
    this.#query = query;
  }

  list(filter: ConversationFilter): ConversationSummary[] {
    const { limit = Infinity, query, model } = filter;
    const calls: CallFilter = { ...(query === undefined ? {} : { query }), ...(model === undefined ? {} : { model }) };
    if (query !== undefined || model !== undefined) return this.#matching(calls, limit);
    return this.#newest(calls, limit);
  }

  /** The conversation of an id, of a call's id, or of a prefix of these that only one conversation has. */
  get(id: string): StoredConversation | undefined {
    const found = this.#resolve(id);
    return found === undefined ? undefined : this.#read(found);
  }

  latest(): StoredConversation | undefined {
    // The rows of a run are not what somebody was talking about.
    const id = asText(
      this.#database.get('SELECT coalesce(conversation, id) AS id FROM calls WHERE run IS NULL ORDER BY seq DESC LIMIT 1')?.id,
    );
    return id === undefined ? undefined : this.#read(id);
  }

  count(): number {
    // A first call that has no conversation but its own is counted with its followers.
    return (
      this.#database.number(
        `SELECT (SELECT count(*) FROM calls) - (SELECT count(*) FROM calls WHERE conversation IS NOT NULL) + (
           SELECT count(*) FROM (SELECT DISTINCT conversation AS id FROM calls WHERE conversation IS NOT NULL) d
           WHERE NOT EXISTS (SELECT 1 FROM calls c WHERE c.id = d.id AND c.conversation IS NULL))`,
      ) ?? 0
    );
  }

  #newest(calls: CallFilter, limit: number): ConversationSummary[] {
    const seen = new Set<string>();
    const found: ConversationSummary[] = [];
    for (const row of this.#query.pages(calls, 'c.seq, coalesce(c.conversation, c.id)')) {
      if (found.length >= limit) break;
      const id = asText(row[1]);
      if (id === undefined || seen.has(id)) continue;
      seen.add(id);
      found.push(this.#summary(id));
    }
    return found;
  }

  /** A conversation can have been used after the call that matches: those that match are ordered by their last use. */
  #matching(calls: CallFilter, limit: number): ConversationSummary[] {
    const ids = new Set<string>();
    for (const row of this.#query.pages(calls, 'c.seq, coalesce(c.conversation, c.id)')) ids.add(asText(row[1]) ?? '');
    const last = `SELECT max(seq) FROM calls c WHERE ${OF_CONVERSATION}`;
    const used = Array.from(ids, (id) => ({ id, last: this.#database.number(last, id) ?? 0 })).sort((a, b) => b.last - a.last);
    return used.slice(0, limit === Infinity ? undefined : limit).map(({ id }) => this.#summary(id));
  }

  #summary(id: string): ConversationSummary {
    const totals = this.#database.get(
      `SELECT count(*) AS calls, min(started_at) AS first_at, max(started_at) AS last_at, min(seq) AS first, max(seq) AS last
       FROM calls c WHERE ${OF_CONVERSATION}`,
      id,
    );
    const first = this.#call(totals?.first);
    const last = this.#call(totals?.last);
    return {
      id,
      name: nameOf(this.#messages.history(asNumber(first?.prompt))),
      model: asText(last?.model) ?? '',
      calls: asNumber(totals?.calls) ?? 0,
      firstAt: asNumber(totals?.first_at) ?? 0,
      lastAt: asNumber(totals?.last_at) ?? 0,
    };
  }

  #call(seq: Row[string] | undefined): Row | undefined {
    return this.#database.get('SELECT prompt, model FROM calls WHERE seq = ?', asNumber(seq) ?? 0);
  }

  #read(id: string): StoredConversation | undefined {
    let lastCall: StoredCall | undefined;
    let messages: readonly Message[] = [];
    for (const row of this.#query.pages({ conversationId: id }, 'c.seq')) {
      const call = this.#query.bySeq(asNumber(row[0]) ?? 0);
      if (call === undefined) continue;
      lastCall ??= call;
      const answer = call.samples[0]?.message;
      if (answer === undefined || answer.parts.length === 0) continue;
      messages = [...call.request.messages, answer];
      break;
    }
    if (lastCall === undefined) return undefined;
    return { ...this.#summary(id), messages, options: lastCall.request.options, lastCallId: lastCall.id };
  }

  #resolve(id: string): string | undefined {
    if (id === '') return undefined;
    const end = `${id}\u{10FFFF}`;
    const rows = this.#database.all(
      `SELECT DISTINCT conversation AS id, conversation = ?1 AS exact FROM calls WHERE conversation >= ?1 AND conversation < ?2
       UNION SELECT coalesce(conversation, id), id = ?1 FROM calls WHERE id >= ?1 AND id < ?2 LIMIT 8`,
      id,
      end,
    );
    const exact = rows.find((row) => row.exact === 1) ?? rows[0];
    const found = asText(exact?.id);
    if (exact?.exact !== 1 && rows.some((row) => row.id !== found)) throw ambiguous('conversation', id, rows);
    return found;
  }
}

function nameOf(messages: readonly Message[]): string {
  const prompt = messages.find((message) => message.role === 'user') ?? messages[0];
  return prompt === undefined ? '' : conversationName(messageText(prompt));
}
