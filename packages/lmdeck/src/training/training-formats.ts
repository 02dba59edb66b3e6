import { LmdeckError, type JsonObject, type LocalTokenizer, type StoredCall, type Tokenizer } from '../core/index.ts';
import type { CallFormat, WriteContext } from '../interop/index.ts';
import { chatRecord, toolNames, type ChatRecord } from './chat-record.ts';
import { openaiRecord } from './openai-record.ts';
import { preferenceLines } from './preference-lines.ts';
import { selectAnswers, type Answer, type AnswerSelection } from './select-answers.ts';
import { exampleOf } from './training-example.ts';
import { callMetadata, scoreOf, trainingRecord, trainingSample, type TrainingSampleOptions } from './training-sample.ts';
import { promptGroup } from './prompt-group.ts';
import { trainingText, type TrainingTextOptions } from './training-text.ts';

/** What all formats for training take. */
export interface TrainingFormatOptions extends AnswerSelection {
  /** The key under which an assistant's reasoning is written (`reasoning_content`, `thinking`). Default: it is left out. */
  readonly reasoning?: string | undefined;
}

/** Options of {@link trainingTextFormat}. */
export interface TrainingTextFormatOptions extends TrainingFormatOptions, Omit<TrainingTextOptions, 'sample' | 'tokenizer'> {
  readonly tokenizer: Tokenizer;
  /** Adds token ids, labels and log-probabilities; takes a tokenizer in this process. Default: false. */
  readonly tokens?: boolean | undefined;
  readonly logprobs?: TrainingSampleOptions['logprobs'];
  readonly reference?: TrainingSampleOptions['reference'];
}

/** Options of {@link preferenceFormat}. */
export interface PreferenceFormatOptions extends TrainingFormatOptions {
  /** The best answer to a prompt with the worst one, or with every one that is worse. Default: `best-worst`. */
  readonly pairs?: 'best-worst' | 'all' | undefined;
}

/**
 * Conversations for supervised fine-tuning: `{"messages": […], "tools": […]}` as TRL and axolotl read them, tool arguments as objects.
 *
 * @example
 * ```ts
 * import { languageModel, mock } from 'lmdeck';
 * import { exportCalls } from 'lmdeck/interop';
 * import { record } from 'lmdeck/middleware';
 * import { openTape } from 'lmdeck/tape';
 * import { sftFormat } from 'lmdeck/training';
 *
 * await using tape = openTape(':memory:');
 * const response = languageModel(mock({ outputs: ['Paris'] }), record(tape)).prompt('Capital of France?');
 * await response.text();
 * tape.tag(tape.calls()[0]?.id ?? '', { reward: 1 });
 *
 * let lines = '';
 * await exportCalls(tape, (text) => void (lines += text), { format: sftFormat({ tape, minScore: 0.5 }) });
 * console.log(lines.trim()); // {"messages":[{"role":"user","content":"Capital of France?"},{"role":"assistant","content":"Paris"}]}
 * ```
 */
export function sftFormat(options: TrainingFormatOptions): CallFormat {
  return lineFormat('sft', 'TRL and axolotl: {"messages", "tools"} for supervised fine-tuning', options, (answer) => {
    const { prompt, answer: said, tools } = chat(answer, options);
    return { messages: [...prompt, said], ...(tools === undefined ? {} : { tools }) };
  });
}

/** Prompt and answer apart, of which TRL learns the answer alone: `{"prompt": […], "completion": […], "tools": […]}`. */
export function promptCompletionFormat(options: TrainingFormatOptions): CallFormat {
  return lineFormat('prompt-completion', 'TRL: {"prompt", "completion", "tools"}, only the answer is learnt', options, (answer) => {
    const { prompt, answer: said, tools } = chat(answer, options);
    return { prompt, completion: [said], ...(tools === undefined ? {} : { tools }) };
  });
}

