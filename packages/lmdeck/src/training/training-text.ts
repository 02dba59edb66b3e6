import { LmdeckError, messageText, type ChatTemplate, type JsonObject, type StoredCall, type Tokenizer } from '../core/index.ts';
import { codePoints } from './code-points.ts';
import { exampleOf, isCall, type TrainingExample } from './training-example.ts';

/** What is known of the target model: its chat template, and its BOS. */
export interface TrainingTextOptions {
  /** The target model's tokenizer; its chat template renders the messages. */
  readonly tokenizer?: Pick<Tokenizer, 'id' | 'bos' | 'chatTemplate' | 'encode'> | undefined;
  /** A chat template instead of the tokenizer's own. */
  readonly template?: ChatTemplate | undefined;
  /** Further variables of the template (`enable_thinking`, …). */
  readonly variables?: JsonObject | undefined;
  /**
   * What becomes of a BOS at the beginning of the rendered text: `strip` takes it off, because the trainer's tokenizer adds it again; `keep`
   * leaves it. Default: taken off, unless the tokenizer is here and shows that it adds none.
   */
  readonly bos?: 'strip' | 'keep' | undefined;
  /** Which sample of a call. Default: 0. */
  readonly sample?: number | undefined;
  /**
   * What to do when the rendered prompt is not how the rendered text begins (some templates render the last answer otherwise than they open it):
   * `throw`, or take what both have in common as the prompt. Default: `throw`.
   */
  readonly mismatch?: 'throw' | 'common-prefix' | undefined;
}

/** A text to train on, and where the part to learn begins. */
export interface TrainingText {
  readonly text: string;
  /** Length of `outputText` in Unicode code points, as Python counts: `text[:-n_predicted]` is the prompt there. */
  readonly nPredicted: number;
  readonly promptText: string;
  readonly outputText: string;
  /** True when a BOS was taken off the beginning. */
  readonly bosStripped: boolean;
}

/**
 * The text of a call for training: prompt and answer as the target model's chat template renders them, and how much of its end is the answer.
 * The prompt is rendered with what opens the assistant's turn, and must be how the whole text begins. Raw prompts need no template.
 *
 * @throws LmdeckError `capability` when there is no chat template; `invalid-request` when the template refuses the messages, or renders
 * the prompt alone otherwise than at the beginning of the text; `usage` for a call without an answer.
 *
 * @example
 * ```ts
 * import { assistant, user, type ChatTemplate } from 'lmdeck';
 * import { trainingText } from 'lmdeck/training';
 *
 * const template: ChatTemplate = {
 *   source: '(a template would stand here)',
 *   render: (messages, options) =>
 *     messages.map((message) => `<${message.role}>${message.parts.map((part) => ('text' in part ? part.text : '')).join('')}</>`).join('') +
 *     (options?.addGenerationPrompt ? '<assistant>' : ''),
 * };
 * const { text, nPredicted } = trainingText({ messages: [user('2 + 2?')], answer: assistant('4 ✅') }, { template });
 * console.log(text); // <user>2 + 2?</><assistant>4 ✅</>
 * console.log(nPredicted); // 6
 * ```
 */
export function trainingText(input: StoredCall | TrainingExample, options: TrainingTextOptions): TrainingText {
  const example = isCall(input) ? exampleOf(input, options.sample) : input;
  const rendered = example.messages[0]?.role === 'raw' ? rawTexts(example) : templateTexts(example, options);
  return parted(withoutBos(rendered, options), options);
}

interface Rendered {
  readonly prompt: string;
  readonly text: string;
  readonly bosStripped: boolean;
}

function rawTexts({ messages, answer }: TrainingExample): Rendered {
  const [part] = messages[0]?.parts ?? [];
  if (part?.type !== 'text') {
    throw new LmdeckError('capability', 'A raw prompt of token ids has no text to train on: trainingSample takes the ids as they are.');
  }
  return { prompt: part.text, text: part.text + messageText(answer), bosStripped: false };
}

function templateTexts({ messages, answer, tools }: TrainingExample, options: TrainingTextOptions): Rendered {
  const template = options.template ?? options.tokenizer?.chatTemplate;
  if (template === undefined) {
    const whose = options.tokenizer === undefined ? 'no tokenizer was given' : `the tokenizer ${options.tokenizer.id} has none`;
    throw new LmdeckError(
      'capability',
      `Training text needs the target model's chat template, and ${whose}. Give { template }, or a tokenizer that has one.`,
    );
  }
  const { variables } = options;
  return {
    prompt: template.render(messages, { tools, variables, addGenerationPrompt: true }),
    text: template.render([...messages, answer], { tools, variables, addGenerationPrompt: false }),
    bosStripped: false,
  };
}

function withoutBos(rendered: Rendered, options: TrainingTextOptions): Rendered {
  const { tokenizer } = options;
  const bos = tokenizer?.bos;
  if (bos === undefined || bos.text === '' || !rendered.text.startsWith(bos.text)) return rendered;
  if (options.bos === 'keep' || (options.bos === undefined && !addsBos(tokenizer, bos.id))) return rendered;
  const cut = (text: string): string => (text.startsWith(bos.text) ? text.slice(bos.text.length) : text);
  return { prompt: cut(rendered.prompt), text: cut(rendered.text), bosStripped: true };
}

/** A tokenizer on a server is not asked: most add their BOS. */
function addsBos(tokenizer: TrainingTextOptions['tokenizer'], bos: number): boolean {
  const ids = tokenizer?.encode('', { addSpecial: true });
  return ids === undefined || 'then' in ids || ids[0] === bos;
}

function parted({ prompt, text, bosStripped }: Rendered, { mismatch = 'throw' }: TrainingTextOptions): TrainingText {
  const at = text.startsWith(prompt) ? prompt.length : commonPrefix(prompt, text);
  if (at < prompt.length && mismatch === 'throw') throw notAPrefix(prompt, text, at);
  const outputText = text.slice(at);
  return { text, nPredicted: codePoints(outputText), promptText: text.slice(0, at), outputText, bosStripped };
}

function commonPrefix(a: string, b: string): number {
  let at = 0;
  while (at < a.length && at < b.length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  // Not between the halves of a character.
  const last = a.charCodeAt(at - 1);
  return last >= 0xd800 && last <= 0xdbff ? at - 1 : at;
}

function notAPrefix(prompt: string, text: string, at: number): LmdeckError {
  const shown = (whole: string): string => JSON.stringify(whole.slice(Math.max(0, at - 20), at + 40));
  return new LmdeckError(
    'invalid-request',
    `The chat template renders the prompt alone otherwise than before the answer: from character ${at} on ${shown(prompt)} and ${shown(text)}. ` +
      'Templates do so that open the answer with something (a thinking block) that they leave out of answers given, or that look at the last message. ' +
      `Set the template's variables so that both agree, or take what they have in common as the prompt: { mismatch: 'common-prefix' }.`,
    { data: { at } },
  );
}
