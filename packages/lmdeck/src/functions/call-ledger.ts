import { totalUsage, type Response, type Usage } from '../core/index.ts';
import type { FunctionTrace } from './function-outcome.ts';

/** The calls that one result takes. */
export class CallLedger {
  readonly #callIds: string[] = [];
  readonly #usages: Usage[] = [];

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
    this.#usages.push(await response.usage());
  }

  trace(leniencies: readonly string[]): FunctionTrace {
    const usage = totalUsage(this.#usages) ?? {};
    return {
      attempts: this.#callIds.length,
      callIds: this.callIds,
      ...(Object.keys(usage).length === 0 ? {} : { usage }),
      ...(leniencies.length === 0 ? {} : { leniencies }),
    };
  }
}
