import { setTimeout as delay } from 'node:timers/promises';
import type { LlamaContext, LlamaGrammar, LlamaModel, Token } from 'node-llama-cpp';
import { batchStrategy, sequencesPerContext } from './batching.ts';
import { chatFormat, type ChatFormat, type ChatTemplateOption } from './chat/chat-format.ts';
import { openEngine, type Engine, type GpuOption } from './engine.ts';
import { openStateModel, type StateModel } from './hidden-states.ts';
import { loadError } from './load-error.ts';
import type { MemoryBudget } from './memory-budget.ts';
import { sequenceCount } from './sequence-count.ts';
import { SequencePool } from './sequence-pool.ts';
import { defaultThreads } from './threads.ts';
import { checkWeightsFile } from './weights-file.ts';

/** How to load a model; absent fields get defaults that fit the file. */
export interface LoadOptions {
  readonly contextSize?: number | undefined;
  readonly sequences?: number | undefined;
  readonly threads?: number | undefined;
  readonly gpu?: GpuOption | undefined;
  readonly chatTemplate?: ChatTemplateOption | undefined;
  /** Memory that is shared with other models; absent: as much as there is. */
  readonly memory?: MemoryBudget | undefined;
}

/** Weights in memory, with a context to compute in. */
export interface LoadedModel {
  readonly engine: Engine;
  readonly model: LlamaModel;
  readonly pool: SequencePool;
  readonly chat: ChatFormat;
  /** Tokens that a sequence holds, prompt and answer together. */
  readonly contextTokens: number;
  /** Weights and contexts. */
  readonly memoryBytes: number;
  /** Text of those control tokens that open or close something, see {@link ChatFormat.markers}. */
  readonly visible: (token: Token) => string | undefined;
  /** A grammar from its GBNF text; the last ones are kept. */
  readonly grammar: (text: string) => Promise<LlamaGrammar>;
  /** The model as it gives hidden states, loaded when they are first asked for. */
  readonly states: () => Promise<StateModel>;
  /** Waits for running calls, then frees everything. */
  readonly close: () => Promise<void>;
}

const MOST_CONTEXT = 8192;
const MOST_GRAMMARS = 32;
const LOG_DELAY_MS = 20;

/** @throws LmdeckError `not-found`, `config` (not a usable model, too big) or `plugin` (no engine). */
export async function loadModel(modelId: string, path: string, options: LoadOptions): Promise<LoadedModel> {
  checkWeightsFile(path);
  const engine = await openEngine(options.gpu);
  const model = await withErrors(engine, modelId, path, () => engine.llama.loadModel({ modelPath: path }));
  try {
    const chat = chatFormat(engine, model, modelId, options.chatTemplate);
    const contexts: LlamaContext[] = [];
    for (const sequences of sequencesPerContext(sequenceCount(path, options)))
      contexts.push(await withErrors(engine, modelId, path, () => createContext(engine, model, sequences, options)));
    const pool = new SequencePool(contexts);
    let states: Promise<StateModel> | undefined;
    const loaded: LoadedModel = {
      engine,
      model,
      pool,
      chat,
      // The engine keeps one place free and would drop the beginning of the prompt to have it.
      contextTokens: Math.min(...contexts.map((context) => context.contextSize)) - 1,
      memoryBytes: model.size + (await contextsBytes(model, contexts)),
      visible: visibleTokens(model, chat.markers),
      grammar: grammarCache(engine),
      states: () => (states ??= openStateModel(loaded, modelId, path, threadsOf(engine, model, options))),
      close: async () => {
        await pool.idle();
        await (await states?.catch(() => undefined))?.model.dispose();
        await model.dispose();
      },
    };
    return loaded;
  } catch (error) {
    await model.dispose();
    throw error;
  }
}

function createContext(engine: Engine, model: LlamaModel, sequences: number, options: LoadOptions): Promise<LlamaContext> {
  return model.createContext({
    // A size that was asked for is had or is an error; trying again with smaller ones is for the default.
    ...(options.contextSize === undefined ? {} : { failedCreationRemedy: false }),
    contextSize: options.contextSize ?? { max: Math.min(model.trainContextSize, MOST_CONTEXT) },
    sequences,
    threads: threadsOf(engine, model, options),
    batching: { itemPrioritizationStrategy: batchStrategy() },
  });
}

/** What the engine reckons that contexts take. */
async function contextsBytes(model: LlamaModel, contexts: readonly LlamaContext[]): Promise<number> {
  let bytes = 0;
  for (const { contextSize, totalSequences: sequences } of contexts) {
    const needed = await model.fileInsights.estimateContextResourceRequirementsV2({
      contextSize,
      sequences,
      modelGpuLayers: model.gpuLayers,
    });
    bytes += needed.cpuRam + needed.gpuVram;
  }
  return bytes;
}

function threadsOf(engine: Engine, model: LlamaModel, options: LoadOptions): number {
  return options.threads ?? defaultThreads(model.size, engine.llama.cpuMathCores);
}

function visibleTokens(model: LlamaModel, markers: readonly string[]): (token: Token) => string | undefined {
  const known = new Map<Token, string | undefined>();
  return (token) => {
    if (known.has(token)) return known.get(token);
    const text = model.isSpecialToken(token) ? model.detokenize([token], true) : '';
    const visible = text !== '' && markers.some((marker) => marker.includes(text)) ? text : undefined;
    known.set(token, visible);
    return visible;
  };
}

function grammarCache(engine: Engine): (text: string) => Promise<LlamaGrammar> {
  const known = new Map<string, Promise<LlamaGrammar>>();
  return (text) => {
    const grammar = known.get(text) ?? engine.llama.createGrammar({ grammar: text });
    // The latest is the last: the first one is the one to forget.
    known.delete(text);
    known.set(text, grammar);
    for (const oldest of known.keys()) {
      if (known.size <= MOST_GRAMMARS) break;
      known.delete(oldest);
    }
    return grammar;
  };
}

/** Runs a step of loading; what the engine throws, and what llama.cpp logs about it, becomes one sentence. */
async function withErrors<T>(engine: Engine, modelId: string, path: string, step: () => Promise<T>): Promise<T> {
  engine.takeComplaints();
  try {
    return await step();
  } catch (error) {
    // llama.cpp's log arrives through the event loop, after the failure itself.
    await delay(LOG_DELAY_MS);
    throw loadError(modelId, path, error, engine.takeComplaints().join('\n'));
  }
}
