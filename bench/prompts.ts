/** Prompts among which the closest one is looked for: two collections of 2000, and to each a question that is near one of them and one that is near none. */
import { seeded } from './workload.ts';

export interface Prompts {
  readonly recorded: readonly Prompt[];
  /** About 5 % of a recorded one are changed. */
  readonly near: Prompt;
  /** Made in the same way as the recorded ones, of other words. */
  readonly miss: Prompt;
}

export interface Prompt {
  readonly system: string;
  readonly user: string;
}

/** `same`: one system prompt of 1.5 KB, 4.2 KB in all. `mixed`: no two alike, 1 to 8 KB. */
export type PromptSet = 'same' | 'mixed';

const count = 2000;

export function promptsOf(set: PromptSet): Prompts {
  const random = seeded(set === 'same' ? 1 : 2);
  const text = prose(random);
  const system = text(1500);
  const make = (): Prompt =>
    set === 'same'
      ? { system, user: text(2550 + Math.floor(random() * 300)) }
      : { system: text(300), user: text(700 + Math.floor(random() * 7000)) };
  const recorded = Array.from({ length: count }, make);
  const near = recorded[Math.floor(count / 3)] ?? make();
  const miss = set === 'same' ? { system, user: text(2700) } : { system: text(300), user: text(3900) };
  return { recorded, near: { system: near.system, user: edited(near.user, random, text) }, miss };
}

/** What of a prompt is compared: `promptText` of lmdeck. */
export function fullText({ system, user }: Prompt): string {
  return `system: ${system}\n\nuser: ${user}`;
}

const letters = 'etaoinshrdlucmfwypvbgkjqxz';
const frequencies = [
  12.7, 9.1, 8.2, 7.5, 7, 6.7, 6.3, 6.1, 6, 4.3, 4, 2.8, 2.8, 2.4, 2.2, 2.4, 2, 1.9, 1, 1.5, 2, 0.8, 0.15, 0.1, 0.15, 0.07,
];
const vocabulary = 4000;

/** Words of letters as frequent as in English, by Zipf's law: two such texts are as unlike as two English ones (similarity 0.25). */
function prose(random: () => number): (length: number) => string {
  const total = frequencies.reduce((sum, each) => sum + each);
  const letter = (): string => {
    let rest = random() * total;
    return letters.charAt(
      Math.max(
        0,
        frequencies.findIndex((each) => (rest -= each) < 0),
      ),
    );
  };
  const words = Array.from({ length: vocabulary }, () =>
    Array.from({ length: 2 + Math.floor((random() + random()) * 5) }, letter).join(''),
  );
  return (length) => {
    let text = '';
    while (text.length < length) {
      text += words[Math.floor(vocabulary ** random()) - 1] ?? '';
      const end = random();
      text += end < 0.06 ? '. ' : end < 0.12 ? ', ' : end < 0.13 ? '\n' : ' ';
    }
    // By way of bytes, so that it is one string and not the pieces of a concatenation.
    return Buffer.from(text.slice(0, length)).toString();
  };
}

function edited(text: string, random: () => number, other: (length: number) => string): string {
  let result = '';
  for (let i = 0; i < text.length;) {
    if (random() < 0.05 / 8) {
      i += Math.floor(random() * 12);
      result += other(Math.floor(random() * 12));
    } else result += text.charAt(i++);
  }
  return Buffer.from(result).toString();
}
