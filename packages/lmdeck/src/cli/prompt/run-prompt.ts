import { LmdeckError, monotonicMs, type AttachmentPart, type JsonSchema, type LanguageModel, type Response } from '../../core/index.ts';
import type { Deck } from '../../deck/index.ts';
import type { Invocation } from '../args/command.ts';
import type { ParsedOptions } from '../args/parsed-options.ts';
import type { CliIo } from '../io/cli-io.ts';
import { interruptible } from '../io/interruptible.ts';
import { EXIT, errorLine } from '../io/report-error.ts';
import { cliDeck } from '../with-deck.ts';
import { chosenConversation, chosenModel, historyOf } from './conversation-choice.ts';
import { modelOptions } from './model-options.ts';
import { printAnswer, type PrintedAnswer } from './print-answer.ts';
import { readPrompt } from './read-prompt.ts';
import { deckOptions } from './shared-options.ts';
import { warnOfEnd } from './warn-of-end.ts';

/** `lmdeck prompt`. */
export async function runPrompt({ args, options, io }: Invocation): Promise<number> {
  const deck = await cliDeck(io, deckOptions(options, io));
  let code: number | undefined;
  try {
    if (options.flag('options')) {
      code = await describe(deck, options, io);
    } else {
      // Not interruptible: as long as nothing is asked, Ctrl-C may end the process at once.
      const prompt = await readWords(args, options, io);
      code = await interruptible(io, (signal) => ask(prompt, options, io, deck, signal));
    }
  } finally {
    const recorded = await close(deck, io);
    if (code === EXIT.ok && !recorded) code = EXIT.failed;
  }
  return code;
}

/** The answer is on the screen already: that it could not be recorded must not hide it, but be told. */
async function close(deck: Deck, io: CliIo): Promise<boolean> {
  try {
    await deck.close();
    return true;
  } catch (error) {
    io.note(`Warning: the call is not recorded: ${LmdeckError.from(error).message}`);
    return false;
  }
}

async function describe(deck: Deck, options: ParsedOptions, io: CliIo): Promise<number> {
  const { showOptions } = await import('./show-options.ts');
  await showOptions(await deck.model(chosenModel(options, undefined, io.env)), io);
  return EXIT.ok;
}

/** What is asked, and what is attached to it. */
interface Asked {
  readonly text: string;
  readonly sources: readonly (readonly [string, string | undefined])[];
}

async function readWords(words: readonly string[], options: ParsedOptions, io: CliIo): Promise<Asked> {
  const sources = [...options.texts('attachment').map((source) => [source, undefined] as const), ...options.pairs('at')];
  const fromStdin = sources.some(([source]) => source === '-');
  const text = fromStdin
    ? words.join(' ')
    : await readPrompt(
        words.filter((word) => word !== '-'),
        io,
        sources.length === 0,
      );
  return { text, sources };
}

async function ask({ text, sources }: Asked, options: ParsedOptions, io: CliIo, deck: Deck, signal: AbortSignal): Promise<number> {
  const conversation = await chosenConversation(options, deck);
  const model = await deck.model(chosenModel(options, conversation, io.env));
  const schema = await schemaOf(options);
  const system = options.text('system');
  const key = options.text('key');
  const apiKey = key === undefined ? undefined : await deck.keys.resolve({ given: key });
  const attachments = sources.length === 0 ? [] : await readAttachments(sources, io);
  const carried = options.text('model') === undefined ? conversation?.options : undefined;
  const response = model.prompt(text, {
    system,
    schema,
    attachments,
    signal,
    apiKey,
    messages: historyOf(conversation, system),
    options: { ...carried, ...modelOptions(options.pairs('option'), model) },
    conversationId: conversation?.id,
  });
  const startedAt = Date.now();
  const answer =
    options.flag('json') || options.flag('extract') || options.flag('extractLast')
      ? await printWhole(model, response, startedAt, options, io, deck)
      : await printAnswer(response, io, {
          stream: !options.flag('noStream'),
          markdown: !options.flag('noMarkdown') && schema === undefined,
          hideReasoning: options.flag('hideReasoning'),
        });
  return finish(model, response, answer, options, io, deck);
}

async function readAttachments(sources: readonly (readonly [string, string | undefined])[], io: CliIo): Promise<AttachmentPart[]> {
  const { readAttachment } = await import('./attachments.ts');
  return Promise.all(sources.map(([source, mediaType]) => readAttachment(source, mediaType, io)));
}

async function schemaOf(options: ParsedOptions): Promise<JsonSchema | undefined> {
  const one = options.text('schema');
  const input = one ?? options.text('schemaMulti');
  if (input === undefined) return undefined;
  if (one !== undefined && options.flag('schemaMulti')) throw new LmdeckError('usage', '--schema and --schema-multi exclude each other.');
  const { schemaInput } = await import('./schema-input.ts');
  return schemaInput(input, one === undefined);
}

/** Forms that need the whole answer: the call as JSON, or a code block of it. */
async function printWhole(
  model: LanguageModel,
  response: Response,
  startedAt: number,
  options: ParsedOptions,
  io: CliIo,
  deck: Deck,
): Promise<PrintedAnswer> {
  const start = monotonicMs();
  const text = await response.text().catch(() => undefined);
  const answer: PrintedAnswer = { error: response.error, firstTokenMs: undefined, durationMs: monotonicMs() - start };
  if (options.flag('json')) {
    const { printJson } = await import('../logs/print-calls.ts');
    const { logRow } = await import('../logs/log-row.ts');
    const { callRow } = await import('./call-row.ts');
    const { storedCall } = await import('./stored-call.ts');
    const stored = await storedCall(response, deck);
    await printJson([stored === undefined ? await callRow(model, response, startedAt, answer) : logRow(stored)], io);
  } else if (text !== undefined) {
    const { extractCode } = await import('./extract-code.ts');
    const code = extractCode(text, options.flag('extract') ? 'first' : 'last') ?? text;
    await io.print(code === '' || code.endsWith('\n') ? code : `${code}\n`);
  }
  return answer;
}

async function finish(
  model: LanguageModel,
  response: Response,
  answer: PrintedAnswer,
  options: ParsedOptions,
  io: CliIo,
  deck: Deck,
): Promise<number> {
  const { error } = answer;
  if (error?.code === 'aborted') return EXIT.interrupted;
  if (error === undefined) {
    if (options.flag('usage')) {
      const { printUsage } = await import('./print-usage.ts');
      await printUsage(response, answer, io, deck, model.price);
    }
    warnOfEnd(await response.finish(), response.partial, io);
    return EXIT.ok;
  }
  io.note(errorLine(error, options.texts('key'), io));
  if (io.env['LMDECK_DEBUG'] === '1') io.note(error.stack ?? '');
  return error.code === 'usage' ? EXIT.usage : EXIT.failed;
}