/** Lines for OpenAI's supervised fine-tuning; in a line for one call only its answer is learnt (`weight` 0 before it). */
export function openaiFormat(options: TrainingFormatOptions): CallFormat {
  return lineFormat('openai-ft', 'OpenAI\'s supervised fine-tuning: {"messages", "tools", "parallel_tool_calls"}', options, (answer) =>
    openaiRecord(answer, options.per === 'conversation'),
  );
}

/** Preferences: `{"prompt": […], "chosen": […], "rejected": […]}` out of several answers to a prompt that differ in their score. */
export function preferenceFormat(options: PreferenceFormatOptions): CallFormat {
  return {
    name: 'dpo',
    summary: 'TRL: {"prompt", "chosen", "rejected"} out of several scored answers to a prompt',
    writeText: (calls, context) => preferenceLines(calls, context, options, (answer) => chat(answer, options)),
  };
}

/** TapeAgents' `TrainingText`: text, `n_predicted`, reward, group, metadata; with `tokens` also ids, labels and log-probabilities. */
export function trainingTextFormat(options: TrainingTextFormatOptions): CallFormat {
  const { tokenizer, tokens = false, logprobs, reference, scoreKey = 'reward', ...rest } = options;
  const local = tokens ? localTokenizer(tokenizer) : undefined;
  return lineFormat(
    'training',
    "TapeAgents' TrainingText: text, n_predicted, reward, group_id, with --tokens input_ids, labels, logprobs",
    { cutOff: true, ...options },
    async ({ call, sample }) => {
      const reward = scoreOf(call, scoreKey, sample);
      const facts = { ...(reward === undefined ? {} : { reward }), groupId: promptGroup(call.request) };
      if (local === undefined)
        return trainingRecord({ ...trainingText(call, { ...rest, tokenizer, sample }), ...facts, metadata: callMetadata(call) });
      return trainingRecord(await trainingSample(call, { ...rest, ...facts, tokenizer: local, sample, logprobs, reference }));
    },
    ({ text }) => (typeof text === 'string' ? text : ''),
  );
}

function lineFormat(
  name: string,
  summary: string,
  options: TrainingFormatOptions,
  record: (answer: Answer) => JsonObject | Promise<JsonObject>,
  identity: (record: JsonObject) => string = JSON.stringify,
): CallFormat {
  return { name, summary, writeText: (calls, context) => lines(calls, context, options, record, identity) };
}

async function* lines(
  calls: AsyncIterable<StoredCall>,
  context: WriteContext,
  options: TrainingFormatOptions,
  record: (answer: Answer) => JsonObject | Promise<JsonObject>,
  identity: (record: JsonObject) => string,
): AsyncGenerator<string, undefined> {
  using selected = selectAnswers(calls, context, options);
  for await (const answer of selected.answers) {
    let value: JsonObject;
    try {
      value = await record(answer);
    } catch (error) {
      if (LmdeckError.isInstance(error) && (error.code === 'aborted' || error.code === 'capability')) throw error;
      context.leaveOut(`call ${answer.call.id}`, error instanceof Error ? error.message : String(error));
      continue;
    }
    if (options.dedupe !== true || selected.isFirst(identity(value))) yield `${JSON.stringify(value)}\n`;
    else context.passOver('lines that were there already');
  }
  return undefined;
}

function chat({ call, sample }: Answer, { reasoning }: TrainingFormatOptions): ChatRecord {
  const example = exampleOf(call, sample);
  return chatRecord(example, { reasoning, toolArguments: 'object', toolNames: toolNames(example.messages) });
}

function localTokenizer(tokenizer: Tokenizer): LocalTokenizer {
  if (isLocal(tokenizer)) return tokenizer;
  throw new LmdeckError('capability', `Token ids and labels need a tokenizer in this process, and ${tokenizer.id} is elsewhere.`);
}

function isLocal(tokenizer: Tokenizer): tokenizer is LocalTokenizer {
  return 'encodeWithOffsets' in tokenizer;
}
