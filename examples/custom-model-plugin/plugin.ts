import { defineOptions, definePlugin, messageText, type Model } from 'lmdeck';

const markov: Model = {
  id: 'markov',
  capabilities: { streaming: true },
  options: defineOptions({ words: { type: 'integer', minimum: 1, default: 20, description: 'How many words to say.' } }),
  async *generate({ messages, options }) {
    const words = messages.map(messageText).join(' ').split(/\s+/);
    let word = words.at(-1);
    for (let left = Number(options['words'] ?? 20); left > 0; left--) {
      const followers = words.filter((_, index) => index > 0 && words[index - 1] === word);
      word = followers[Math.floor(Math.random() * followers.length)] ?? words[0];
      yield { type: 'text-delta', text: `${word} ` };
    }
    yield { type: 'finish', reason: 'stop' };
  },
};

export const plugin = definePlugin({
  name: 'lmdeck-markov',
  models: (registry) => registry.register(markov, { description: 'Goes on with the words of the prompt.' }),
});
