import { parseArgs as tokenize, type ParseArgsOptionsConfig } from 'node:util';

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

type Token = ReturnType<typeof tokensOf>[number];
type OptionToken = Extract<Token, { readonly kind: 'option' }>;

/** Node's parser tells what each word is; this adds what it does not know: two values, optional values, negative numbers, good messages. */
class ArgReader {
  readonly args: string[] = [];
  readonly given = new Map<string, string[][]>();
  help = false;
  readonly #spec: CommandSpec;
  readonly #path: string;
  readonly #flags = new Map<string, OptionFlags>();
  readonly #config: ParseArgsOptionsConfig = {};

  constructor(spec: CommandSpec, path: string) {
    this.#spec = spec;
    this.#path = path;
    for (const option of spec.options ?? []) {
      const flags = optionFlags(option);
      const type = flags.required > 0 || flags.optional ? 'string' : 'boolean';
      const short = flags.names.find((name) => /^-[^-]$/.test(name))?.slice(1);
      // Node ties a short name to one long name; which of them, does not matter: all lead to the same flags.
      let spare = short;
      for (const name of spellings(flags.names)) {
        this.#flags.set(name, flags);
        if (!name.startsWith('--')) continue;
        this.#config[name.slice(2)] = spare === undefined ? { type } : { type, short: spare };
        spare = undefined;
      }
      if (spare !== undefined) this.#config[spare] = { type, short: spare };
    }
  }

  read(words: readonly string[]): void {
    let rest = words;
    while (rest.length > 0 && !this.help) rest = this.#readSome(rest);
  }

  readEnvironment(env: Readonly<Record<string, string | undefined>>): void {
    for (const option of this.#spec.options ?? []) {
      const value = option.env === undefined ? undefined : env[option.env];
      if (value === undefined || value === '') continue;
      const { key } = optionFlags(option);
      if (!this.given.has(key)) this.given.set(key, [[value]]);
    }
  }

  /** Reads up to a place where Node's parser and this one disagree about what follows; returns what is left to read from there. */
  #readSome(words: readonly string[]): readonly string[] {
    for (const token of tokensOf(words, this.#config)) {
      if (token.kind === 'positional') this.args.push(token.value);
      if (token.kind !== 'option') continue;
      const word = words[token.index] ?? '';
      if (isNegativeNumber(word)) {
        this.args.push(word);
        return words.slice(token.index + 1);
      }
      const flags = this.#flags.get(token.rawName);
      if (flags === undefined && (token.rawName === '-h' || token.rawName === '--help')) {
        this.help = true;
        return [];
      }
      // The whole word in the message: "-temperature" is a mistyped "--temperature", not a mistyped "-t".
      if (flags === undefined) throw this.#unknown(word.startsWith('--') ? token.rawName : word);
      const taken = this.#take(flags, token, words);
      if (taken !== valuesBehind(token)) return words.slice(token.index + 1 + taken);
    }
    return [];
  }

  /** Takes the option's values; returns how many of the words behind it they are. */
  #take(flags: OptionFlags, token: OptionToken, words: readonly string[]): number {
    const { rawName: name, inlineValue: attached } = token;
    const values = token.value === undefined ? [] : [token.value];
    if (flags.required === 0 && !flags.optional && values.length > 0) throw this.#error(`${name} takes no value.`);
    if (flags.optional && attached !== true && token.value?.startsWith('-') === true) values.pop();
    const behind = words.slice(token.index + 1 + valuesBehind(token));
    while (values.length < flags.required) {
      const value = behind.shift();
      if (value === undefined) {
        const spec = this.#spec.options?.find((option) => optionFlags(option).key === flags.key)?.flags ?? name;
        throw this.#error(`${name} needs ${flags.required === 1 ? 'a value' : `${flags.required} values`}: ${spec}`);
      }
      values.push(value);
    }
    const before = this.given.get(flags.key);
    if (before === undefined) this.given.set(flags.key, [values]);
    else before.push(values);
    return values.length - (attached === true ? 1 : 0);
  }

  #unknown(name: string): LmdeckError {
    const known = [...this.#flags.keys(), '--help'].filter((flag) => flag.startsWith('--'));
    const wanted = `--${name.replace(/^-+/, '')}`;
    return this.#error(`unknown option ${name}.${name.length > 2 ? didYouMean(wanted, known) : ''}`);
  }

  #error(problem: string): LmdeckError {
    return new LmdeckError('usage', `${this.#path}: ${problem} See ${this.#path} --help.`);
  }
}

/** Long names can be written with underscores too: `--num_fewshot` is `--num-fewshot`. */
function spellings(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.flatMap((name) => (name.startsWith('--') ? [name, `--${name.slice(2).replaceAll('-', '_')}`] : [name])));
}

function tokensOf(words: readonly string[], options: ParseArgsOptionsConfig) {
  return tokenize({ args: [...words], options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

/** How many of the words behind an option Node's parser took as its value. */
function valuesBehind({ value, inlineValue }: OptionToken): number {
  return value === undefined || inlineValue ? 0 : 1;
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
