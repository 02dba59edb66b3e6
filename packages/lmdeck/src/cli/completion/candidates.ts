import { existsSync } from 'node:fs';

import type { Deck } from '../../deck/index.ts';
import { isGroup, type Command, type CommandGroup, type Completes } from '../args/command.ts';
import { optionFlags } from '../args/option-flags.ts';
import { commandEntries } from '../commands.ts';
import type { CliIo } from '../io/cli-io.ts';
import { withDeck } from '../with-deck.ts';

/** Something that could stand in place of the word under the cursor. */
export interface Candidate {
  readonly value: string;
  readonly description?: string;
}

/**
 * What could come at the end of a command line.
 *
 * @param words the words after `lmdeck`; the last one is being typed and may be empty.
 */
export async function candidates(words: readonly string[], io: CliIo): Promise<readonly Candidate[]> {
  const typed = words.at(-1) ?? '';
  const found = await possible(words.slice(0, -1), typed, io);
  return found.filter(({ value }) => value.startsWith(typed));
}

async function possible(before: readonly string[], typed: string, io: CliIo): Promise<readonly Candidate[]> {
  const { command, rest, named } = await locate(before);
  if (isGroup(command)) {
    const inside = command.commands.map(({ name, summary }) => ({ value: name, description: summary }));
    const standard = command.commands.find((each) => each.name === command.default);
    return typed.startsWith('-') && standard !== undefined && !isGroup(standard) ? flagsOf(standard) : inside;
  }
  const option = (command.options ?? []).find((each) => {
    const flags = optionFlags(each);
    return flags.required > 0 && flags.names.includes(rest.at(-1) ?? '');
  });
  if (option !== undefined) return option.completes === undefined ? [] : values(option.completes, io);
  if (typed.startsWith('-')) return flagsOf(command);
  const first =
    named || rest.length > 0
      ? []
      : commandEntries.filter((each) => each.hidden !== true).map(({ name, summary }) => ({ value: name, description: summary }));
  const positional = command.completes === undefined ? [] : await values(command.completes, io);
  return [...first, ...positional];
}

async function locate(
  before: readonly string[],
): Promise<{ readonly command: Command | CommandGroup; readonly rest: readonly string[]; readonly named: boolean }> {
  const entry = commandEntries.find(({ name }) => name === before[0]);
  let command = await (entry ?? commandEntries.find(({ name }) => name === 'prompt') ?? fail()).load();
  let rest = entry === undefined ? before : before.slice(1);
  while (isGroup(command)) {
    const group: CommandGroup = command;
    const next =
      group.commands.find(({ name }) => name === rest[0]) ??
      (rest.length > 0 ? group.commands.find(({ name }) => name === group.default) : undefined);
    if (next === undefined) break;
    rest = next.name === rest[0] ? rest.slice(1) : rest;
    command = next;
  }
  return { command, rest, named: entry !== undefined };
}

function fail(): never {
  throw new Error('There is no prompt command.');
}

function flagsOf(command: Command): Candidate[] {
  const own = (command.options ?? [])
    .filter((option) => option.hidden !== true)
    .flatMap((option) =>
      optionFlags(option)
        .names.filter((name) => name.startsWith('--'))
        .map((value) => ({ value, description: option.description })),
    );
  return [...own, { value: '--help', description: 'Show this help' }];
}

async function values(what: Completes, io: CliIo): Promise<readonly Candidate[]> {
  if (what === 'file') return [];
  return withDeck(io, { readOnlyTape: true }, async (deck) => {
    switch (what) {
      case 'model':
        return modelNames(deck);
      case 'key':
        return (await deck.keys.list()).map((value) => ({ value }));
      case 'alias':
        return Object.entries(await deck.aliases.list()).map(([value, description]) => ({ value, description }));
      default: {
        const path = deck.paths.tape;
        if (path === undefined || !existsSync(path)) return [];
        return (await deck.tape()).conversations({ limit: 30 }).map(({ id, name }) => ({ value: id, description: name }));
      }
    }
  });
}

async function modelNames(deck: Deck): Promise<readonly Candidate[]> {
  const models = (await deck.models()).filter(({ warning }) => warning === undefined);
  const aliases = new Map(Object.entries(await deck.aliases.list()));
  for (const model of models) for (const alias of model.aliases) aliases.set(alias, model.id);
  return [...models.map(({ id }) => ({ value: id })), ...Array.from(aliases, ([value, description]) => ({ value, description }))];
}
