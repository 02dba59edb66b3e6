import { LmdeckError } from '../../core/index.ts';
import type { Deck } from '../../deck/index.ts';
import type { CallFormat } from '../../interop/index.ts';
import type { Tape } from '../../tape/index.ts';
import type { CommandOption } from '../args/command.ts';
import type { ParsedOptions } from '../args/parsed-options.ts';

/** The formats to train on; they are made with options of their own. */
export const trainingFormatNames: readonly { readonly name: string; readonly summary: string }[] = [
  { name: 'sft', summary: 'conversations for TRL and axolotl: {"messages", "tools"}' },
  { name: 'prompt-completion', summary: 'for TRL, only the answer is learnt: {"prompt", "completion", "tools"}' },
  { name: 'dpo', summary: 'preferences for TRL, out of scored answers to a prompt: {"prompt", "chosen", "rejected"}' },
  { name: 'openai-ft', summary: 'OpenAI\'s fine-tuning: {"messages", "tools", "parallel_tool_calls"}' },
  { name: 'training', summary: "TapeAgents' TrainingText: text, n_predicted, reward, group_id; token ids and labels with --tokens" },
];

/** Options of the formats to train on. */
export const trainingOptions: readonly CommandOption[] = [
  { flags: '--score-key <name>', description: 'The tag or metadata that is the score', default: 'reward' },
  { flags: '--min-score <number>', description: 'Only answers with at least this score' },
  { flags: '--per <what>', description: 'A line for each call, conversation (its end) or prompt (its best answer)', default: 'call' },
  { flags: '--pairs <which>', description: 'dpo: best-worst, or all answers of different score', default: 'best-worst' },
  { flags: '--dedupe', description: 'Write equal lines once' },
  { flags: '--include-cut-off', description: 'Also answers that were cut off at the token limit (training: always)' },
  { flags: '--reasoning <key>', description: 'Write the reasoning under this key (reasoning_content, thinking)' },
  {
    flags: '--tokenizer <what>',
    description: 'training: tokenizer.json of the target model, its folder, or a model id',
    completes: 'file',
  },
  {
    flags: '--chat-template <file>',
    description: "training: a chat template (Jinja) instead of the tokenizer's own; - for stdin",
    completes: 'file',
  },
  { flags: '--tokens', description: 'training: with token ids, labels and log-probabilities' },
  { flags: '--common-prefix', description: 'training: where prompt and text are rendered otherwise, take what they have in common' },
];

/** The format of a name with what the options say; nothing when it is none to train on. */
export async function trainingFormat(name: string, options: ParsedOptions, tape: Tape, deck: Deck): Promise<CallFormat | undefined> {
  if (!trainingFormatNames.some((format) => format.name === name)) return undefined;
  const training = await import('../../training/index.ts');
  const shared = {
    tape,
    per: oneOf(options.text('per') ?? 'call', '--per', ['call', 'conversation', 'prompt'] as const),
    scoreKey: options.text('scoreKey'),
    minScore: number(options.text('minScore'), '--min-score'),
    dedupe: options.flag('dedupe'),
    reasoning: options.text('reasoning'),
    ...(options.flag('includeCutOff') ? { cutOff: true } : {}),
  };
  switch (name) {
    case 'sft':
      return training.sftFormat(shared);
    case 'prompt-completion':
      return training.promptCompletionFormat(shared);
    case 'openai-ft':
      return training.openaiFormat(shared);
    case 'dpo':
      return training.preferenceFormat({
        ...shared,
        pairs: oneOf(options.text('pairs') ?? 'best-worst', '--pairs', ['best-worst', 'all'] as const),
      });
    default: {
      const named = options.text('tokenizer');
      if (named === undefined)
        throw new LmdeckError(
          'usage',
          "--format training needs the target model's chat template: --tokenizer PATH (tokenizer.json or its folder) or a model id.",
        );
      const { templateIn, tokenizerOf } = await import('./tokenizer-of.ts');
      const tokenizer = await tokenizerOf(named, deck);
      const template = options.text('chatTemplate');
      return training.trainingTextFormat({
        ...shared,
        tokenizer,
        ...(template === undefined ? {} : { template: await templateIn(template, tokenizer) }),
        tokens: options.flag('tokens'),
        ...(options.flag('commonPrefix') ? { mismatch: 'common-prefix' as const } : {}),
      });
    }
  }
}

function oneOf<T extends string>(value: string, flag: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw new LmdeckError('usage', `${flag} is ${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}, not "${value}".`);
}

function number(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new LmdeckError('usage', `${flag} takes a number, not "${text}".`);
  return value;
}
