import type { LanguageModel } from './language-model.ts';
import type { Message } from './message.ts';
import type { PromptInput, PromptOptions } from './prompt-options.ts';
import type { Response } from './response.ts';
import { ulid } from './ulid.ts';

export interface ConversationOptions extends Omit<PromptOptions, 'messages'> {
  /** What was said before. */
  readonly messages?: readonly Message[] | undefined;
  /** Continues a conversation under its own id; a new ULID otherwise. */
  readonly id?: string | undefined;
}

/**
 * Turns that build on each other, without any log needed. Options given here hold for every turn.
 *
 * @example
 * ```ts
 * import { mock } from 'lmdeck';
 *
 * const conversation = mock({ outputs: ['Hi Anna', 'Anna'] }).conversation({ system: 'Be brief.' });
 * await conversation.prompt('My name is Anna.').text();
 * console.log(await conversation.prompt('What is my name?').text()); // Anna
 * ```
 */
export class Conversation {
  readonly id: string;
  readonly model: LanguageModel;
  readonly #options: PromptOptions;
  readonly #before: readonly Message[];
  #last: Response | undefined;
  #messages: () => Promise<readonly Message[]>;

  constructor(model: LanguageModel, options: ConversationOptions = {}) {
    const { id, messages, ...rest } = options;
    this.model = model;
    this.id = id ?? ulid();
    this.#options = rest;
    this.#before = messages ?? [];
    this.#messages = async () => this.#before;
  }

  /** The next turn. An answer that was not read to its end yet is read first. */
  prompt(input: PromptInput, options: PromptOptions = {}): Response {
    const merged = { ...this.#options, ...options, options: { ...this.#options.options, ...options.options }, conversationId: this.id };
    const before = this.#messages;
    const last = this.#last;
    const response =
      last === undefined
        ? this.model.prompt(input, { ...merged, messages: this.#before })
        : this.model.prompt(input, { ...merged, messages: last.complete ? [...last.prompt.messages, last.partial] : before });
    this.#last = response;
    this.#messages = async () => {
      try {
        return await response.history();
      } catch {
        // A turn that failed counts only if part of its answer arrived.
        return response.partial.parts.length > 0 ? [...response.prompt.messages, response.partial] : before();
      }
    };
    return response;
  }

  /** Everything said so far, the current turn read to its end. */
  messages(): Promise<readonly Message[]> {
    return this.#messages();
  }
}
