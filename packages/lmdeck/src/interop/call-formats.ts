import { LmdeckError, didYouMean } from '../core/index.ts';
import type { CallFormat } from './call-format.ts';
import { callsJsonl } from './lmdeck/calls-jsonl.ts';
import { tapeFile } from './lmdeck/tape-file.ts';
import { tapeAgents, tapeAgentsCache } from './tapeagents/formats.ts';

/** The built-in formats; those first whose signs are surest. */
export const callFormats: readonly CallFormat[] = [callsJsonl, tapeFile, tapeAgents, tapeAgentsCache];

/** @throws LmdeckError `usage` when there is no such format, or it cannot do what is asked. */
export function formatNamed(name: string, formats: readonly CallFormat[], use: 'read' | 'write'): CallFormat {
  const able = formats.filter((format) => (use === 'read' ? format.read : (format.writeText ?? format.writeFile)) !== undefined);
  const found = able.find((format) => format.name === name);
  if (found !== undefined) return found;
  const names = able.map((format) => format.name);
  const problem = formats.some((format) => format.name === name)
    ? `The format "${name}" can only be ${use === 'read' ? 'exported' : 'imported'}.`
    : `There is no format "${name}".${didYouMean(name, names)}`;
  throw new LmdeckError('usage', `${problem} Formats to ${use === 'read' ? 'import' : 'export'}: ${names.join(', ')}.`);
}
