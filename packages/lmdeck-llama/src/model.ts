import { basename, resolve } from 'node:path';
import { LmdeckError, canonicalJson, sha256, type LocalTokenizer, type Message, type Model } from 'lmdeck/core';
import type { LoadOptions, LoadedModel } from './loaded-model.ts';
import type { Residence } from './memory-budget.ts';
import { llamaCapabilities, llamaOptions, readOptions } from './options.ts';
import { sequenceCount } from './sequence-count.ts';
import { tinyModelPath } from './tiny.ts';
import { weightsBytes, weightsRevision } from './weights-file.ts';

/** A GGUF file as a model. */
export interface LlamaModel extends Model {
  /** The file's own tokenizer. Loads the model. */
  readonly tokenizer: () => Promise<LocalTokenizer>;
  readonly contextSize: () => Promise<number>;
  readonly load: () => Promise<void>;
  readonly unload: () => Promise<void>;
  /** Tokens of a text as it stands, or of messages as the chat template renders them. Loads the model. */
  readonly countTokens: (input: string | readonly Message[]) => Promise<number>;
}

/**
 * Makes a model of a GGUF file; nothing is read but the file's identity until it is used or loaded.
 * @param path the file, or `tiny` for the model that comes with this package.
 */
export function llamaModel(path: string, options: LoadOptions & { readonly id?: string | undefined } = {}): LlamaModel {
  const file = path === 'tiny' ? tinyModelPath : resolve(path);
  const id = options.id ?? `llama/${file === tinyModelPath ? 'tiny' : basename(file).replace(/\.gguf$/i, '')}`;
  checkCounts(id, options);
  const revision = revisionOf(file, options);
  let current: Session | undefined;
  const unload = async (closing: Session | undefined): Promise<void> => {
    if (current === closing) current = undefined;
    await closing?.close();
  };
  const session = (): Session => {
    if (current === undefined) {
      const opened = openSession(id, file, options, () => unload(opened));
      current = opened;
      opened.loaded.catch(() => {
        if (current === opened) current = undefined;
      });
    }
    return current;
  };
  return {
    id,
    endpoint: 'in-process',
    ...(revision === undefined ? {} : { revision }),
    capabilities: { ...llamaCapabilities, concurrency: sequenceCount(file, options) },
    options: llamaOptions,
    async *generate(request, { signal }) {
      const answering = session();
      const leave = answering.enter(signal);
      try {
        const { generate, model } = await answering.loaded;
        yield* generate(model, id, request, readOptions(request.options), signal);
      } finally {
        leave();
      }
    },
    scoreBatch: async (requests, { signal }) => {
      const scoring = session();
      const leave = scoring.enter(signal);
      try {
        const { scoreBatch, model } = await scoring.loaded;
        return await scoreBatch(model, id, requests, signal);
      } finally {
        leave();
      }
    },
    hiddenStates: async (input, { signal } = {}) => {
      const reading = session();
      const leave = reading.enter(signal ?? new AbortController().signal);
      try {
        const { hiddenStates, model } = await reading.loaded;
        return await hiddenStates(model, await model.states(), id, input, signal);
      } finally {
        leave();
      }
    },
    tokenizer: async () => {
      const { llamaTokenizer, model } = await session().loaded;
      return llamaTokenizer(model.model, id, options.chatTemplate);
    },
    contextSize: async () => (await session().loaded).model.contextTokens,
    load: async () => {
      await session().loaded;
    },
    unload: () => unload(current),
    countTokens: async (input) => {
      const { model } = await session().loaded;
      return typeof input === 'string' ? model.model.tokenize(input).length : model.chat.render(input).length;
    },
  };
}

/** The weights, and those settings that can change an answer. */
function revisionOf(file: string, { chatTemplate, contextSize }: LoadOptions): string | undefined {
  const weights = weightsRevision(file);
  if (weights === undefined || (chatTemplate === undefined && contextSize === undefined)) return weights;
  return `${weights}-${sha256(canonicalJson({ chatTemplate, contextSize })).slice(0, 16)}`;
}

/** The time from loading a model to unloading it. */
interface Session {
  readonly loaded: Promise<Omit<typeof import('./runtime.ts'), 'loadModel'> & { readonly model: LoadedModel }>;
  /** A call begins; it ends with the function that is returned, or by being aborted. */
  readonly enter: (signal: AbortSignal) => () => void;
  /** Frees the model when all calls have ended. */
  readonly close: () => Promise<void>;
}

function openSession(id: string, file: string, options: LoadOptions, evict: () => Promise<void>): Session {
  let residence: Residence | undefined;
  const loaded = (async () => {
    residence = await options.memory?.admit({ id, bytes: weightsBytes(file) ?? 0, evict });
    // Lists of models and cached answers never come here, so they need not pay for it.
    const { generate, hiddenStates, llamaTokenizer, loadModel, scoreBatch } = await import('./runtime.ts');
    const model = await loadModel(id, file, options);
    try {
      await residence?.settle(model.memoryBytes);
    } catch (error) {
      await model.close();
      throw error;
    }
    return { generate, hiddenStates, llamaTokenizer, scoreBatch, model };
  })();
  loaded.catch(() => residence?.leave());
  let calls = 0;
  const over = Promise.withResolvers<void>();
  let closing = false;
  return {
    loaded,
    enter: (signal) => {
      calls++;
      residence?.touch();
      let left = false;
      const leave = (): void => {
        signal.removeEventListener('abort', leave);
        if (left) return;
        left = true;
        if (--calls === 0 && closing) over.resolve();
      };
      signal.addEventListener('abort', leave, { once: true });
      return leave;
    },
    close: async () => {
      closing = true;
      if (calls > 0) await over.promise;
      const opened = await loaded.catch(() => undefined);
      await opened?.model.close();
      residence?.leave();
    },
  };
}

/** Bounds of what can be meant; beyond them the engine's own arithmetic overflows. */
const MOST: Readonly<Record<'contextSize' | 'sequences' | 'threads', number>> = { contextSize: 2 ** 24, sequences: 256, threads: 1024 };

function checkCounts(id: string, options: LoadOptions): void {
  for (const name of ['contextSize', 'sequences', 'threads'] as const) {
    const value = options[name];
    if (value !== undefined && !(Number.isInteger(value) && value >= 1 && value <= MOST[name]))
      throw new LmdeckError('usage', `${id}: ${name} must be a whole number from 1 to ${MOST[name]}, not ${value}.`);
  }
}
