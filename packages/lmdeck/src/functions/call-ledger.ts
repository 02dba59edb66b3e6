import type { Response, Usage } from '../core/index.ts';
import type { FunctionTrace } from './function-outcome.ts';

const COUNTS = ['inputTokens', 'outputTokens', 'cachedInputTokens', 'cacheWriteTokens', 'reasoningTokens', 'totalTokens'] as const;

/** The calls that one result takes. */
export class CallLedger {
  readonly #callIds: string[] = [];
  #usage: Usage = {};

  /** The call that all others hang on. */
  get first(): string | undefined {
    return this.#callIds[0];
  }

  get callIds(): readonly string[] {
    return [...this.#callIds];
  }

  /** Notes a call that has ended well. */
  async add(response: Response): Promise<void> {
    // A call that a run made before keeps its id.
    const id = response.cachedFrom ?? response.callId;
    if (id !== undefined) this.#callIds.push(id);
    this.#usage = total(this.#usage, await response.usage());
  }

  trace(leniencies: readonly string[]): FunctionTrace {
    return {
      attempts: this.#callIds.length,
      callIds: this.callIds,
      ...(Object.keys(this.#usage).length === 0 ? {} : { usage: this.#usage }),
      ...(leniencies.length === 0 ? {} : { leniencies }),
    };
  }
}

/** The sum of what both know. */
function total(before: Usage, usage: Usage): Usage {
  const sum: Record<string, number> = {};
  for (const name of COUNTS) {
    const [a, b] = [before[name], usage[name]];
    if (a !== undefined || b !== undefined) sum[name] = (a ?? 0) + (b ?? 0);
  }
  return sum;
}
