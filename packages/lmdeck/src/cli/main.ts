import type { CommandIo } from '../deck/index.ts';
import { isGroup, type Command, type CommandGroup } from './args/command.ts';
import { parseArgs } from './args/parse-args.ts';
import { commandEntries } from './commands.ts';
import { CliIo, type ProcessIo } from './io/cli-io.ts';
import { EXIT, reportError } from './io/report-error.ts';

const ROOT = 'lmdeck';

/**
 * The command line. Never throws: what goes wrong is one line on stderr and an exit code.
 *
 * @param argv the words after `lmdeck`.
 * @returns 0 done, 1 failed, 2 called wrongly, 3 done but for some rows, 130 interrupted.
 */
export async function main(argv: readonly string[], io: CommandIo | ProcessIo): Promise<number> {
  const cli = new CliIo(io);
  const secrets: string[] = [];
  try {
    const code = await route(argv, cli, secrets);
    await cli.flush();
    return code;
  } catch (error) {
    return reportError(cli, error, secrets);
  }
}

async function route(argv: readonly string[], io: CliIo, secrets: string[]): Promise<number> {
  const [first, ...rest] = argv;
  if (first === undefined && io.stdin.isTTY === true) return printRootHelp(io);
  if (first === '-h' || first === '--help' || (first === 'help' && /^(?:help|-.*)?$/.test(rest[0] ?? ''))) return printRootHelp(io);
  if (argv.length === 1 && (first === '--version' || first === '-V')) return printVersion(io);
  if (first === 'help') {
    const { requireCommand } = await import('./unknown-word.ts');
    await requireCommand(rest[0] ?? '', io);
    return route([...rest, '--help'], io, secrets);
  }
  const entry = commandEntries.find((each) => each.name === first);
  if (entry !== undefined) return run(await entry.load(), rest, `${ROOT} ${entry.name}`, io, secrets);
  if (first !== undefined && looksLikeCommand(first)) {
    const { pluginCommand, refuseTypo } = await import('./unknown-word.ts');
    const command = await pluginCommand(first, io);
    if (command !== undefined) return run(command, rest, `${ROOT} ${command.name}`, io, secrets);
    await refuseTypo(first, rest, io);
  }
  const { promptCommand } = await import('./commands/prompt.ts');
  return run(promptCommand, argv, ROOT, io, secrets);
}

async function run(command: Command | CommandGroup, words: readonly string[], path: string, io: CliIo, secrets: string[]): Promise<number> {
  if (isGroup(command)) return runGroup(command, words, path, io, secrets);
  const { args, options, help } = parseArgs(command, words, path, io.env);
  if (help) {
    const { commandHelp } = await import('./args/help.ts');
    await io.print(commandHelp(command, path));
    return EXIT.ok;
  }
  secrets.push(...options.texts('key'), ...options.texts('value'));
  return (await command.run({ args, options, io })) ?? EXIT.ok;
}

async function runGroup(group: CommandGroup, words: readonly string[], path: string, io: CliIo, secrets: string[]): Promise<number> {
  const [name, ...rest] = words;
  if (name === '-h' || name === '--help') {
    const { groupHelp } = await import('./args/help.ts');
    await io.print(groupHelp(group, path));
    return EXIT.ok;
  }
  const named = group.commands.find((command) => command.name === name);
  if (named !== undefined) return run(named, rest, `${path} ${named.name}`, io, secrets);
  const standard = group.commands.find((command) => command.name === group.default);
  if (standard !== undefined && (name === undefined || name.startsWith('-'))) {
    return run(standard, words, `${path} ${standard.name}`, io, secrets);
  }
  const { unknownSubcommand } = await import('./unknown-word.ts');
  throw unknownSubcommand(name ?? '', group, path);
}

/** A word that could be a command's name: only then it is worth looking at what plugins have. */
function looksLikeCommand(word: string): boolean {
  return /^[a-z][a-z0-9-]*$/.test(word);
}

async function printRootHelp(io: CliIo): Promise<number> {
  const { rootHelp } = await import('./root-help.ts');
  await io.print(await rootHelp(io));
  return EXIT.ok;
}

async function printVersion(io: CliIo): Promise<number> {
  const { packageVersion } = await import('./io/package-version.ts');
  await io.print(`lmdeck ${await packageVersion()}\n`);
  return EXIT.ok;
}
