import type { CommandOption } from './command.ts';

/** The flags of an option, taken apart. */
export interface OptionFlags {
  /** `-m`, `--model`, as typed. */
  readonly names: readonly string[];
  /** The last long name in camelCase, the key of {@link ParsedOptions}. */
  readonly key: string;
  /** How many values must follow. */
  readonly required: number;
  /** True when one value may follow. */
  readonly optional: boolean;
}

/** Takes `-o, --option <key> <value>` apart. */
export function optionFlags(option: Pick<CommandOption, 'flags'>): OptionFlags {
  const words = option.flags.split(/[\s,|]+/);
  const names = words.filter((word) => word.startsWith('-'));
  const long = names.findLast((name) => name.startsWith('--')) ?? names[0] ?? '';
  return {
    names,
    key: camelCase(long),
    required: words.filter((word) => word.startsWith('<')).length,
    optional: words.some((word) => word.startsWith('[')),
  };
}

function camelCase(flag: string): string {
  return flag.replace(/^-+/, '').replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
