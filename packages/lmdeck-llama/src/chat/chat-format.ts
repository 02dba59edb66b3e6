import { LmdeckError, type Message, type ModelRequest, type ToolDefinition } from 'lmdeck/core';
import type { ChatModelFunctions, ChatWrapper, GbnfJsonSchema, LlamaModel, LlamaText, Token } from 'node-llama-cpp';
import type { Engine, NodeLlama } from '../engine.ts';
import type { ReasoningSyntax } from './answer-reader.ts';
import { toHistory, toPlainText } from './history.ts';
import { toolSyntax, type ToolSyntax } from './tool-syntax.ts';

/** A Jinja chat template in place of the file's; `false`: none, prompts go in as they are. */
export type ChatTemplateOption = string | false;

/** How the messages of a model become tokens and what its answers can contain. */
export interface ChatFormat {
  /** `raw` when there is no chat template. */
  readonly name: string;
  /** Texts that end an answer. */
  readonly stops: readonly string[];
  readonly tools: ToolSyntax | undefined;
  readonly reasoning: ReasoningSyntax | undefined;
  readonly startsReasoning: boolean;
  /** All texts that are looked for in answers. */
  readonly markers: readonly string[];
  render(messages: readonly Message[], tools?: readonly ToolDefinition[]): Token[];
}

/** Name of the tiny model in its file. */
const TINY_NAME = 'Tiny Demo';

/** The format that a model was trained on: its own template, or the one that is given. */
export function chatFormat(engine: Engine, model: LlamaModel, modelId: string, template: ChatTemplateOption | undefined): ChatFormat {
  const { tokenizer, general } = model.fileInfo.metadata;
  const own = tokenizer.chat_template;
  if (template === false || (template === undefined && (own === undefined || own.trim() === ''))) return rawFormat(model, modelId);
  const { library } = engine;
  const isTiny = template === undefined && general.name === TINY_NAME;
  try {
    const wrapper = isTiny ? hermesWrapper(library) : jinjaWrapper(library, model, template);
    return wrapperFormat(library, model, modelId, wrapper, isTiny);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LmdeckError(
      'config',
      `${modelId}: the chat template cannot be used: ${reason}. Give another one (chatTemplate), or false for none.`,
      { cause: error },
    );
  }
}

/**
 * A Jinja template as it stands. The engine's own search for a wrapper tries all its wrappers against the template first, which takes
 * a third of a second; it is left for templates that its Jinja cannot run.
 */
function jinjaWrapper(library: NodeLlama, model: LlamaModel, given: string | undefined): ChatWrapper {
  const template = given ?? model.fileInfo.metadata.tokenizer.chat_template ?? '';
  try {
    return new library.JinjaTemplateChatWrapper({ template, tokenizer: model.tokenizer });
  } catch (error) {
    if (given !== undefined) throw error;
    return library.resolveChatWrapper(model, { warningLogs: false, noJinja: true });
  }
}

/** ChatML with tools as Hermes and Qwen write them, except that a tool result that is plain text is not quoted. */
function hermesWrapper(library: NodeLlama): ChatWrapper {
  class HermesChatWrapper extends library.QwenChatWrapper {
    override generateFunctionCallResult(name: string, params: unknown, result: unknown): LlamaText {
      if (typeof result !== 'string') return super.generateFunctionCallResult(name, params, result);
      const { prefix, suffix } = this.settings.functions.result;
      return library.LlamaText([prefix, result, suffix]);
    }
  }
  return new HermesChatWrapper({ variation: '3' });
}

function wrapperFormat(library: NodeLlama, model: LlamaModel, modelId: string, wrapper: ChatWrapper, isTiny: boolean): ChatFormat {
  const { functions, segments } = wrapper.settings;
  const tools = toolSyntax(library, functions);
  const thought = isTiny ? undefined : segments?.thought;
  const opening = thought === undefined || isOpenedOnStart(thought.prefix) ? '' : textOf(library, thought.prefix).trim();
  const closing = textOf(library, thought?.suffix ?? segments?.closeAllSegments ?? '').trim();
  const reasoning = thought === undefined || closing === '' ? undefined : { opening, closing };
  const { stopGenerationTriggers } = wrapper.generateContextState({
    chatHistory: [
      { type: 'user', text: 'x' },
      { type: 'model', response: [] },
    ],
  });
  const stops = [...new Set(stopGenerationTriggers.filter((each) => isPlain(library, each)).map((each) => each.toString()))];
  return {
    name: wrapper.wrapperName,
    stops,
    tools,
    reasoning,
    startsReasoning: thought !== undefined && (thought.openOnResponseStart === true || isOpenedOnStart(thought.prefix)),
    markers: [
      ...stops,
      ...(tools === undefined ? [] : [tools.sectionPrefix, tools.prefix, tools.paramsPrefix, tools.suffix, tools.betweenCalls]),
      ...(reasoning === undefined ? [] : [reasoning.opening, reasoning.closing]),
    ],
    render: (messages, definitions = []) => {
      if (definitions.length > 0 && tools === undefined)
        throw new LmdeckError('capability', `${modelId}: its chat template has no form for tools. Take a model that was trained on tools.`);
      const chatHistory = toHistory(messages, { library, modelId, tools, breakBeforeCalls: isTiny });
      const state = wrapper.generateContextState(
        definitions.length === 0 ? { chatHistory } : { chatHistory, availableFunctions: toFunctions(definitions) },
      );
      return state.contextText.tokenize(model.tokenizer);
    },
  };
}

function rawFormat(model: LlamaModel, modelId: string): ChatFormat {
  return {
    name: 'raw',
    stops: [],
    tools: undefined,
    reasoning: undefined,
    startsReasoning: false,
    markers: [],
    render: (messages, definitions = []) => {
      if (definitions.length > 0)
        throw new LmdeckError(
          'capability',
          `${modelId} has no chat template, so it has no form for tools. Take an instruction-tuned model.`,
        );
      const { bos, shouldPrependBosToken } = model.tokens;
      const tokens = model.tokenize(toPlainText(messages, modelId));
      return bos !== null && (shouldPrependBosToken || tokens.length === 0) ? [bos, ...tokens] : tokens;
    },
  };
}

function toFunctions(definitions: readonly ToolDefinition[]): ChatModelFunctions {
  return Object.fromEntries(
    definitions.map(({ name, description, parameters }) => {
      // Here the engine only prints the schema, so it may be any JSON Schema, not just those it has grammars for.
      const params: GbnfJsonSchema = JSON.parse(JSON.stringify(parameters));
      return [name, description === undefined ? { params } : { description, params }];
    }),
  );
}

/** The tools that the answer may call. */
export function offeredTools({ tools = [], toolChoice = 'auto' }: ModelRequest): readonly ToolDefinition[] {
  if (toolChoice === 'none') return [];
  return typeof toolChoice === 'object' ? tools.filter((tool) => tool.name === toolChoice.name) : tools;
}

function isOpenedOnStart(prefix: string | LlamaText | { type: 'openedOnStart' }): prefix is { type: 'openedOnStart' } {
  return typeof prefix === 'object' && 'type' in prefix && prefix.type === 'openedOnStart';
}

function textOf(library: NodeLlama, text: string | LlamaText): string {
  return library.LlamaText(text).toString();
}

/** False for triggers like "end of sequence", which the engine stops at by itself. */
function isPlain(library: NodeLlama, text: LlamaText): boolean {
  return text.values.length > 0 && text.values.every((value) => !(value instanceof library.SpecialToken));
}
