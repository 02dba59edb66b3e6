import type { Model, OptionSpec } from '../../core/index.ts';
import { section } from '../args/help.ts';
import type { CliIo } from '../io/cli-io.ts';

/** Prints the options that a model takes. */
export async function showOptions(model: Pick<Model, 'id' | 'options'>, io: CliIo): Promise<void> {
  const entries = Object.entries(model.options?.properties ?? {});
  if (entries.length > 0)
    return io.print(
      section(
        `Options of ${model.id}`,
        entries.map(([name, spec]) => ({ name: `${name} <${kind(spec)}>`, summary: summary(spec) })),
      ),
    );
  await io.print(
    model.options === undefined
      ? `${model.id} does not tell which options it takes: any are passed on.\n`
      : `${model.id} takes no options.\n`,
  );
}

function kind(spec: OptionSpec): string {
  return spec.choices?.join('|') ?? (spec.type === 'strings' ? 'text...' : spec.type);
}

function summary({ description, minimum, maximum, default: standard }: OptionSpec): string {
  const range = minimum === undefined && maximum === undefined ? [] : [`${minimum ?? ''}…${maximum ?? ''}`];
  const facts = [...range, ...(standard === undefined ? [] : [`default: ${JSON.stringify(standard)}`])];
  return facts.length === 0 ? description : `${description} (${facts.join('; ')})`;
}
