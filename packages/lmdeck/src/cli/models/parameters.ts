import { parameters, type ParameterInfo } from '../../deck/configure/index.ts';
import type { Command } from '../args/command.ts';
import { withDeck } from '../with-deck.ts';

export const parametersCommand: Command = {
  name: 'parameters',
  summary: 'List what can be set on a model: type, range, default',
  arguments: ['[model]'],
  completes: 'model',
  options: [{ flags: '--json', description: 'As a JSON array' }],
  examples: [{ command: 'lmdeck models parameters tiny' }, { command: 'lmdeck models parameters openai/gpt-5-mini --json' }],
  run: ({ args: [name], options, io }) =>
    withDeck(io, { tape: false }, async (deck) => {
      const model = await deck.model(name);
      const infos = parameters(model.options);
      if (options.flag('json')) return io.print(`${JSON.stringify(infos, undefined, 2)}\n`);
      if (infos.length === 0) return io.note(`${model.id} takes any option and says of none what it means.`);
      await io.print(lines(infos, ''));
    }),
};

function lines(infos: readonly ParameterInfo[], indent: string): string {
  return infos
    .map(
      (info) => `${indent}${info.name} <${info.type}>${facts(info)}: ${info.description}\n${lines(info.parameters ?? [], `${indent}  `)}`,
    )
    .join('');
}

function facts({ optional, minimum, maximum, choices, default: value }: ParameterInfo): string {
  const range = minimum === undefined && maximum === undefined ? undefined : `${minimum ?? ''}…${maximum ?? ''}`;
  const found = [
    optional ? undefined : 'required',
    range,
    choices?.join('|'),
    value === undefined ? undefined : `default ${JSON.stringify(value)}`,
  ];
  const known = found.filter((each) => each !== undefined);
  return known.length === 0 ? '' : ` (${known.join(', ')})`;
}
