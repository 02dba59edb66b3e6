import { LmdeckError, ulid, type JsonSchema, type ModelRequest, type ToolDefinition } from 'lmdeck/core';
import type { Token } from 'node-llama-cpp';
import type { AnswerSyntax } from './chat/answer-reader.ts';
import { offeredTools } from './chat/chat-format.ts';
import type { ToolSyntax } from './chat/tool-syntax.ts';
import { quoted } from './grammar/gbnf.ts';
import { SchemaGrammar } from './grammar/schema-grammar.ts';
import type { LoadedModel } from './loaded-model.ts';
import type { GenerateOptions } from './options.ts';
import { rawTokens } from './raw-tokens.ts';

/** A request, made ready for the engine. */
export interface AnswerPlan {
  readonly tokens: readonly Token[];
  readonly syntax: AnswerSyntax;
  /** GBNF text that the answer must follow. */
  readonly grammar: string | undefined;
  /** The beginning of the answer that the prompt already has: a tool call that the model is made to finish. */
  readonly primed: string;
}

/**
 * Renders the prompt and decides what holds the answer in form: the grammar of the schema, or of a tool call that must come.
 * @throws LmdeckError `invalid-request`, `capability` for what the model or its template has no form for.
 */
export function planAnswer(loaded: LoadedModel, modelId: string, request: ModelRequest, options: GenerateOptions): AnswerPlan {
  const { chat, model, engine } = loaded;
  const tools = offeredTools(request);
  const { toolChoice, schema } = request;
  const forced = toolChoice === 'required' || typeof toolChoice === 'object';
  if (forced && tools.length === 0) {
    const wanted =
      typeof toolChoice === 'object'
        ? `the tool "${toolChoice.name}", which is not among the tools`
        : 'a tool call, but there are no tools';
    throw new LmdeckError('invalid-request', `${modelId}: toolChoice asks for ${wanted}.`);
  }
  const [raw] = request.messages;
  const isRaw = raw?.role === 'raw';
  if (isRaw && tools.length > 0) throw new LmdeckError('capability', `${modelId}: a raw prompt has no form for tools. Give it messages.`);
  const tokens = isRaw ? rawTokens(raw, model, modelId) : chat.render(request.messages, tools);
  const called = tools.length > 0 ? chat.tools : undefined;
  let primed = '';
  if (forced && called !== undefined) {
    const { call, parallelism } = called.template;
    primed = called.sectionPrefix + called.prefix;
    tokens.push(...engine.library.LlamaText([parallelism?.call.sectionPrefix ?? '', call.prefix]).tokenize(model.tokenizer));
  }
  const grammar = answerGrammar(modelId, schema, tools, called, forced);
  if (options.logprobs) checkLogprobs(modelId, options, grammar !== undefined);
  return {
    tokens,
    grammar,
    primed,
    syntax: {
      stops: isRaw ? options.stop : [...options.stop, ...chat.stops],
      tools: called,
      reasoning: isRaw ? undefined : chat.reasoning,
      startsReasoning: chat.startsReasoning && !forced && !isRaw,
      trimStart: chat.name !== 'raw' && !isRaw,
      callId: () => `call_${ulid()}`,
    },
  };
}

function answerGrammar(
  modelId: string,
  schema: JsonSchema | undefined,
  tools: readonly ToolDefinition[],
  syntax: ToolSyntax | undefined,
  forced: boolean,
): string | undefined {
  if (schema === undefined && !forced) return undefined;
  const grammar = new SchemaGrammar(modelId);
  const answer = forced || schema === undefined ? undefined : grammar.add(schema);
  if (syntax === undefined) return grammar.text(answer ?? '""');
  // Arguments are checked by whoever runs the tool, so a keyword that no grammar can hold does no harm here.
  const calls = tools.map(
    ({ name, parameters }) => `${quoted(name + syntax.paramsPrefix)} ${grammar.add(parameters, 'ignore')} ${quoted(syntax.suffix)}`,
  );
  const call = grammar.rule('call', calls.join(' | '));
  if (answer === undefined) return grammar.text(call);
  const first = quoted(syntax.sectionPrefix + syntax.prefix);
  const further = quoted(syntax.betweenCalls + syntax.prefix);
  return grammar.text(`${answer} | ${first} ${call} (${further} ${call})*`);
}

/** The engine gives the probabilities that it samples from; only here are they the model's own. */
function checkLogprobs(modelId: string, options: GenerateOptions, constrained: boolean): void {
  const penalties = options.repeatPenalty !== 1 || options.presencePenalty !== 0 || options.frequencyPenalty !== 0;
  if (options.temperature === 0 && !penalties && !constrained) return;
  const why = constrained ? 'a schema or a forced tool' : penalties ? 'penalties' : `temperature ${options.temperature}`;
  throw new LmdeckError(
    'capability',
    `${modelId}: with ${why} the engine's probabilities are not the model's own. Ask for logprobs at temperature 0, without schema, penalties and forced tools.`,
  );
}
