import { LmdeckError, type ChatTemplate, type JsonObject, type Message, type RenderOptions } from '../../core/index.ts';
import { messageDicts, toolDicts, type TemplateMessage } from './message-dicts.ts';
import { continued, marked } from './continue-final-message.ts';
import { FloatParser } from './float-parser.ts';
import type { CompiledTemplate } from './compiled-template.ts';

/** What a template is given besides messages and tools. */
export interface ChatTemplateOptions {
  /** Text of the special token that begins a sequence: `bos_token`. */
  readonly bos?: string | undefined;
  /** Text of the special token that ends one: `eos_token`. */
  readonly eos?: string | undefined;
  /** Further variables of every rendering (`pad_token`, `enable_thinking`, …); those of a call win. */
  readonly variables?: JsonObject | undefined;
  /** The clock of `strftime_now`, read in local time. Default: the system's. */
  readonly now?: (() => Date) | undefined;
  /**
   * How a list or a dict comes out that a template prints without `tojson`: as JSON, as Hugging Face's JavaScript libraries do, or as in
   * Python, with single quotes, as `transformers` does. Default: `json`.
   */
  readonly printing?: 'json' | 'python' | undefined;
  /** Leads error messages. Default: `chat template`. */
  readonly name?: string | undefined;
}

/** A chat template that can also be given its variables as they are. */
export interface JinjaChatTemplate extends ChatTemplate {
  /**
   * Renders with these variables and none else, except for the special tokens and `variables` of the options: for messages that are
   * dicts already.
   * @throws LmdeckError `invalid-request` as `render` does.
   */
  renderVariables(variables: JsonObject): string;
}

/**
 * Reads a chat template (Jinja), through `@huggingface/jinja`. Renders what `apply_chat_template` of `transformers` renders:
 * `trim_blocks` and `lstrip_blocks`, `break` and `continue`, `raise_exception`, `strftime_now`, `tojson` of Python.
 *
 * @throws LmdeckError `config` when the source is no template.
 *
 * @example
 * ```ts
 * import { chatTemplate } from 'lmdeck/tokenize';
 * import { user } from 'lmdeck';
 *
 * const template = await chatTemplate(
 *   "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}" +
 *     "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}",
 * );
 * console.log(JSON.stringify(template.render([user('Hello')]))); // "<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n"
 * ```
 */
export async function chatTemplate(source: string, options: ChatTemplateOptions = {}): Promise<JinjaChatTemplate> {
  const { bos, eos, now, printing = 'json', name = 'chat template' } = options;
  const { compileTemplate } = await import('./compiled-template.ts');
  const compiled = compileTemplate(source, { name, now: now ?? ((): Date => new Date()), printing });
  const standard: JsonObject = {
    ...(bos === undefined ? {} : { bos_token: bos }),
    ...(eos === undefined ? {} : { eos_token: eos }),
    ...options.variables,
  };
  return {
    source,
    render: (messages, renderOptions = {}) => render(compiled, standard, messages, renderOptions, name),
    renderVariables: (variables) => compiled.render({ ...standard, ...variables }),
  };
}

function render(
  compiled: CompiledTemplate,
  standard: JsonObject,
  messages: readonly Message[],
  options: RenderOptions,
  name: string,
): string {
  const { tools = [], continueFinalMessage = false } = options;
  const addGenerationPrompt = options.addGenerationPrompt ?? (!continueFinalMessage && messages.at(-1)?.role !== 'assistant');
  if (continueFinalMessage && addGenerationPrompt)
    throw new LmdeckError(
      'usage',
      `${name}: continueFinalMessage and addGenerationPrompt exclude each other: the last message is open or it is not.`,
    );
  const given: JsonObject = { ...standard, ...options.variables };
  const parser = new FloatParser();
  const dicts = messageDicts(messages, parser.parse);
  const draw = (chat: readonly TemplateMessage[]): string =>
    compiled.render(
      {
        ...given,
        messages: chat,
        tools: tools.length > 0 ? toolDicts(tools) : (given['tools'] ?? null),
        documents: given['documents'] ?? null,
        add_generation_prompt: addGenerationPrompt,
      },
      parser.found,
    );
  if (!continueFinalMessage) return draw(dicts);
  const { chat, text } = marked(dicts, name);
  return continued(draw(chat), text, name);
}
