import { LmdeckError, type HiddenStates, type Message, type TokenIds } from 'lmdeck/core';
import type { LlamaEmbeddingContext, LlamaModel, Token } from 'node-llama-cpp';
import type { LoadedModel } from './loaded-model.ts';
import { firstToken, textTokens, withBos } from './raw-tokens.ts';
import { toTokens } from './token-ids.ts';

/** llama.cpp's number for "no pooling": the embedding of a text is the state of its last token. */
const NO_POOLING = 0;

/** The same weights once more, loaded so that they give the states of single tokens; the file is mapped, so its pages are shared. */
export interface StateModel {
  readonly model: LlamaModel;
  readonly context: LlamaEmbeddingContext;
}

/** @throws LmdeckError `capability` for a model whose tokens see what comes after them. */
export async function openStateModel(
  { engine, model, contextTokens }: LoadedModel,
  modelId: string,
  path: string,
  threads: number,
): Promise<StateModel> {
  const { architecture } = model.fileInfo.metadata.general;
  const settings: { readonly attention?: { readonly causal?: boolean } } = model.fileInfo.architectureMetadata;
  if (settings.attention?.causal === false || model.tokens.shouldAppendEosToken)
    throw new LmdeckError('capability', `${modelId} is an encoder: its states of single tokens cannot be had from this engine.`);
  const states = await engine.llama.loadModel({ modelPath: path, metadataOverrides: { [architecture]: { pooling_type: NO_POOLING } } });
  return { model: states, context: await states.createEmbeddingContext({ contextSize: contextTokens + 1, threads }) };
}

/**
 * The output of the last layer (after the final norm) for every token. The engine gives that of the last token only; a token
 * sees nothing that comes after it, so the state of each is that of the text up to it: the work grows with the square of the length.
 */
export async function hiddenStates(
  loaded: LoadedModel,
  states: StateModel,
  modelId: string,
  input: string | TokenIds | readonly Message[],
  signal: AbortSignal | undefined,
): Promise<HiddenStates> {
  const tokens = inputTokens(loaded, modelId, input);
  if (tokens.length > loaded.contextTokens)
    throw new LmdeckError(
      'invalid-request',
      `${modelId}: the text has ${tokens.length} tokens, the context holds ${loaded.contextTokens}. Shorten it.`,
      {
        data: { promptTokens: tokens.length, contextTokens: loaded.contextTokens },
      },
    );
  const size = loaded.model.embeddingVectorSize;
  const data = new Float32Array(tokens.length * size);
  for (let i = 0; i < tokens.length; i++) {
    if (signal?.aborted === true) throw LmdeckError.from(signal.reason, 'aborted');
    data.set((await states.context.getEmbeddingFor(tokens.slice(0, i + 1))).vector, i * size);
  }
  return { data, shape: [tokens.length, size], tokenIds: tokens };
}

/** With the BOS that the model was trained with: the engine puts it there in any case, so it is counted. */
function inputTokens({ model, chat }: LoadedModel, modelId: string, input: string | TokenIds | readonly Message[]): readonly Token[] {
  if (typeof input === 'string') return input === '' ? [firstToken(model, modelId)] : textTokens(input, model);
  const messages = input.filter((each) => typeof each === 'object');
  const ids = input.filter((each) => typeof each === 'number');
  return withBos(messages.length > 0 ? chat.render(messages) : toTokens(ids, model, modelId), model);
}
