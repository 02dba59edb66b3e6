import type { ModelInfo } from '../../deck/index.ts';
import type { Capabilities } from '../../core/index.ts';
import type { Command } from '../args/command.ts';
import { interruptible } from '../io/interruptible.ts';
import { withDeck } from '../with-deck.ts';

export const listCommand: Command = {
  name: 'list',
  summary: 'List models',
  options: [
    { flags: '-q, --query <text>', description: 'Only those whose id or alias has all of these', repeatable: true },
    { flags: '--options', description: 'With the options they take' },
    { flags: '--remote', description: 'Ask the servers which models they have' },
    { flags: '--json', description: 'As a JSON array' },
  ],
  examples: [{ command: 'lmdeck models' }, { command: 'lmdeck models list --remote -q openai' }],
  run: ({ options, io }) =>
    withDeck(io, { tape: false }, (deck) =>
      interruptible(io, async (signal) => {
        const all = await deck.models({ remote: options.flag('remote'), signal });
        const words = options.texts('query').map((word) => word.toLowerCase());
        const models = all.filter((model) => model.warning === undefined && matches(model, words));
        const standard = await deck.defaultModel().catch(() => undefined);
        for (const { id, warning } of all) if (warning !== undefined) io.note(`Warning: ${id}: ${warning}`);
        if (options.flag('json')) {
          return io.print(
            `${JSON.stringify(
              models.map((model) => jsonOf(model, standard)),
              undefined,
              2,
            )}\n`,
          );
        }
        if (models.length === 0) return io.note('No models match.');
        await io.print(models.map((model) => `${describe(model, options.flag('options'))}\n`).join(''));
        if (standard !== undefined) await io.print(`\nDefault: ${standard}\n`);
      }),
    ),
};

function matches({ id, aliases }: ModelInfo, words: readonly string[]): boolean {
  return words.every((word) => [id, ...aliases].some((name) => name.toLowerCase().includes(word)));
}

function describe({ id, aliases, source, description, price, options }: ModelInfo, withOptions: boolean): string {
  const names = aliases.length === 0 ? '' : ` (aliases: ${aliases.join(', ')})`;
  const cost = price === undefined ? '' : ` ($${price.input} in, $${price.output} out per million tokens)`;
  const lines = [`${id}${names}${description === undefined ? ` [${source}]` : `: ${description}`}${cost}`];
  if (withOptions) {
    for (const [name, spec] of Object.entries(options?.properties ?? {})) lines.push(`    ${name} <${spec.type}>: ${spec.description}`);
  }
  return lines.join('\n');
}

function jsonOf(model: ModelInfo, standard: string | undefined): Readonly<Record<string, unknown>> {
  const { id, aliases, source, description, capabilities, options, price, keyName } = model;
  return {
    id,
    aliases,
    source,
    description: description ?? null,
    default: id === standard,
    capabilities: capabilityNames(capabilities),
    attachments: capabilities?.attachments ?? [],
    options: options?.properties ?? null,
    price: price ?? null,
    key_name: keyName ?? null,
  };
}

function capabilityNames(capabilities: Capabilities = {}): string[] {
  return Object.entries(capabilities).flatMap(([name, can]) => (can === true ? [name] : []));
}
