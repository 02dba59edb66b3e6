import { LmdeckError } from '../../core/index.ts';
import { isPythonSpace, pythonStr, type PythonValue } from '../../python/index.ts';
import { maybeDelimit } from '../requests/delimit.ts';

/** One turn of an evaluation prompt, and what follows it when the prompt is plain text. */
export interface PromptTurn {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
  readonly delimiter: string;
}

/** A question, its answer if it is an example, and what stands between. */
export interface QuestionTurn {
  readonly question: string;
  readonly choices?: readonly string[] | undefined;
  /** Text, the number of a choice, or several right answers of which the first is shown. Absent for the document that is asked. */
  readonly answer?: PythonValue;
  /** What the answer begins with. */
  readonly prefix?: string | undefined;
  readonly targetDelimiter: string;
  readonly fewshotDelimiter: string;
}

/** The turns of one question, as `build_qa_turn` of lm-evaluation-harness makes them. */
export function questionTurns({
  question,
  choices,
  answer,
  prefix,
  targetDelimiter,
  fewshotDelimiter,
}: QuestionTurn): readonly PromptTurn[] {
  const hasAnswer = answer !== undefined && answer !== null && answer !== '';
  const hasPrefix = prefix !== undefined && prefix !== '';
  const delimited = hasPrefix ? needsDelimiter(question, prefix) : hasAnswer;
  const user: PromptTurn = { role: 'user', content: question, delimiter: delimited ? targetDelimiter : '' };
  if (hasAnswer) {
    const text = maybeDelimit(prefix, answerText(answer, choices), ' ');
    return [user, { role: 'assistant', content: text, delimiter: fewshotDelimiter }];
  }
  return hasPrefix ? [user, { role: 'assistant', content: prefix, delimiter: '' }] : [user];
}

/** The turns as plain text. */
export function turnsAsText(turns: readonly PromptTurn[]): string {
  return turns.map(({ content, delimiter }) => content + delimiter).join('');
}

/** All questions and answers in one user message; a system message before them and an open answer after them stay apart. */
export function collapsedTurns(turns: readonly PromptTurn[]): readonly PromptTurn[] {
  const system = turns[0]?.role === 'system' ? [turns[0]] : [];
  const rest = turns.slice(system.length);
  const open = rest.at(-1)?.role === 'assistant' ? rest.slice(-1) : [];
  const asked = rest.slice(0, rest.length - open.length);
  const last = asked.at(-1);
  const closed = last === undefined ? asked : [...asked.slice(0, -1), { ...last, delimiter: '' }];
  return [...system, { role: 'user', content: turnsAsText(closed), delimiter: '' }, ...open];
}

function answerText(answer: PythonValue, choices: readonly string[] | undefined): string {
  const first: PythonValue = Array.isArray(answer) ? answer[0] : answer;
  if (typeof answer === 'number' && choices !== undefined && choices.length > 0) {
    const choice = choices.at(answer);
    if (choice === undefined)
      throw new LmdeckError('config', `a few-shot example has answer ${answer}, but only ${choices.length} choices.`);
    return choice;
  }
  return pythonStr(first);
}

function needsDelimiter(before: string, after: string): boolean {
  return before !== '' && !isPythonSpace(before.slice(-1)) && !isPythonSpace(after.slice(0, 1));
}
