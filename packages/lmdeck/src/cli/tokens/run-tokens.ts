import { LmdeckError, type TokenIds, type Tokenizer } from '../../core/index.ts';
import type { Invocation } from '../args/command.ts';
import type { ParsedOptions } from '../args/parsed-options.ts';
import type { CliIo } from '../io/cli-io.ts';
import { readAll } from '../io/read-all.ts';
import { withDeck } from '../with-deck.ts';
import type { MessageCounter, RemoteTokenizer } from '../../tokenize/index.ts';
import { modelTokenizer, namedTokenizer } from './named-tokenizer.ts';

/** What is to be counted or shown. */
interface Tokenized {
  readonly ids: TokenIds;
  /** As the tokenizer got it. */
  readonly text: string;
}

/** `lmdeck tokens` */
export async function runTokens({ args, options, io }: Invocation): Promise<void> {
  const shapes = ['ids', 'pieces', 'json'].filter((name) => options.flag(name));
  if (shapes.length > 1) throw new LmdeckError('usage', `--${shapes.join(' and --')} exclude each other.`);
  const named = options.text('tokenizer');
  if (named !== undefined && options.flag('model')) throw new LmdeckError('usage', '--tokenizer and --model exclude each other.');
  if (named !== undefined) return show(await namedTokenizer(named), args, options, io);
  await withDeck(io, { tape: false }, async (deck) => show(await modelTokenizer(deck, options.text('model')), args, options, io));
}

async function show(tokenizer: Tokenizer, args: readonly string[], options: ParsedOptions, io: CliIo): Promise<void> {
  const given = options.text('decode');
  const onlyCount = given === undefined && !['ids', 'pieces', 'json'].some((name) => options.flag(name));
  // OpenAI's rule says how many tokens messages have, and not which.
  if (onlyCount && options.flag('chat') && countsMessages(tokenizer)) {
    const { readMessages } = await import('./read-messages.ts');
    return io.print(`${await tokenizer.countMessages(readMessages(await readText(args, io)))}\n`);
  }
  const { ids, text } = given === undefined ? await encoded(tokenizer, await readText(args, io), options) : await decoded(tokenizer, given);
  if (options.flag('json')) {
    const { tokenPieces } = await import('./token-pieces.ts');
    const pieces = await tokenPieces(tokenizer, ids);
    return io.print(`${JSON.stringify({ tokenizer: tokenizer.id, count: ids.length, ids, pieces, text }, undefined, 2)}\n`);
  }
  if (options.flag('ids')) return io.print(`${ids.join(' ')}\n`);
  if (options.flag('pieces')) return printPieces(tokenizer, ids, io);
  await io.print(given === undefined ? `${ids.length}\n` : text);
}

async function encoded(tokenizer: Tokenizer, text: string, options: ParsedOptions): Promise<Tokenized> {
  const special = options.flag('special') ? 'token' : 'text';
  if (!options.flag('chat')) return { text, ids: await tokenizer.encode(text, { special }) };
  const { readMessages } = await import('./read-messages.ts');
  const messages = readMessages(text);
  // A server renders with the template that it really uses.
  if (isRemote(tokenizer)) return { text, ids: await tokenizer.encodeMessages(messages) };
  const template = tokenizer.chatTemplate;
  if (template === undefined)
    throw new LmdeckError(
      'capability',
      `${tokenizer.id} has no chat template, so it cannot tell what messages become. Leave --chat out to count the text alone.`,
    );
  const rendered = template.render(messages);
  return { text: rendered, ids: await tokenizer.encode(rendered, { special: 'token' }) };
}

function countsMessages(tokenizer: Tokenizer): tokenizer is Tokenizer & MessageCounter {
  return 'countMessages' in tokenizer;
}

function isRemote(tokenizer: Tokenizer): tokenizer is RemoteTokenizer {
  return 'encodeMessages' in tokenizer;
}

async function decoded(tokenizer: Tokenizer, given: string): Promise<Tokenized> {
  const words = given.split(/[\s,[\]]+/).filter((word) => word !== '');
  const ids = words.map(Number);
  const wrong = words.find((_, index) => !Number.isInteger(ids[index]));
  if (wrong !== undefined) throw new LmdeckError('usage', `--decode takes token ids like "15339 1917", not "${wrong}".`);
  return { ids, text: await tokenizer.decode(ids) };
}

async function printPieces(tokenizer: Tokenizer, ids: TokenIds, io: CliIo): Promise<void> {
  const { colouredPieces, tokenPieces } = await import('./token-pieces.ts');
  const pieces = await tokenPieces(tokenizer, ids);
  const coloured = io.stdout.isTTY === true && (io.env['NO_COLOR'] ?? '') === '' && io.env['TERM'] !== 'dumb';
  if (!coloured) return io.print(ids.map((id, index) => `${id}\t${JSON.stringify(pieces[index])}\n`).join(''));
  await io.print(`${colouredPieces(pieces)}\n${ids.length} tokens (${tokenizer.id})\n`);
}

async function readText(args: readonly string[], io: CliIo): Promise<string> {
  if (args.length > 0) return args.join(' ');
  if (io.stdin.isTTY === true) io.note('Type the text and end it with Ctrl-D.');
  return readAll(io.stdin);
}
