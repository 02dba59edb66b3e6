/** What every client is asked to do: the same prompts, options and tool, so that the same bytes go out and come back. */

export const systemText = 'You are a helpful assistant.';
export const temperature = 0;
export const maxTokens = 64;

/** A prompt that no other call has, so that nothing can be remembered from one call to the next. */
export function promptText(index: number): string {
  return `Question ${index}: what is the capital of France, and on which river does it sit? Answer in one sentence.`;
}

export const saveNotes = {
  name: 'save_notes',
  description: 'Saves notes.',
  parameters: {
    type: 'object',
    properties: { title: { type: 'string' }, items: { type: 'array', items: { type: 'object' } }, pad: { type: 'string' } },
    required: ['title'],
  },
};

export const chatTools = [{ type: 'function' as const, function: saveNotes }];

export function chatMessages(index: number): { role: 'system' | 'user'; content: string }[] {
  return [
    { role: 'system', content: systemText },
    { role: 'user', content: promptText(index) },
  ];
}

/** The body that a hand-written client sends. */
export function chatBody(model: string, index: number, extra: object = {}): string {
  return JSON.stringify({ model, messages: chatMessages(index), temperature, max_tokens: maxTokens, ...extra });
}

/** Random numbers in [0, 1) that are the same in every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const words =
  'the quick brown fox jumps over a lazy dog while seven curious engineers measure throughput of streaming clients on noisy shared machines'.split(
    ' ',
  );

/** Words drawn with `random`, exactly `length` characters. */
export function wordsOf(length: number, random: () => number): string {
  let text = '';
  while (text.length < length) text += ` ${words[Math.floor(random() * words.length)] ?? ''}`;
  return text.slice(1, length + 1).padEnd(length, '.');
}
