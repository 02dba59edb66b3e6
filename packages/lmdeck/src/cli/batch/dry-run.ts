import type { LanguageModel, Message, Tokenizer } from '../../core/index.ts';
import { batchRows } from '../../batch/index.ts';
import type { Deck } from '../../deck/index.ts';
import type { ParsedOptions } from '../args/parsed-options.ts';
import type { CliIo } from '../io/cli-io.ts';
import { counted, plural } from '../io/progress.ts';
import { EXIT } from '../io/report-error.ts';
import { dollars } from '../prompt/usage-text.ts';
import type { BatchSettings } from './batch-record.ts';
import { sourceOf } from './source-of.ts';

const CHARS_PER_TOKEN = 4;
const SHOWN_PROBLEMS = 10;

type Counter = (messages: readonly Message[]) => number | Promise<number>;

/** Counts rows and tokens and says what they will cost; asks nothing. @returns 3 when there are rows that cannot be asked. */
export async function dryRun(settings: BatchSettings, options: ParsedOptions, deck: Deck, io: CliIo): Promise<number> {
  const model = settings.model === undefined ? undefined : await deck.model(settings.model);
  const { count, how } = await counterOf(model);
  let rows = 0;
  let answers = 0;
  let inputTokens = 0;
  let outputTokens: number | undefined = 0;
  const problems: string[] = [];
  for await (const row of batchRows(sourceOf(settings, io), settings)) {
    rows++;
    if ('error' in row) {
      problems.push(row.error.message);
      if (problems.length <= SHOWN_PROBLEMS) io.note(row.error.message);
      continue;
    }
    const { messages, options: asked, samples = 1 } = row.request;
    const calls = model?.capabilities.samples === true ? 1 : samples;
    inputTokens += calls * (await count(messages));
    answers += samples;
    const most = asked['maxTokens'];
    outputTokens = outputTokens === undefined || typeof most !== 'number' ? undefined : outputTokens + most * samples;
  }
  const price = model?.price;
  const share = settings.offline === true ? (model?.batches?.priceShare ?? 1) : 1;
  const input = price === undefined ? undefined : inputTokens * price.input * share;
  const output = price === undefined || outputTokens === undefined ? undefined : outputTokens * price.output * share;
  if (options.flag('json')) {
    const facts = {
      model: model?.id ?? null,
      rows,
      malformed: problems.length,
      answers,
      input_tokens: inputTokens,
      counted: how,
      max_output_tokens: outputTokens ?? null,
      input_cost_micros: input ?? null,
      max_cost_micros: input === undefined || output === undefined ? null : input + output,
    };
    await io.print(`${JSON.stringify(facts, undefined, 2)}\n`);
  } else {
    if (problems.length > SHOWN_PROBLEMS) io.note('… further rows that cannot be asked are only counted.');
    const lines = [
      `${plural(rows, 'row')}${problems.length === 0 ? '' : `, ${counted(problems.length)} of which cannot be asked`}; ${plural(answers, 'answer')} of ${model?.id ?? 'the models that the rows name'}`,
      `${how === 'characters' ? 'about ' : ''}${counted(Math.round(inputTokens))} input tokens (${HOW[how]})`,
      outputTokens === undefined
        ? 'output tokens: unknown without a limit (-p max_tokens N)'
        : `at most ${counted(outputTokens)} output tokens`,
      input === undefined
        ? `cost: unknown, the price of ${model?.id ?? 'the models'} is not known (prices.yaml)`
        : `cost: ${dollars(input)} for the input${output === undefined ? '' : `, at most ${dollars(input + output)} in all`}`,
    ];
    await io.print(`${lines.join('\n')}\n`);
  }
  return problems.length > 0 ? EXIT.incomplete : EXIT.ok;
}

const HOW = {
  template: "counted by the model's tokenizer and chat template",
  tokenizer: "counted by the model's tokenizer, without what its chat template adds",
  characters: `an estimate: a token for every ${CHARS_PER_TOKEN} characters`,
};

async function counterOf(model: LanguageModel | undefined): Promise<{ readonly count: Counter; readonly how: keyof typeof HOW }> {
  const tokenizer: Tokenizer | undefined = await model?.tokenizer?.().catch(() => undefined);
  if (tokenizer === undefined) return { how: 'characters', count: (messages) => textOf(messages).length / CHARS_PER_TOKEN };
  if (tokenizer.chatTemplate === undefined) return { how: 'tokenizer', count: (messages) => tokenizer.count(textOf(messages)) };
  const { countMessages } = await import('../../tokenize/index.ts');
  return { how: 'template', count: (messages) => countMessages(tokenizer, messages) };
}

function textOf(messages: readonly Message[]): string {
  return messages.flatMap(({ parts }) => parts.flatMap((part) => ('text' in part ? [part.text] : []))).join('\n');
}
