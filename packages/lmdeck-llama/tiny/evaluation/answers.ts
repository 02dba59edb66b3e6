import type { LanguageModel } from 'lmdeck/core';
import { callText, type ChatItem } from './items.ts';
import { Tallies } from './tally.ts';

/** Longest expected answer is about 50 tokens. */
const MOST_TOKENS = 80;
const AT_ONCE = 8;

export interface WrongAnswer {
  readonly family: string;
  readonly question: string;
  readonly expected: string;
  readonly answer: string;
}

/** Greedy answers, exact match of the whole text, several at once. */
export async function evaluateAnswers(
  model: LanguageModel,
  items: readonly ChatItem[],
): Promise<{ tallies: Tallies; wrong: WrongAnswer[] }> {
  const tallies = new Tallies();
  const wrong: WrongAnswer[] = [];
  const queue = items.values();
  const work = async (): Promise<void> => {
    for (const item of queue) {
      const answer = await answerTo(model, item);
      tallies.add(item.family, answer === item.expected);
      if (answer === item.expected) continue;
      const last = item.messages.at(-1)?.parts[0];
      const question = last?.type === 'text' ? last.text : last?.type === 'tool-result' ? last.output : '';
      wrong.push({ family: item.family, question, expected: item.expected, answer });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { tallies, wrong };
}

async function answerTo(model: LanguageModel, { messages, tools }: ChatItem): Promise<string> {
  const response = model.prompt(messages, { tools, options: { temperature: 0, maxTokens: MOST_TOKENS } });
  const text = await response.text();
  const calls = await response.toolCalls();
  return text + calls.map((call) => callText(call.name, call.argumentsText)).join('\n');
}
