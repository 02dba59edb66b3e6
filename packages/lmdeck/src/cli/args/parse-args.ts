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

/** An option as a word of the command line gives it. */
interface GivenOption {
  /** `-t` or `--temperature`, as it is written. */
  readonly name: string;
  /** What is attached to it: the `5` of `-t5`, `--temperature=5`. */
  readonly attached: string | undefined;
}

/** Reads words without looking at more of the specification than they name: that takes a millisecond, and most calls have two options. */
class ArgReader {
  readonly args: string[] = [];
  readonly given = new Map<string, string[][]>();
  help = false;
  readonly #spec: CommandSpec;
  readonly #path: string;

  constructor(spec: CommandSpec, path: string) {
    this.#spec = spec;
    this.#path = path;
  }

  read(words: readonly string[]): void {
    for (let next = 0; next < words.length && !this.help;) {
      const word = words[next++] ?? '';
      if (word === '--') {
        this.args.push(...words.slice(next));
        return;
      }
      if (!word.startsWith('-') || word === '-' || isNegativeNumber(word)) this.args.push(word);
      else if (word.startsWith('--')) next += this.#option(longOption(word), word, words.slice(next));
      else next += this.#shorts(word, words.slice(next));
    }
  }

  readEnvironment(env: Readonly<Record<string, string | undefined>>): void {
    for (const option of this.#spec.options ?? []) {
      const value = option.env === undefined ? undefined : env[option.env];
      if (value === undefined || value === '') continue;
      const { key } = optionFlags(option);
      if (!this.given.has(key)) this.given.set(key, [[value]]);
    }
  }

  /** One or more short options in one word; the first that takes a value gets the rest of it. Returns how many words behind were taken. */
  #shorts(word: string, behind: readonly string[]): number {
    for (let i = 1; i < word.length; i++) {
      const name = `-${word.charAt(i)}`;
      const rest = word.slice(i + 1);
      const flags = this.#find(name);
      if (rest === '' || (flags !== undefined && takesValue(flags))) {
        return this.#option({ name, attached: rest === '' ? undefined : rest }, word, behind);
      }
      this.#option({ name, attached: undefined }, word, []);
      if (this.help) return 0;
    }
    return 0;
  }

  /** Notes an option with its values; returns how many of the words behind it they are. */
  #option({ name, attached }: GivenOption, word: string, behind: readonly string[]): number {
    const flags = this.#find(name);
    if (flags === undefined && (name === '-h' || name === '--help')) {
      this.help = true;
      return 0;
    }
    // The whole word in the message: "-temperature" is a mistyped "--temperature", not a mistyped "-t".
    if (flags === undefined) throw this.#unknown(word.startsWith('--') ? name : word);
    if (attached !== undefined && !takesValue(flags)) throw this.#error(`${name} takes no value.`);
    const values = attached === undefined ? [] : [attached];
    const wanted = flags.required - values.length;
    const [first] = behind;
    const taken = behind.slice(0, flags.optional && attached === undefined && first?.startsWith('-') === false ? 1 : Math.max(0, wanted));
    if (taken.length < wanted) {
      const spec = this.#spec.options?.find((option) => optionFlags(option).key === flags.key)?.flags ?? name;
      throw this.#error(`${name} needs ${flags.required === 1 ? 'a value' : `${flags.required} values`}: ${spec}`);
    }
    values.push(...taken);
    const before = this.given.get(flags.key);
    if (before === undefined) this.given.set(flags.key, [values]);
    else before.push(values);
    return taken.length;
  }

  /** Long names can be written with underscores too: `--num_fewshot` is `--num-fewshot`. */
  #find(name: string): OptionFlags | undefined {
    const spelled = name.startsWith('--') ? `--${name.slice(2).replaceAll('_', '-')}` : name;
    for (const option of this.#spec.options ?? []) {
      if (!option.flags.includes(spelled) && !option.flags.includes(name)) continue;
      const flags = optionFlags(option);
      if (flags.names.includes(spelled) || flags.names.includes(name)) return flags;
    }
    return undefined;
  }

  #unknown(name: string): LmdeckError {
    const known = [...(this.#spec.options ?? []).flatMap((option) => optionFlags(option).names), '--help'].filter((flag) =>
      flag.startsWith('--'),
    );
    const wanted = `--${name.replace(/^-+/, '')}`;
    return this.#error(`unknown option ${name}.${name.length > 2 ? didYouMean(wanted, known) : ''}`);
  }

  #error(problem: string): LmdeckError {
    return new LmdeckError('usage', `${this.#path}: ${problem} See ${this.#path} --help.`);
  }
}

function longOption(word: string): GivenOption {
  const equals = word.indexOf('=', 3);
  return equals === -1 ? { name: word, attached: undefined } : { name: word.slice(0, equals), attached: word.slice(equals + 1) };
}

function takesValue(flags: OptionFlags): boolean {
  return flags.required > 0 || flags.optional;
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
