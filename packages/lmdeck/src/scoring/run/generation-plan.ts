import { LmdeckError, raw, type JsonObject, type JsonValue, type LanguageModel, type Message } from '../../core/index.ts';
import { PythonFloat, pythonStr, type PythonValue } from '../../python/index.ts';
import { normalizeGenerationOptions } from '../requests/generation-options.ts';
import { answerText, handleStopSequences } from '../requests/stop-sequences.ts';
import type { TaskContext, TaskRequest } from '../tasks/evaluation-task.ts';
import { knowsOption } from './knows-option.ts';
import { messagesOf } from './messages-of.ts';
import type { RequestPlan } from './request-plan.ts';

export interface GenerationSettings {
  readonly model: LanguageModel;
  readonly draw: number;
  readonly thinkEnd?: string | undefined;
  readonly maxGenerationTokens?: number | undefined;
  readonly seed?: number | undefined;
}

/** A text to generate: the options that the model knows, and what of its answer counts. @throws LmdeckError `usage`, `capability` */
export function planGeneration(
  { context, generation }: Extract<TaskRequest, { type: 'generate_until' }>,
  { model, draw, thinkEnd, maxGenerationTokens, seed = 1234 }: GenerationSettings,
): RequestPlan {
  const { options } = normalizeGenerationOptions(generation, maxGenerationTokens);
  const stops = handleStopSequences(options.until);
  const asked = {
    ...modelOptions(model, options),
    // The harness' payload of API models, other than its normal form, has `max_tokens` first.
    maxTokens: numberOf(generation['max_tokens']) ?? options.max_gen_toks,
    ...(knowsOption(model, 'temperature') ? { temperature: numberOf(options['temperature']) ?? 0 } : {}),
    ...(knowsOption(model, 'seed') ? { seed: seed + draw } : {}),
    // A stop sequence may occur in the thinking: then only what follows the thinking is cut, here.
    ...(stops.length > 0 && thinkEnd === undefined && knowsOption(model, 'stop') ? { stop: stops } : {}),
  };
  return {
    questions: [{ type: 'prompt', prompt: promptOf(model, context), options: asked, draw }],
    answer: ([reply]) => {
      if (reply?.type !== 'prompt') throw new LmdeckError('internal', `${model.id}: a prompt has no answer.`);
      const { text, finish, callId } = reply;
      const cutThinking = thinkEnd !== undefined && finish?.reason === 'length' && !text.includes(thinkEnd);
      return {
        response: cutThinking ? '' : answerText(text, stops, thinkEnd),
        calls: callId === undefined ? [] : [callId],
        notes: [
          ...(cutThinking ? ['the thinking was cut off by the token limit'] : []),
          ...(text === '' && finish?.reason === 'content-filter' ? ['the provider refused the prompt'] : []),
        ],
        truncatedTokens: 0,
      };
    },
  };
}

/** Options of the task that the model has under a name of its own; others go into the request as they are, where that is possible. */
function modelOptions(
  model: LanguageModel,
  { until: _until, max_gen_toks: _limit, do_sample: _sample, temperature: _temperature, ...rest }: Readonly<Record<string, PythonValue>>,
): JsonObject {
  const known: Record<string, JsonValue> = {};
  const extra: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(rest)) {
    const own = name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    (knowsOption(model, own) ? known : extra)[knowsOption(model, own) ? own : name] = jsonOf(value);
  }
  if (Object.keys(extra).length === 0) return known;
  if (knowsOption(model, 'extraBody')) return { ...known, extraBody: extra };
  throw new LmdeckError('usage', `${model.id} has no option ${Object.keys(extra).join(', ')}, which the task's generation_kwargs set.`);
}

function promptOf(model: LanguageModel, context: TaskContext): readonly Message[] {
  if (typeof context !== 'string') return messagesOf(context);
  if (model.capabilities.raw === true) return [raw(context)];
  throw new LmdeckError(
    'capability',
    `${model.id} takes no plain text: it has only its chat format. Use --apply_chat_template, or a model that continues raw text.`,
    {
      data: { model: model.id, capability: 'raw' },
    },
  );
}

function numberOf(value: PythonValue): number | undefined {
  return value instanceof PythonFloat ? value.value : typeof value === 'number' ? value : undefined;
}

function jsonOf(value: PythonValue): JsonValue {
  if (value instanceof PythonFloat) return value.value;
  if (typeof value === 'bigint') return Number(value);
  if (value === undefined || value === null) return null;
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(jsonOf);
  const entries: readonly (readonly [PythonValue, PythonValue])[] = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(entries.map(([key, member]) => [pythonStr(key), jsonOf(member)]));
}
