import { languageModel, type LanguageModel, LmdeckError, type Model, type CallStore } from '../../core/index.ts';
import { record } from '../record.ts';
import { replay, type ReplayOptions } from '../replay.ts';

/** A model that says these pieces. */
export function saying(...texts: string[]): Model {
  return {
    id: 'saying',
    capabilities: { streaming: true, tools: true, schema: true, samples: true },
    async *generate() {
      for (const text of texts) yield { type: 'text-delta', text };
      yield { type: 'finish', reason: 'length' };
    },
  };
}

/** The same model where it must not be asked. */
export const silent: Model = {
  ...saying(),
  generate: () => {
    throw new Error('the model was asked');
  },
};

/** Puts a streamed answer into a store. */
export async function recorded(store: CallStore, prompt: string, ...texts: string[]): Promise<void> {
  for await (const _text of languageModel(saying(...texts), record(store)).prompt(prompt));
}

export function replayed(store: CallStore, options?: ReplayOptions): LanguageModel {
  return languageModel(silent, replay(store, options));
}

/** The error that comes of `work`; an `LmdeckError` or the test fails. */
export async function failure(work: Promise<unknown>): Promise<LmdeckError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (LmdeckError.isInstance(error)) return error;
  throw new Error(`expected an LmdeckError, got ${String(error)}`);
}
