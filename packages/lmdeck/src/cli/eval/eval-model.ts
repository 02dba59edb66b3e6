import { LmdeckError, languageModel, type LanguageModel } from '../../core/index.ts';
import type { Deck } from '../../deck/index.ts';
import type { ModelArgs } from './model-args.ts';
import type { EvalSettings } from './run-record.ts';

/** Model types of lm-evaluation-harness that mean a server; the model is then in `--model_args`. */
const HARNESS_TYPES: Readonly<Record<string, string>> = {
  'local-completions': 'local',
  'local-chat-completions': 'local',
  'openai-completions': 'openai',
  'openai-chat-completions': 'openai',
};

/** Other model types of lm-evaluation-harness. */
const OTHER_TYPES = new Set([
  'hf',
  'hf-auto',
  'vllm',
  'sglang',
  'sglang-generate',
  'gguf',
  'ggml',
  'anthropic-completions',
  'anthropic-chat',
  'anthropic-chat-completions',
  'azure-openai-chat-completions',
  'litellm',
  'litellm-chat',
  'litellm-chat-completions',
  'textsynth',
  'watsonx_llm',
  'dummy',
]);

/** @throws LmdeckError `usage` for a model type that only chats when plain text is to be asked: it would be sent elsewhere. */
export function checkChatType(given: string | undefined, { chat }: Pick<EvalSettings, 'chat'>): void {
  if (given !== undefined && Object.hasOwn(HARNESS_TYPES, given) && given.endsWith('-chat-completions') && chat !== true)
    throw new LmdeckError('usage', `--model ${given} asks in the chat format: it needs --apply_chat_template.`);
}

/** Which model is meant: its id, and the address when it is on no endpoint of the configuration. @throws LmdeckError `usage`, `unknown-model`, `config` */
export async function chosenModel(
  given: string | undefined,
  args: ModelArgs,
  deck: Deck,
): Promise<Pick<EvalSettings, 'model' | 'baseUrl'>> {
  const endpoint = given === undefined ? undefined : HARNESS_TYPES[given];
  if (given !== undefined && OTHER_TYPES.has(given) && args.model !== undefined) {
    throw new LmdeckError(
      'usage',
      `The model type "${given}" of lm-evaluation-harness is not here. Serve the model and use local-completions with base_url, or name a model of lmdeck: lmdeck models`,
    );
  }
  const name = args.model ?? (endpoint === undefined ? given : undefined);
  if (args.baseUrl !== undefined) {
    if (name === undefined) throw new LmdeckError('usage', '--model_args: base_url needs the model that is served there: model=NAME.');
    return { model: `local/${name}`, baseUrl: args.baseUrl };
  }
  if (endpoint !== undefined) {
    if (name === undefined)
      throw new LmdeckError('usage', `--model ${given} needs --model_args model=NAME${endpoint === 'local' ? ',base_url=URL' : ''}.`);
    if (endpoint === 'local') throw new LmdeckError('usage', `--model ${given} needs --model_args base_url=URL.`);
    return { model: await deck.resolve(`${endpoint}/${name}`) };
  }
  return { model: await deck.resolve(name) };
}

/** The model, its calls recorded on the deck's tape. */
export async function openModel(
  { model, baseUrl }: Pick<EvalSettings, 'model' | 'baseUrl'>,
  args: ModelArgs,
  deck: Deck,
): Promise<LanguageModel> {
  if (baseUrl === undefined) return deck.model(model);
  const [{ chatModel }, { record, retry, timeout }] = await Promise.all([
    import('../../models/index.ts'),
    import('../../middleware/index.ts'),
  ]);
  const server = chatModel({ name: 'local', baseUrl, model: model.replace(/^local\//, ''), keyEnv: 'OPENAI_API_KEY' });
  const retries = args.retries === undefined ? undefined : { retries: args.retries };
  const limits = args.timeoutSeconds === undefined ? undefined : { totalMs: args.timeoutSeconds * 1000 };
  return languageModel(server, record(await deck.tape()), retry(retries), timeout(limits));
}
