import { join } from 'node:path';

import { LmdeckError, type JsonObject, type LanguageModel, type Message } from '../../core/index.ts';
import type { Deck } from '../../deck/index.ts';
import type { Invocation } from '../args/command.ts';
import type { ParsedOptions } from '../args/parsed-options.ts';
import type { CliIo } from '../io/cli-io.ts';
import { EXIT, errorLine } from '../io/report-error.ts';
import { chosenConversation, chosenModel, historyOf } from '../prompt/conversation-choice.ts';
import { modelOptions } from '../prompt/model-options.ts';
import { printAnswer } from '../prompt/print-answer.ts';
import { deckOptions } from '../prompt/shared-options.ts';
import { warnOfEnd } from '../prompt/warn-of-end.ts';
import { cliDeck } from '../with-deck.ts';
import { fileHistory, memoryHistory, type ChatHistory } from './chat-history.ts';
import { streamLines, type LineSource } from './line-source.ts';
import { readMessage } from './read-message.ts';
import { terminalLines } from './terminal-lines.ts';

const HELP = `!multi [token] … !end [token]  a message of several lines
!edit                          write the message in $VISUAL or $EDITOR
!model [NAME]                  show or switch the model
!undo                          take the last exchange back
exit, quit, Ctrl-D             leave`;

/** `lmdeck chat`. */
export async function runChat({ options, io }: Invocation): Promise<number> {
  const deck = await cliDeck(io, deckOptions(options, io));
  let code: number = EXIT.ok;
  try {
    const chat = await openChat(options, io, deck);
    const interactive = io.stdin.isTTY === true;
    const lines = interactive ? terminalLines(io, await chatHistory(options, deck)) : streamLines(io.stdin);
    try {
      const failed = await chat.run(lines);
      if (failed && !interactive) code = EXIT.failed;
    } finally {
      lines.close();
    }
  } finally {
    if (!(await closed(deck, io)) && code === EXIT.ok) code = EXIT.failed;
  }
  return code;
}

async function closed(deck: Deck, io: CliIo): Promise<boolean> {
  try {
    await deck.close();
    return true;
  } catch (error) {
    io.note(`Warning: this chat is not completely recorded: ${LmdeckError.from(error).message}`);
    return false;
  }
}

/** What is typed is kept exactly when the chat is recorded. */
async function chatHistory(options: ParsedOptions, deck: Deck): Promise<ChatHistory> {
  const logging = options.flag('log') || (!options.flag('noLog') && (await deck.settings.read()).logging !== false);
  return logging ? fileHistory(join(deck.paths.home, 'chat-history')) : memoryHistory();
}

async function openChat(options: ParsedOptions, io: CliIo, deck: Deck): Promise<Chat> {
  const conversation = await chosenConversation(options, deck);
  const model = await deck.model(chosenModel(options, conversation, io.env));
  const system = options.text('system');
  const key = options.text('key');
  const carried = options.text('model') === undefined ? conversation?.options : undefined;
  return new Chat(io, deck, options, {
    model,
    system,
    apiKey: key === undefined ? undefined : await deck.keys.resolve({ given: key }),
    messages: historyOf(conversation, system),
    conversationId: conversation?.id,
    options: { ...carried, ...modelOptions(options.pairs('option'), model) },
  });
}

interface ChatState {
  readonly model: LanguageModel;
  readonly system: string | undefined;
  readonly apiKey: string | undefined;
  readonly messages: readonly Message[];
  readonly conversationId: string | undefined;
  readonly options: JsonObject;
}

class Chat {
  readonly #io: CliIo;
  readonly #deck: Deck;
  readonly #flags: ParsedOptions;
  #state: ChatState;
  /** The histories before each exchange, for `!undo`. */
  readonly #before: (readonly Message[])[] = [];

  constructor(io: CliIo, deck: Deck, flags: ParsedOptions, state: ChatState) {
    this.#io = io;
    this.#deck = deck;
    this.#flags = flags;
    this.#state = state;
  }

  /** Until the lines end. True when a turn failed. */
  async run(lines: LineSource): Promise<boolean> {
    const said = this.#state.messages.filter((message) => message.role !== 'system').length;
    this.#io.note(
      `Chatting with ${this.#state.model.id}${said > 0 ? `, continuing after ${said} messages` : ''}. !help shows the commands, exit or Ctrl-D leaves.`,
    );
    let failed = false;
    for (;;) {
      const input = await readMessage(lines, this.#io);
      switch (input.type) {
        case 'end':
          return failed;
        case 'message':
          if (!(await this.#turn(input.text))) failed = true;
          break;
        case 'model':
          await this.#switch(input.name);
          break;
        case 'undo':
          this.#undo();
          break;
        case 'help':
          this.#io.note(HELP);
          break;
        default:
          break;
      }
    }
  }

  /** One exchange. A failed one counts only when part of its answer arrived. */
  async #turn(text: string): Promise<boolean> {
    const { model, messages, ...state } = this.#state;
    const controller = new AbortController();
    const stop = this.#io.onInterrupt(() => controller.abort(new LmdeckError('aborted', 'Interrupted.')));
    try {
      const response = model.prompt(text, { ...state, messages, signal: controller.signal });
      const answer = await printAnswer(response, this.#io, {
        stream: !this.#flags.flag('noStream'),
        markdown: !this.#flags.flag('noMarkdown'),
        hideReasoning: this.#flags.flag('hideReasoning'),
      });
      if (answer.error === undefined || response.partial.parts.length > 0) {
        this.#before.push(messages);
        this.#state = {
          ...this.#state,
          messages: [...response.prompt.messages, response.partial],
          conversationId: response.conversationId,
        };
      }
      if (answer.error === undefined) {
        if (this.#flags.flag('usage')) {
          const { printUsage } = await import('../prompt/print-usage.ts');
          await printUsage(response, answer, this.#io, this.#deck, model.price);
        }
        warnOfEnd(await response.finish(), response.partial, this.#io);
        return true;
      }
      this.#io.note(answer.error.code === 'aborted' ? '(stopped)' : errorLine(answer.error, this.#flags.texts('key'), this.#io));
      return answer.error.code === 'aborted';
    } catch (error) {
      if (!LmdeckError.isInstance(error)) throw error;
      this.#io.note(errorLine(error, this.#flags.texts('key'), this.#io));
      return false;
    } finally {
      stop();
    }
  }

  async #switch(name: string | undefined): Promise<void> {
    try {
      if (name !== undefined) {
        const model = await this.#deck.model(name);
        this.#state = { ...this.#state, model, options: modelOptions(this.#flags.pairs('option'), model) };
      }
      this.#io.note(`Model: ${this.#state.model.id}`);
    } catch (error) {
      this.#io.note(errorLine(LmdeckError.from(error), [], this.#io));
    }
  }

  #undo(): void {
    const messages = this.#before.pop();
    if (messages === undefined) return this.#io.note('There is nothing to take back.');
    this.#state = { ...this.#state, messages };
    this.#io.note('The last exchange is taken back.');
  }
}
