import { type ClosestOptions, type ModelRequest, promptText } from '../core/index.ts';
import { closestTexts, type ClosestTexts } from './closest-texts.ts';
import type { Database } from './database.ts';
import type { MessageStore } from './message-store.ts';
import { RecordedPrompts } from './recorded-prompts.ts';

/** The recorded prompts most like another one, over {@link promptText} of both. */
export class ClosestPrompt {
  readonly #database: Database;
  readonly #messages: MessageStore;

  constructor(database: Database, messages: MessageStore) {
    this.#database = database;
    this.#messages = messages;
  }

  /** The calls by their number; `compared` counts different prompts. */
  find(request: ModelRequest, options: ClosestOptions = {}): ClosestTexts<{ readonly seq: number }> {
    const prompts = new RecordedPrompts(this.#database, this.#messages);
    const text = promptText(request.messages);
    const result = closestTexts(text, prompts.newestFirst(), ({ prompt }) => promptText(this.#messages.history(prompt)), options);
    return { ...result, complete: result.complete && !prompts.more };
  }
}
