import { assistant, LmdeckError, user, type JsonValue, type LanguageModel, type Message, type Response } from '../core/index.ts';
import { PartialJson, unwrapped, type SchemaProblem } from '../schema/index.ts';
import { CallLedger } from './call-ledger.ts';
import type { FunctionOptions } from './function-options.ts';
import type { FunctionResult } from './function-outcome.ts';
import type { FunctionPlan } from './function-plan.ts';
import { promptOptions } from './prompt-options.ts';
import { runTools } from './tool-rounds.ts';
import { problemText } from './validated-value.ts';

const ATTEMPTS = 3;
const TOOL_ROUNDS = 8;

/** One call of a function: what is asked of whom, and how. */
export interface FunctionCall {
  readonly plan: FunctionPlan;
  readonly model: LanguageModel;
  readonly input: unknown;
  readonly options: FunctionOptions;
  /** Whether somebody reads the result as it comes. */
  readonly streams: boolean;
}

/**
 * Asks until there is a valid result: first for it, then for a repair of the last answer, with what is wrong with it. Yields the value as far as it has
 * come.
 */
export async function* functionSteps(call: FunctionCall): AsyncGenerator<JsonValue, FunctionResult<unknown>, undefined> {
  const { plan, options } = call;
  const asked = await plan.messages(call.input);
  const ledger = new CallLedger();
  const most = options.attempts ?? ATTEMPTS;
  let messages = asked;
  for (let attempt = 1; ; attempt++) {
    const { text, isCut } = yield* answer(call, messages, ledger);
    const reading = await plan.read(text);
    if (reading.problems === undefined) return { value: reading.value, ...ledger.trace(reading.leniencies) };
    const problems = isCut ? [CUT, ...reading.problems] : reading.problems;
    if (attempt >= most) throw exhausted(call, ledger, text, problems);
    messages = [...asked, assistant(text.trim() === '' ? '(no answer)' : text), user(repair(problems))];
  }
}

interface Answer {
  readonly text: string;
  readonly isCut: boolean;
}

const CUT: SchemaProblem = { path: '$', message: 'The answer was cut off by the token limit (maxTokens): it has to be shorter.' };

/** The text that a model answers, after whatever tools it called. */
async function* answer(call: FunctionCall, messages: readonly Message[], ledger: CallLedger): AsyncGenerator<JsonValue, Answer, undefined> {
  const { plan, model, options } = call;
  const { tools = [], toolRounds = TOOL_ROUNDS } = options;
  let refused = plan.refused(model.id);
  let response = model.prompt(messages, promptOptions(call, ledger.first));
  for (let rounds = 0; ;) {
    try {
      if (call.streams) yield* pieces(response, plan.isWrapped);
      await response.message();
    } catch (error) {
      // A grammar or server that cannot enforce a keyword is asked without it: the answer is checked for it anyway.
      const keyword = LmdeckError.isInstance(error) && error.code === 'capability' ? error.data?.['keyword'] : undefined;
      if (typeof keyword !== 'string' || refused.has(keyword)) throw error;
      plan.refuse(model.id, keyword);
      refused = plan.refused(model.id);
      response = model.prompt(messages, promptOptions(call, ledger.first));
      continue;
    }
    await ledger.add(response);
    const calls = tools.length === 0 ? [] : await response.toolCalls();
    if (calls.length === 0) return { text: await response.text(), isCut: await isCutOff(call, response) };
    if (rounds++ >= toolRounds)
      throw new LmdeckError('invalid-response', `${plan.name}: ${model.id} still called tools after ${toolRounds} rounds.`);
    response = response.reply(await runTools(calls, tools, options.signal), { parentCallId: ledger.first });
  }
}

async function* pieces(response: Response, isWrapped: boolean): AsyncGenerator<JsonValue, void, undefined> {
  const json = new PartialJson();
  let hasBegun = false;
  for await (const piece of response) {
    const start = hasBegun ? 0 : piece.indexOf('{');
    if (start === -1) continue;
    hasBegun = true;
    json.push(start === 0 ? piece : piece.slice(start));
    const value = isWrapped ? unwrapped(json.value) : json.value;
    if (value !== undefined) yield value;
  }
}

/** Whether the token limit ended the answer. A refusal is an error. */
async function isCutOff({ plan, model }: FunctionCall, response: Response): Promise<boolean> {
  const { parts } = await response.message();
  const refusal = parts.find((part) => part.type === 'refusal');
  const reason = (await response.finish())?.reason;
  if (refusal === undefined && reason !== 'content-filter') return reason === 'length';
  const why = refusal === undefined ? 'its provider stopped the answer' : refusal.text;
  throw new LmdeckError('content-filter', `${plan.name}: ${model.id} refused: ${why}`);
}

function repair(problems: readonly SchemaProblem[]): string {
  const lines = problems.slice(0, 20).map(({ path, message }) => `${path}: ${message}`);
  return `That is not valid:\n${lines.join('\n')}\nAnswer again with the whole output, corrected, as JSON and nothing else.`;
}

function exhausted({ plan, model }: FunctionCall, ledger: CallLedger, text: string, problems: readonly SchemaProblem[]): LmdeckError {
  const { attempts, callIds } = ledger.trace([]);
  const times = attempts === 1 ? '1 attempt' : `${attempts} attempts`;
  return new LmdeckError(
    'invalid-response',
    `${plan.name}: ${model.id} gave no valid result in ${times}. The last one: ${problemText(problems)}`,
    {
      data: { attempts, callIds, problems: problems.map((problem) => ({ ...problem })), answer: text.slice(0, 2000) },
    },
  );
}
