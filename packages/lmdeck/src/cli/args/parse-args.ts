import { didYouMean, LmdeckError } from '../../core/index.ts';
import type { CommandSpec } from './command.ts';
import { optionFlags, type OptionFlags } from './option-flags.ts';
import { ParsedOptions } from './parsed-options.ts';

/** A command line, read. */
export interface ParsedArgs {
  readonly args: readonly string[];
  readonly options: ParsedOptions;
  /** True when `-h` or `--help` is there: the rest was not checked. */
  readonly help: boolean;
}

/**
 * Reads the arguments of one command as POSIX and GNU do: short flags can be joined (`-nu`), values attached (`-mtiny`,
 * `--model=tiny`), options and arguments mixed; `--` ends the options.
 *
 * @param path how the command was called, for messages: `lmdeck logs list`.
 * @throws LmdeckError `usage`
 */
export function parseArgs(
  spec: CommandSpec,
  words: readonly string[],
  path: string,
  env: Readonly<Record<string, string | undefined>>,
): ParsedArgs {
  const reader = new ArgReader(spec, path);
  reader.read(words);
  if (!reader.help) {
    reader.readEnvironment(env);
    checkArguments(spec, reader.args, path);
  }
  return { args: reader.args, options: new ParsedOptions(reader.given), help: reader.help };
}

class ArgReader {
  readonly args: string[] = [];
  readonly given = new Map<string, string[][]>();
  help = false;
  readonly #spec: CommandSpec;
  readonly #path: string;
  readonly #flags = new Map<string, OptionFlags>();

  constructor(spec: CommandSpec, path: string) {
    this.#spec = spec;
    this.#path = path;
    for (const option of spec.options ?? []) {
      const flags = optionFlags(option);
      for (const name of flags.names) this.#flags.set(name, flags);
    }
  }

  read(words: readonly string[]): void {
    for (let at = 0; at < words.length;) {
      const word = words[at] ?? '';
      if (word === '--') {
        this.args.push(...words.slice(at + 1));
        return;
      }
      if (word === '--help' || (word === '-h' && !this.#flags.has('-h'))) {
        this.help = true;
        return;
      }
      if (word.startsWith('--')) at = this.#long(words, at);
      else if (word.startsWith('-') && word !== '-' && !isNegativeNumber(word)) at = this.#short(words, at);
      else {
        this.args.push(word);
        at++;
      }
    }
  }

  readEnvironment(env: Readonly<Record<string, string | undefined>>): void {
    for (const option of this.#spec.options ?? []) {
      const value = option.env === undefined ? undefined : env[option.env];
      const { key } = optionFlags(option);
      if (value !== undefined && value !== '' && !this.given.has(key)) this.given.set(key, [[value]]);
    }
  }

  #long(words: readonly string[], at: number): number {
    const word = words[at] ?? '';
    const equals = word.indexOf('=');
    const name = equals === -1 ? word : word.slice(0, equals);
    const flags = this.#flags.get(name) ?? this.#unknown(name);
    if (equals === -1) return this.#take(flags, name, words, at + 1);
    if (flags.required === 0 && !flags.optional) throw this.#error(`${name} takes no value.`);
    return this.#take(flags, name, words, at + 1, word.slice(equals + 1));
  }

  #short(words: readonly string[], at: number): number {
    const letters = (words[at] ?? '').slice(1);
    for (let i = 0; i < letters.length; i++) {
      const name = `-${letters[i]}`;
      if (name === '-h' && !this.#flags.has('-h')) {
        this.help = true;
        return words.length;
      }
      // The whole word in the message: "-temperature" is a mistyped "--temperature", not a mistyped "-t".
      const flags = this.#flags.get(name) ?? this.#unknown(letters.length > 1 ? `-${letters}` : name);
      const rest = letters.slice(i + 1);
      if (flags.required > 0 || (flags.optional && rest !== '')) {
        return this.#take(flags, name, words, at + 1, rest === '' ? undefined : rest);
      }
      this.#add(flags, []);
    }
    return at + 1;
  }

  /** Takes the option's values from the words that follow; returns where to read on. */
  #take(flags: OptionFlags, name: string, words: readonly string[], next: number, attached?: string): number {
    const values = attached === undefined ? [] : [attached];
    while (values.length < flags.required) {
      const value = words[next];
      if (value === undefined) {
        const spec = this.#spec.options?.find((option) => optionFlags(option).key === flags.key)?.flags ?? name;
        throw this.#error(`${name} needs ${flags.required === 1 ? 'a value' : `${flags.required} values`}: ${spec}`);
      }
      values.push(value);
      next++;
    }
    const following = words[next];
    if (flags.optional && values.length === 0 && following !== undefined && !following.startsWith('-')) {
      values.push(following);
      next++;
    }
    this.#add(flags, values);
    return next;
  }

  #add(flags: OptionFlags, values: string[]): void {
    const before = this.given.get(flags.key);
    if (before === undefined) this.given.set(flags.key, [values]);
    else before.push(values);
  }

  #unknown(name: string): never {
    const known = [...this.#flags.keys(), '--help'].filter((flag) => flag.startsWith('--'));
    const wanted = `--${name.replace(/^-+/, '')}`;
    throw this.#error(`unknown option ${name}.${name.length > 2 ? didYouMean(wanted, known) : ''}`);
  }

  #error(problem: string): LmdeckError {
    return new LmdeckError('usage', `${this.#path}: ${problem} See ${this.#path} --help.`);
  }
}

function isNegativeNumber(word: string): boolean {
  return /^-\d+(\.\d+)?$/.test(word);
}

function checkArguments(spec: CommandSpec, args: readonly string[], path: string): void {
  const wanted = spec.arguments ?? [];
  const missing = wanted[args.length];
  if (missing?.startsWith('<') === true) throw new LmdeckError('usage', `${path}: ${missing} is missing. See ${path} --help.`);
  const last = wanted.at(-1);
  if (args.length > wanted.length && last?.includes('...') !== true) {
    throw new LmdeckError('usage', `${path}: unexpected argument "${args[wanted.length]}". See ${path} --help.`);
  }
}
