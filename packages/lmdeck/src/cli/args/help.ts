import { isGroup, type Command, type CommandGroup, type CommandSpec, type Example } from './command.ts';

/** A line of a list in the help. */
export interface HelpEntry {
  readonly name: string;
  readonly summary: string;
}

/** The help of one command. */
export function commandHelp(spec: CommandSpec, path: string): string {
  const options = (spec.options ?? [])
    .filter((option) => option.hidden !== true)
    .map((option) => ({ name: indentLong(option.flags), summary: optionSummary(option) }));
  options.push({ name: '-h, --help', summary: 'Show this help' });
  const usage = [path, ...(spec.arguments ?? []), ...(options.length > 1 ? ['[options]'] : [])].join(' ');
  return page([usageLine(usage), paragraph(spec.description ?? `${spec.summary}.`), section('Options', options), examples(spec.examples)]);
}

/** The help of a group of commands. */
export function groupHelp(group: CommandGroup, path: string): string {
  const commands = group.commands
    .filter((command) => isGroup(command) || command.hidden !== true)
    .map((command) => ({
      name: signature(command),
      summary: command.name === group.default ? `${command.summary} (the default)` : command.summary,
    }));
  return page([
    usageLine(`${path} [command] [options]`),
    paragraph(group.description ?? `${group.summary}.`),
    section('Commands', commands),
    examples(group.examples),
    `${path} <command> --help tells more about one command.\n`,
  ]);
}

/** Sections with an empty line between them. */
export function page(sections: readonly string[]): string {
  return sections.filter((text) => text !== '').join('\n');
}

/** A titled list, its second column aligned. */
export function section(title: string, entries: readonly HelpEntry[]): string {
  if (entries.length === 0) return '';
  const width = Math.min(34, Math.max(...entries.map((entry) => entry.name.length)));
  const lines = entries.map(({ name, summary }) => {
    const gap = ' '.repeat(width + 4);
    const text = wrap(summary, 100 - width - 4).join(`\n${gap}`);
    return name.length > width ? `  ${name}\n${gap}${text}` : `  ${name.padEnd(width)}  ${text}`;
  });
  return `${title}:\n${lines.join('\n')}\n`;
}

/** The examples, each under what it does. */
export function examples(list: readonly Example[] = []): string {
  if (list.length === 0) return '';
  const lines = list.map(({ command, does }) => (does === undefined ? `  ${command}` : `  # ${does}\n  ${command}`));
  return `Examples:\n${lines.join('\n')}\n`;
}

function usageLine(usage: string): string {
  return `Usage: ${usage}\n`;
}

function paragraph(text: string): string {
  return `${text.trim()}\n`;
}

function signature(command: Command | CommandGroup): string {
  return isGroup(command) ? command.name : [command.name, ...(command.arguments ?? [])].join(' ');
}

function optionSummary(option: {
  readonly description: string;
  readonly env?: string;
  readonly repeatable?: boolean;
  readonly default?: string | boolean;
}): string {
  const notes = [
    ...(option.repeatable === true ? ['repeatable'] : []),
    ...(option.default === undefined || option.default === false ? [] : [`default: ${option.default}`]),
    ...(option.env === undefined ? [] : [`env: ${option.env}`]),
  ];
  return notes.length === 0 ? option.description : `${option.description} (${notes.join('; ')})`;
}

/** Options without a short flag line up with those that have one. */
function indentLong(flags: string): string {
  return flags.startsWith('--') ? `    ${flags}` : flags;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines;
}
