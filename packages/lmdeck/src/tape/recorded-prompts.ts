import { type Message, promptText } from '../core/index.ts';
import type { TextCandidate } from './closest-texts.ts';
import { asNumber, asText, type Database } from './database.ts';
import type { MessageStore } from './message-store.ts';
import { TextProfiler, type TextProfile } from './text-profile.ts';

/** How far a search goes back, whatever the size of the tape: different prompts, calls, characters. */
const MOST_PROMPTS = 20_000;
const MOST_CALLS = 200_000;
const MOST_CHARS = 200_000_000;

const PAGE = 256;
/** How many beginnings of histories are remembered. */
const KNOWN = 4096;

/** A recorded prompt by the number of its last message, and the newest call that has it. */
export interface RecordedPrompt {
  readonly seq: number;
  readonly prompt: number;
}

/** A last message that is plain text. */
interface Tip {
  readonly parent: number | undefined;
  readonly role: string;
  readonly text: string;
}

/**
 * The different prompts on a tape with how often each code unit is in them. What histories begin with alike (a system prompt, the turns
 * before) is counted once. Takes a bounded time and memory, whatever is on the tape.
 */
export class RecordedPrompts {
  /** True when there were more prompts than are looked at. */
  more = false;
  readonly #database: Database;
  readonly #messages: MessageStore;
  readonly #profiler = new TextProfiler();
  readonly #beginnings = new Map<number, TextProfile>();
  readonly #profile = this.#profiler.units('');
  #chars = 0;

  constructor(database: Database, messages: MessageStore) {
    this.#database = database;
    this.#messages = messages;
  }

  *newestFirst(): Generator<TextCandidate<RecordedPrompt>, undefined> {
    const seen = new Set<number>();
    let calls = 0;
    for (const page of this.#pages()) {
      const fresh: RecordedPrompt[] = [];
      for (const [seq = 0, prompt = 0] of page) {
        calls++;
        if (seen.has(prompt)) continue;
        if (seen.size >= MOST_PROMPTS || calls > MOST_CALLS) {
          this.more = true;
          break;
        }
        seen.add(prompt);
        fresh.push({ seq, prompt });
      }
      const tips = this.#tips(fresh);
      for (const item of fresh) {
        if (this.#chars > MOST_CHARS) {
          this.more = true;
          return undefined;
        }
        yield { item, profile: this.#profileOf(item.prompt, tips.get(item.prompt)) };
      }
      if (this.more) return undefined;
    }
    return undefined;
  }

  /** Numbers of calls and of their prompts. */
  *#pages(): Generator<readonly (readonly (number | undefined)[])[], undefined> {
    const statement = this.#database.arrays(
      `SELECT seq, prompt FROM calls WHERE prompt IS NOT NULL AND seq < ? ORDER BY seq DESC LIMIT ${PAGE}`,
    );
    for (let before = Number.MAX_SAFE_INTEGER; ;) {
      const rows = statement.all(before).map((row) => [asNumber(row[0]), asNumber(row[1])]);
      yield rows;
      if (rows.length < PAGE) return undefined;
      before = rows.at(-1)?.[0] ?? 0;
    }
  }

  /** The last messages of prompts, where they are plain text: read together, and not kept as those are that come one by one. */
  #tips(prompts: readonly RecordedPrompt[]): ReadonlyMap<number, Tip> {
    const rows = this.#database
      .arrays('SELECT id, parent, role, text FROM messages WHERE text IS NOT NULL AND id IN (SELECT value FROM json_each(?))')
      .all(JSON.stringify(prompts.map(({ prompt }) => prompt)));
    return new Map(
      rows.map((row) => [asNumber(row[0]) ?? 0, { parent: asNumber(row[1]), role: asText(row[2]) ?? '', text: asText(row[3]) ?? '' }]),
    );
  }

  /** The counts of a whole history. Valid until the next call. */
  #profileOf(prompt: number, tip: Tip | undefined): TextProfile {
    const row = tip === undefined ? this.#messages.row(prompt) : undefined;
    const parent = (tip ?? row)?.parent;
    const profile = this.#profile.copy(parent === undefined ? undefined : this.#beginning(parent));
    if (tip !== undefined) return this.#addText(tip.role, tip.text, profile);
    return row === undefined ? profile : this.#add(row.message, profile);
  }

  /** The counts of what other messages follow. Not recursive: histories can be long. */
  #beginning(tip: number): TextProfile | undefined {
    const missing: { readonly id: number; readonly message: Message }[] = [];
    let profile: TextProfile | undefined;
    for (let id: number | undefined = tip; id !== undefined;) {
      profile = this.#beginnings.get(id);
      if (profile !== undefined) break;
      const row = this.#messages.row(id);
      if (row === undefined) break;
      missing.push({ id, message: row.message });
      id = row.parent;
    }
    for (const { id, message } of missing.toReversed()) {
      profile = this.#add(message, this.#profiler.units('').copy(profile));
      if (this.#beginnings.size >= KNOWN) this.#beginnings.clear();
      this.#beginnings.set(id, profile);
    }
    return profile;
  }

  /** Adds a message as {@link promptText} writes it behind others. */
  #add(message: Message, profile: TextProfile): TextProfile {
    return this.#addText('', promptText([message]), profile);
  }

  /** Adds a role, if there is one, and its text; by themselves, because joined they would have to be copied. */
  #addText(role: string, text: string, profile: TextProfile): TextProfile {
    if (profile.length > 0) this.#profiler.addUnits('\n\n', profile);
    if (role !== '') this.#profiler.addUnits(text === '' ? `${role}:` : `${role}: `, profile);
    this.#chars += text.length;
    return this.#profiler.addUnits(text, profile);
  }
}
