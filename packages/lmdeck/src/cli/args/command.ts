import type { CliIo } from '../io/cli-io.ts';
import type { ParsedOptions } from './parsed-options.ts';

/** What may follow an option or stand for an argument, for shell completion. */
export type Completes = 'model' | 'file' | 'conversation' | 'call' | 'key' | 'alias';

/** One option of a command. */
export interface CommandOption {
  /** `-m, --model <id>`; several `<values>` are taken at once; `[value]` may be left out. */
  readonly flags: string;
  readonly description: string;
  /** The environment variable that gives the value when the option is absent. */
  readonly env?: string;
  readonly repeatable?: boolean;
  readonly completes?: Completes;
  readonly default?: string | boolean;
  /** Known, but not listed. */
  readonly hidden?: boolean;
}

/** What `--help` and completion know of a command, and how it is read. */
export interface CommandSpec {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** More lines for `--help`. */
  readonly description?: string;
  /** `<id>` must be there, `[prompt]` may, `[words...]` takes all that is left. */
  readonly arguments?: readonly string[];
  readonly completes?: Completes;
  readonly options?: readonly CommandOption[];
  /** Command lines, each with what it does. */
  readonly examples?: readonly Example[];
  /** Known, but not listed. */
  readonly hidden?: boolean;
}

export interface Example {
  readonly command: string;
  readonly does?: string;
}

/** One use of a command. */
export interface Invocation {
  readonly args: readonly string[];
  readonly options: ParsedOptions;
  readonly io: CliIo;
}

export interface Command extends CommandSpec {
  /** Resolves with the exit code; nothing means 0. */
  run(call: Invocation): Promise<number | undefined | void>;
}

/** Commands under one name: `lmdeck logs show`. */
export interface CommandGroup {
  readonly name: string;
  readonly summary: string;
  readonly description?: string;
  /** The one that `lmdeck NAME` means. */
  readonly default: string;
  readonly commands: readonly (Command | CommandGroup)[];
  readonly examples?: readonly Example[];
}

/** True for a group of commands. */
export function isGroup(command: Command | CommandGroup): command is CommandGroup {
  return 'commands' in command;
}
