import { derivedId } from '../../core/index.ts';
import type { PartState } from './run-state.ts';

/** The call that a result becomes: always the same one, so that fetching again repeats nothing. */
export function callIdOf(provider: string, part: Pick<PartState, 'job' | 'createdAt'>, customId: string): string {
  return derivedId(part.createdAt ?? 0, `lmdeck batch\n${provider}\n${part.job ?? ''}\n${customId}`);
}
